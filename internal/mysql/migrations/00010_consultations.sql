-- +goose Up

-- Who wants to be called back about a course. Personal data: nothing but the admins' page
-- and command reads it, and rows go when they are old.
CREATE TABLE consultations (
    id        BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    day       DATE            NOT NULL, -- UTC
    name      VARCHAR(40)     NOT NULL,
    mobile    VARCHAR(16)     NOT NULL, -- E.164
    course_id BIGINT UNSIGNED NOT NULL DEFAULT 0, -- 0: none of the catalogue
    course    VARCHAR(200)    NOT NULL,
    asked_at  DATETIME(6)     NOT NULL,
    done_at   DATETIME(6)     NULL,
    UNIQUE KEY consultations_once (mobile, day, course_id, course),
    KEY consultations_open (done_at, id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_0900_bin;

-- +goose Down
DROP TABLE consultations;
