-- How far the queues of events are counted, and which hits of searches were opened.

-- +goose Up
CREATE TABLE event_positions (
    queue      VARCHAR(64)     NOT NULL PRIMARY KEY COMMENT 'a queue that was lost and began anew has another name',
    millis     BIGINT UNSIGNED NOT NULL DEFAULT 0,
    sequence   BIGINT UNSIGNED NOT NULL DEFAULT 0,
    updated_at DATETIME(3)     NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_0900_bin COMMENT 'everything up to here is in the daily counts';

CREATE TABLE search_clicks (
    id         BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    search_id  VARCHAR(64)     NOT NULL,
    kind       ENUM ('course', 'org', 'teacher') NOT NULL,
    item_id    BIGINT UNSIGNED NOT NULL,
    position   INT UNSIGNED    NOT NULL COMMENT 'in the list of its kind, from 1',
    clicked_at DATETIME(3)     NOT NULL,
    KEY search_clicks_search_id (search_id),
    KEY search_clicks_clicked_at (clicked_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_0900_bin;

-- +goose Down
DROP TABLE search_clicks, event_positions;
