-- Queries are suggested to others only if they come out of several networks on several days,
-- and if all of them was looked for. What was counted before says neither.

-- +goose Up
ALTER TABLE search_daily_counts
    ADD COLUMN networks BIGINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'of that day, that it was asked from; each once',
    ADD COLUMN shortened BIGINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'searches of which something was not looked for';

-- +goose Down
ALTER TABLE search_daily_counts DROP COLUMN networks, DROP COLUMN shortened;
