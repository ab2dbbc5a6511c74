-- +goose Up

-- Views that are in no count and no ranking, because the network that they came from had had
-- its share of the item or of the day (UTC). No row says which network.
CREATE TABLE uncounted_daily_views (
    day     DATE            NOT NULL,
    kind    ENUM ('course', 'org', 'teacher') NOT NULL,
    item_id BIGINT UNSIGNED NOT NULL,
    views   BIGINT UNSIGNED NOT NULL,
    PRIMARY KEY (day, kind, item_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_0900_bin;

-- +goose Down
DROP TABLE uncounted_daily_views;
