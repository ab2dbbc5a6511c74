-- The source of truth. Names and keys compare byte by byte (utf8mb4_0900_bin, no
-- padding): García and Garcia are two people. Foreign keys never cascade, because a
-- cascade changes rows without a binlog event and the indexer would not hear of it.
-- Every column but the name has a default, so that a row can be written by hand.

-- +goose Up
CREATE TABLE categories (
    id         BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    name       VARCHAR(191)    NOT NULL,
    created_at DATETIME(3)     NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    updated_at DATETIME(3)     NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
    UNIQUE KEY categories_name (name)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_0900_bin;

CREATE TABLE cities (
    id          BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    name        VARCHAR(191)    NOT NULL,
    description TEXT            NOT NULL DEFAULT (''),
    created_at  DATETIME(3)     NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    updated_at  DATETIME(3)     NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
    UNIQUE KEY cities_name (name)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_0900_bin;

CREATE TABLE tags (
    id         BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    name       VARCHAR(191)    NOT NULL,
    created_at DATETIME(3)     NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    updated_at DATETIME(3)     NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
    UNIQUE KEY tags_name (name)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_0900_bin;

CREATE TABLE orgs (
    id           BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    `key`        VARCHAR(191)    NULL COMMENT 'the caller''s own identifier, from an import',
    name         VARCHAR(255)    NOT NULL,
    description  MEDIUMTEXT      NOT NULL DEFAULT (''),
    category     ENUM ('training', 'university', 'individual') NOT NULL DEFAULT 'training',
    city_id      BIGINT UNSIGNED NULL,
    address      VARCHAR(255)    NOT NULL DEFAULT '',
    image        VARCHAR(1024)   NOT NULL DEFAULT '',
    slogan       VARCHAR(255)    NOT NULL DEFAULT '',
    is_gold      BOOLEAN         NOT NULL DEFAULT FALSE,
    is_certified BOOLEAN         NOT NULL DEFAULT FALSE,
    favorites    INT UNSIGNED    NOT NULL DEFAULT 0,
    hidden       BOOLEAN         NOT NULL DEFAULT FALSE,
    created_at   DATETIME(3)     NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    updated_at   DATETIME(3)     NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
    UNIQUE KEY orgs_key (`key`),
    KEY orgs_name (name),
    KEY orgs_city_id (city_id),
    CONSTRAINT orgs_city FOREIGN KEY (city_id) REFERENCES cities (id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_0900_bin;

CREATE TABLE teachers (
    id           BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    `key`        VARCHAR(191)    NULL,
    org_id       BIGINT UNSIGNED NULL,
    name         VARCHAR(255)    NOT NULL,
    title        VARCHAR(255)    NOT NULL DEFAULT '' COMMENT 'professor, senior engineer, …',
    bio          MEDIUMTEXT      NOT NULL DEFAULT (''),
    company      VARCHAR(255)    NOT NULL DEFAULT '',
    years_worked SMALLINT UNSIGNED NOT NULL DEFAULT 0,
    style        VARCHAR(255)    NOT NULL DEFAULT '' COMMENT 'what the teaching is known for',
    image        VARCHAR(1024)   NOT NULL DEFAULT '',
    favorites    INT UNSIGNED    NOT NULL DEFAULT 0,
    hidden       BOOLEAN         NOT NULL DEFAULT FALSE,
    created_at   DATETIME(3)     NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    updated_at   DATETIME(3)     NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
    UNIQUE KEY teachers_key (`key`),
    KEY teachers_name (name),
    KEY teachers_org_id (org_id),
    CONSTRAINT teachers_org FOREIGN KEY (org_id) REFERENCES orgs (id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_0900_bin;

CREATE TABLE courses (
    id                BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    `key`             VARCHAR(191)    NULL,
    org_id            BIGINT UNSIGNED NULL,
    category_id       BIGINT UNSIGNED NULL,
    name              VARCHAR(255)    NOT NULL,
    summary           TEXT            NOT NULL DEFAULT (''),
    description       MEDIUMTEXT      NOT NULL DEFAULT (''),
    notice            TEXT            NOT NULL DEFAULT (''),
    prerequisites     TEXT            NOT NULL DEFAULT (''),
    outcomes          TEXT            NOT NULL DEFAULT (''),
    level             ENUM ('beginner', 'intermediate', 'advanced') NULL,
    language          VARCHAR(16)     NOT NULL DEFAULT '' COMMENT 'BCP 47',
    minutes           INT UNSIGNED    NOT NULL DEFAULT 0,
    starting_students INT UNSIGNED    NOT NULL DEFAULT 0 COMMENT 'learners elsewhere, from an import',
    enrolments        INT UNSIGNED    NOT NULL DEFAULT 0 COMMENT 'learners here; shown: starting_students + enrolments',
    favorites         INT UNSIGNED    NOT NULL DEFAULT 0,
    image             VARCHAR(1024)   NOT NULL DEFAULT '',
    is_classic        BOOLEAN         NOT NULL DEFAULT FALSE,
    hidden            BOOLEAN         NOT NULL DEFAULT FALSE,
    created_at        DATETIME(3)     NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    updated_at        DATETIME(3)     NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
    UNIQUE KEY courses_key (`key`),
    KEY courses_name (name),
    KEY courses_org_id (org_id),
    KEY courses_category_id (category_id),
    CONSTRAINT courses_org FOREIGN KEY (org_id) REFERENCES orgs (id),
    CONSTRAINT courses_category FOREIGN KEY (category_id) REFERENCES categories (id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_0900_bin;

CREATE TABLE course_teachers (
    course_id  BIGINT UNSIGNED   NOT NULL,
    teacher_id BIGINT UNSIGNED   NOT NULL,
    position   SMALLINT UNSIGNED NOT NULL DEFAULT 0,
    PRIMARY KEY (course_id, teacher_id),
    KEY course_teachers_teacher_id (teacher_id),
    CONSTRAINT course_teachers_course FOREIGN KEY (course_id) REFERENCES courses (id),
    CONSTRAINT course_teachers_teacher FOREIGN KEY (teacher_id) REFERENCES teachers (id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_0900_bin;

CREATE TABLE course_tags (
    course_id BIGINT UNSIGNED NOT NULL,
    tag_id    BIGINT UNSIGNED NOT NULL,
    PRIMARY KEY (course_id, tag_id),
    KEY course_tags_tag_id (tag_id),
    CONSTRAINT course_tags_course FOREIGN KEY (course_id) REFERENCES courses (id),
    CONSTRAINT course_tags_tag FOREIGN KEY (tag_id) REFERENCES tags (id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_0900_bin;

CREATE TABLE lessons (
    id         BIGINT UNSIGNED   NOT NULL AUTO_INCREMENT PRIMARY KEY,
    course_id  BIGINT UNSIGNED   NOT NULL,
    name       VARCHAR(255)      NOT NULL,
    position   SMALLINT UNSIGNED NOT NULL DEFAULT 0,
    created_at DATETIME(3)       NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    updated_at DATETIME(3)       NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
    KEY lessons_course_id (course_id, position, id),
    CONSTRAINT lessons_course FOREIGN KEY (course_id) REFERENCES courses (id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_0900_bin;

CREATE TABLE videos (
    id         BIGINT UNSIGNED   NOT NULL AUTO_INCREMENT PRIMARY KEY,
    lesson_id  BIGINT UNSIGNED   NOT NULL,
    name       VARCHAR(255)      NOT NULL,
    url        VARCHAR(1024)     NOT NULL DEFAULT '',
    minutes    INT UNSIGNED      NOT NULL DEFAULT 0,
    position   SMALLINT UNSIGNED NOT NULL DEFAULT 0,
    created_at DATETIME(3)       NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    updated_at DATETIME(3)       NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
    KEY videos_lesson_id (lesson_id, position, id),
    CONSTRAINT videos_lesson FOREIGN KEY (lesson_id) REFERENCES lessons (id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_0900_bin;

CREATE TABLE course_resources (
    id         BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    course_id  BIGINT UNSIGNED NOT NULL,
    name       VARCHAR(255)    NOT NULL,
    url        VARCHAR(1024)   NOT NULL DEFAULT '',
    created_at DATETIME(3)     NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    updated_at DATETIME(3)     NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
    KEY course_resources_course_id (course_id),
    CONSTRAINT course_resources_course FOREIGN KEY (course_id) REFERENCES courses (id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_0900_bin;

-- What happened to an item on a day (UTC). Rankings are computed from these rows and
-- nothing else. No foreign key: a count that arrives late must never block a delete.
CREATE TABLE course_daily_counts (
    course_id  BIGINT UNSIGNED NOT NULL,
    day        DATE            NOT NULL,
    views      INT UNSIGNED    NOT NULL DEFAULT 0,
    favorites  INT UNSIGNED    NOT NULL DEFAULT 0,
    enrolments INT UNSIGNED    NOT NULL DEFAULT 0,
    PRIMARY KEY (course_id, day),
    KEY course_daily_counts_day (day)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_0900_bin;

CREATE TABLE org_daily_counts (
    org_id     BIGINT UNSIGNED NOT NULL,
    day        DATE            NOT NULL,
    views      INT UNSIGNED    NOT NULL DEFAULT 0,
    favorites  INT UNSIGNED    NOT NULL DEFAULT 0,
    enrolments INT UNSIGNED    NOT NULL DEFAULT 0,
    PRIMARY KEY (org_id, day),
    KEY org_daily_counts_day (day)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_0900_bin;

CREATE TABLE teacher_daily_counts (
    teacher_id BIGINT UNSIGNED NOT NULL,
    day        DATE            NOT NULL,
    views      INT UNSIGNED    NOT NULL DEFAULT 0,
    favorites  INT UNSIGNED    NOT NULL DEFAULT 0,
    enrolments INT UNSIGNED    NOT NULL DEFAULT 0,
    PRIMARY KEY (teacher_id, day),
    KEY teacher_daily_counts_day (day)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_0900_bin;

-- +goose Down
DROP TABLE teacher_daily_counts, org_daily_counts, course_daily_counts, course_resources, videos, lessons,
    course_tags, course_teachers, courses, teachers, orgs, tags, cities, categories;
