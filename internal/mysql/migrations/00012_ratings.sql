-- What learners think of courses. There is no foreign key to courses, as there is none of
-- enrolments: a course may be deleted, and its ratings are then of no use and of no harm,
-- unless its id is used again, for which they have to be deleted, too.
-- How many there are and what they add up to stands in courses, so that reading a course
-- costs the same however many rated it.

-- +goose Up
CREATE TABLE course_ratings (
    course_id  BIGINT UNSIGNED  NOT NULL,
    learner_id BIGINT UNSIGNED  NOT NULL COMMENT 'an account; from 2^62 on somebody known from an import only',
    stars      TINYINT UNSIGNED NOT NULL,
    created_at DATETIME(3)      NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    updated_at DATETIME(3)      NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
    PRIMARY KEY (course_id, learner_id),
    CONSTRAINT course_ratings_stars CHECK (stars BETWEEN 1 AND 5)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_0900_bin COMMENT 'counted in courses.ratings and courses.rating_stars by whoever changes a row';

ALTER TABLE courses
    ADD COLUMN ratings      INT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'how many rows of course_ratings there are',
    ADD COLUMN rating_stars INT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'the sum of their stars';

-- +goose Down
ALTER TABLE courses DROP COLUMN ratings, DROP COLUMN rating_stars;
DROP TABLE course_ratings;
