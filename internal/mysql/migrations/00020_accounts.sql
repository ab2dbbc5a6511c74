-- Learners, their sessions, the codes of links that were mailed to them, and work that is done after a
-- request: mails. Personal data; no document is made of it.

-- +goose Up
CREATE TABLE accounts (
    id         BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    email      VARCHAR(254)    NOT NULL COMMENT 'as it was typed, its domain in ASCII',
    email_key  VARCHAR(254)    NOT NULL COMMENT 'in lower case: one address, one account',
    password   VARCHAR(255)    NOT NULL COMMENT 'Argon2id with its parameters, never the password',
    nickname   VARCHAR(40)     NOT NULL DEFAULT '',
    language   CHAR(2)         NOT NULL DEFAULT 'zh' COMMENT 'of mails',
    created_at DATETIME(6)     NOT NULL COMMENT 'UTC',
    UNIQUE KEY accounts_email (email_key)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_0900_bin;

-- A code is found by its hash. That of a registration has what becomes the account: nobody has one
-- whose address was not shown to be theirs.
CREATE TABLE account_codes (
    hash       BINARY(32)      NOT NULL PRIMARY KEY COMMENT 'SHA-256 of the code, which is nowhere',
    purpose    ENUM ('activate', 'reset') NOT NULL,
    account_id BIGINT UNSIGNED NOT NULL DEFAULT 0 COMMENT '0: there is none yet',
    email      VARCHAR(254)    NOT NULL DEFAULT '',
    email_key  VARCHAR(254)    NOT NULL COMMENT 'of whom it was mailed to',
    password   VARCHAR(255)    NOT NULL DEFAULT '' COMMENT 'of a registration: a hash',
    nickname   VARCHAR(40)     NOT NULL DEFAULT '',
    language   CHAR(2)         NOT NULL DEFAULT 'zh',
    expires_at DATETIME(6)     NOT NULL COMMENT 'UTC',
    KEY account_codes_email (email_key),
    KEY account_codes_account (account_id),
    KEY account_codes_expiry (expires_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_0900_bin;

CREATE TABLE account_sessions (
    id         BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    account_id BIGINT UNSIGNED NOT NULL,
    hash       BINARY(32)      NOT NULL COMMENT 'SHA-256 of what the cookie has',
    device     VARCHAR(60)     NOT NULL COMMENT 'browser and system, such as Firefox, Windows',
    created_at DATETIME(6)     NOT NULL COMMENT 'UTC',
    seen_at    DATETIME(6)     NOT NULL COMMENT 'UTC, to the minute',
    expires_at DATETIME(6)     NOT NULL COMMENT 'UTC; however much it is used',
    UNIQUE KEY account_sessions_hash (hash),
    KEY account_sessions_account (account_id),
    KEY account_sessions_expiry (expires_at),
    KEY account_sessions_seen (seen_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_0900_bin;

CREATE TABLE outbox_jobs (
    id         BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    kind       VARCHAR(40)     NOT NULL,
    payload    JSON            NOT NULL,
    state      ENUM ('waiting', 'dead') NOT NULL DEFAULT 'waiting',
    attempts   INT UNSIGNED    NOT NULL DEFAULT 0,
    created_at DATETIME(6)     NOT NULL COMMENT 'UTC, by this server, as are the others',
    due_at     DATETIME(6)     NOT NULL COMMENT 'of the next attempt; while one is made, when it is given up',
    reason     VARCHAR(500)    NOT NULL DEFAULT '' COMMENT 'of the last failure, without addresses',
    KEY outbox_jobs_due (state, due_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_0900_bin;

-- +goose Down
DROP TABLE outbox_jobs;
DROP TABLE account_sessions;
DROP TABLE account_codes;
DROP TABLE accounts;
