-- What is searched for and what comes of it, day by day (UTC). No row says who asked; a
-- query that looks personal is counted under the empty text.

-- +goose Up
CREATE TABLE searches (
    search_id VARCHAR(64) NOT NULL PRIMARY KEY,
    day       DATE        NOT NULL,
    query     VARCHAR(64) NOT NULL,
    spelling  VARCHAR(64) NOT NULL,
    counted   BOOLEAN     NOT NULL COMMENT 'a search of its own, not a further page of one',
    clicked   BOOLEAN     NOT NULL DEFAULT FALSE,
    KEY searches_day (day)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_0900_bin COMMENT 'kept for two days, so that clicks find their query';

CREATE TABLE search_daily_counts (
    day        DATE            NOT NULL,
    query      VARCHAR(64)     NOT NULL COMMENT 'in the form in which names are compared',
    spelling   VARCHAR(64)     NOT NULL COMMENT 'the same as it was last typed, its words apart',
    searches   BIGINT UNSIGNED NOT NULL DEFAULT 0,
    visitors   BIGINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'of that day; each once',
    zero_hits  BIGINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'searches without filters that found nothing',
    corrected  BIGINT UNSIGNED NOT NULL DEFAULT 0,
    relaxed    BIGINT UNSIGNED NOT NULL DEFAULT 0,
    clicks     BIGINT UNSIGNED NOT NULL DEFAULT 0,
    clicked    BIGINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'searches that led to a click',
    last_total BIGINT UNSIGNED NULL COMMENT 'hits without filters, when it was last asked so',
    PRIMARY KEY (day, query),
    KEY search_daily_counts_query (query, day, searches, zero_hits)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_0900_bin;

CREATE TABLE search_position_daily_counts (
    day      DATE             NOT NULL,
    kind     ENUM ('course', 'org', 'teacher') NOT NULL,
    position TINYINT UNSIGNED NOT NULL COMMENT 'in the list of its kind, from 1',
    shown    BIGINT UNSIGNED  NOT NULL DEFAULT 0,
    clicks   BIGINT UNSIGNED  NOT NULL DEFAULT 0,
    PRIMARY KEY (day, kind, position)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_0900_bin;

DROP TABLE search_clicks;

-- +goose Down
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

DROP TABLE search_position_daily_counts, search_daily_counts, searches;
