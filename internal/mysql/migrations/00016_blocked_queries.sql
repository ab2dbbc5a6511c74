-- Queries that admins do not want suggested to others, whatever they are asked.

-- +goose Up
CREATE TABLE blocked_queries (
    query      VARCHAR(64) NOT NULL PRIMARY KEY COMMENT 'in the form in which search_daily_counts has it',
    spelling   VARCHAR(64) NOT NULL COMMENT 'as an admin wrote it',
    blocked_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_0900_bin;

-- +goose Down
DROP TABLE blocked_queries;
