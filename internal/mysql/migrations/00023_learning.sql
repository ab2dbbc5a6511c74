-- What learners like and how far they are. There are no foreign keys to items, as there are none of
-- enrolments: an item may be deleted, and these rows are then of no use and of no harm.

-- +goose Up
CREATE TABLE favorites (
    account_id BIGINT UNSIGNED NOT NULL,
    kind       ENUM ('course', 'org', 'teacher') NOT NULL,
    item_id    BIGINT UNSIGNED NOT NULL,
    created_at DATETIME(3)     NOT NULL COMMENT 'UTC',
    PRIMARY KEY (account_id, kind, item_id),
    KEY favorites_item (kind, item_id, account_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_0900_bin COMMENT 'counted in favorites of the item and of its day by whoever changes a row';

CREATE TABLE lesson_progress (
    account_id BIGINT UNSIGNED NOT NULL,
    lesson_id  BIGINT UNSIGNED NOT NULL,
    course_id  BIGINT UNSIGNED NOT NULL,
    seconds    INT UNSIGNED    NOT NULL COMMENT 'where the learner was last',
    furthest   INT UNSIGNED    NOT NULL COMMENT 'the furthest that the learner came',
    done       BOOLEAN         NOT NULL DEFAULT FALSE COMMENT 'once TRUE it stays so',
    seen_at    DATETIME(3)     NOT NULL COMMENT 'UTC',
    PRIMARY KEY (account_id, lesson_id),
    KEY lesson_progress_course (account_id, course_id, seen_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_0900_bin;

ALTER TABLE course_ratings ADD KEY course_ratings_learner (learner_id);

-- +goose Down
ALTER TABLE course_ratings DROP KEY course_ratings_learner;
DROP TABLE lesson_progress;
DROP TABLE favorites;
