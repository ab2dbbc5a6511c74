-- The row that the leading indexer writes every few seconds and then looks for by a search:
-- how long it takes until it is found is how fresh searches are. One row an installation.

-- +goose Up
CREATE TABLE sync_sentinels (
    installation VARCHAR(64) NOT NULL PRIMARY KEY COMMENT 'the prefix of its indices',
    written_at   DATETIME(3) NOT NULL
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_0900_bin;

-- +goose Down
DROP TABLE sync_sentinels;
