-- Who takes what. Ids of learners never leave MySQL: what is shown of them are courses that
-- several have in common. There is no foreign key to courses: a course may be deleted, and
-- its learners' rows are then of no use and of no harm.

-- +goose Up
CREATE TABLE enrolments (
    learner_id BIGINT UNSIGNED NOT NULL COMMENT 'an account; from 2^62 on somebody known from an import only',
    course_id  BIGINT UNSIGNED NOT NULL,
    created_at DATETIME(3)     NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    PRIMARY KEY (learner_id, course_id),
    KEY enrolments_course (course_id, created_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_0900_bin COMMENT 'counted in courses.enrolments by whoever adds a row';

-- +goose Down
DROP TABLE enrolments;
