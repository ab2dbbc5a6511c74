-- What admins have decided about the answers to single queries. A query is known by its
-- key, the normal form that the search computes as well, so that every way to type it is
-- one query. Items have no foreign key: what is curated may be deleted at any time.

-- +goose Up
CREATE TABLE curations (
    id         BIGINT UNSIGNED   NOT NULL AUTO_INCREMENT PRIMARY KEY,
    query_key  VARCHAR(256)      NOT NULL COMMENT 'the normal form of the query',
    query      VARCHAR(256)      NOT NULL COMMENT 'the query as an admin typed it last',
    action     ENUM ('pin', 'hide', 'boost') NOT NULL,
    kind       ENUM ('course', 'org', 'teacher') NOT NULL,
    item_id    BIGINT UNSIGNED   NOT NULL,
    place      SMALLINT UNSIGNED NULL COMMENT 'of a pin: the lowest comes first',
    factor     DOUBLE            NULL COMMENT 'of a boost: what the score is multiplied by',
    created_at DATETIME(3)       NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    updated_at DATETIME(3)       NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
    UNIQUE KEY curations_item (query_key, kind, item_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_0900_bin;

-- +goose Down
DROP TABLE curations;
