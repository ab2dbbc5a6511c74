-- What learners say about courses, and what they are told. Personal data; no document is made of it.

-- +goose Up
CREATE TABLE comments (
    id         BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    course_id  BIGINT UNSIGNED NOT NULL,
    account_id BIGINT UNSIGNED NOT NULL,
    text       TEXT            NOT NULL,
    text_hash  BINARY(32)      NOT NULL COMMENT 'SHA-256: the same said twice is said once',
    state      ENUM ('waiting', 'shown', 'hidden') NOT NULL DEFAULT 'waiting',
    created_at DATETIME(3)     NOT NULL COMMENT 'UTC',
    decided_at DATETIME(3)     NULL COMMENT 'UTC; when it was last shown or hidden',
    reply      TEXT            NOT NULL DEFAULT ('') COMMENT 'by the org',
    replied_at DATETIME(3)     NULL COMMENT 'UTC',
    UNIQUE KEY comments_once (account_id, course_id, text_hash),
    KEY comments_course (course_id, state, id),
    KEY comments_state (state, id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_0900_bin;

CREATE TABLE messages (
    id         BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    kind       ENUM ('admin', 'comment_shown', 'comment_reply', 'new_lessons') NOT NULL,
    subject    VARCHAR(120)    NOT NULL DEFAULT '' COMMENT 'of an admin; what others say is worded when it is read',
    text       TEXT            NOT NULL DEFAULT (''),
    course_id  BIGINT UNSIGNED NOT NULL DEFAULT 0 COMMENT '0: about none',
    created_at DATETIME(3)     NOT NULL COMMENT 'UTC'
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_0900_bin;

CREATE TABLE message_recipients (
    account_id BIGINT UNSIGNED NOT NULL,
    message_id BIGINT UNSIGNED NOT NULL,
    read_at    DATETIME(3)     NULL COMMENT 'UTC',
    PRIMARY KEY (account_id, message_id),
    KEY message_recipients_unread (account_id, read_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_0900_bin COMMENT 'whoever deletes a message deletes the row';

CREATE TABLE announced_lessons (
    one     TINYINT UNSIGNED NOT NULL PRIMARY KEY,
    last_id BIGINT UNSIGNED  NOT NULL COMMENT 'of lessons: those up to it were announced',
    seen_id BIGINT UNSIGNED  NOT NULL COMMENT 'the last one that was there at seen_at: those up to it come next',
    seen_at DATETIME(3)      NOT NULL COMMENT 'UTC'
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_0900_bin;
INSERT INTO announced_lessons SELECT 1, COALESCE(MAX(id), 0), COALESCE(MAX(id), 0), UTC_TIMESTAMP(3) FROM lessons;

-- +goose Down
DROP TABLE announced_lessons;
DROP TABLE message_recipients;
DROP TABLE messages;
DROP TABLE comments;
