-- What the indexer needs in the source of truth: a row that proves how far the stream
-- has come, and the admins' requests for a reindex.

-- +goose Up
CREATE TABLE sync_marks (
    name       VARCHAR(64) NOT NULL PRIMARY KEY,
    token      VARCHAR(64) NOT NULL DEFAULT '',
    written_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_0900_bin;

CREATE TABLE reindex_requests (
    id         BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    action     ENUM ('reindex', 'rollback') NOT NULL DEFAULT 'reindex',
    kinds      VARCHAR(64)     NOT NULL DEFAULT '' COMMENT 'comma separated; empty: all',
    state      ENUM ('waiting', 'running', 'done', 'failed') NOT NULL DEFAULT 'waiting',
    message    TEXT            NOT NULL DEFAULT (''),
    created_at DATETIME(3)     NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    updated_at DATETIME(3)     NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
    KEY reindex_requests_state (state, id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_0900_bin;

-- +goose Down
DROP TABLE reindex_requests, sync_marks;
