-- Who read, exported or erased what visitors say about themselves. A row says how many, by
-- their ids, never whose: what was erased is not written down again here.

-- +goose Up
CREATE TABLE consultation_audit (
    id     BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    at     DATETIME(6)     NOT NULL COMMENT 'UTC, by this server',
    who    VARCHAR(100)    NOT NULL COMMENT 'the page or the command, and its user',
    action ENUM ('list', 'finish', 'export', 'erase', 'clean') NOT NULL,
    number BIGINT UNSIGNED NOT NULL COMMENT 'of consultations',
    ids    VARCHAR(1000)   NOT NULL COMMENT 'the first of them',
    KEY consultation_audit_at (at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_0900_bin;

ALTER TABLE consultations ADD KEY consultations_day (day);

-- +goose Down
ALTER TABLE consultations DROP KEY consultations_day;
DROP TABLE consultation_audit;
