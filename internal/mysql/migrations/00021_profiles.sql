-- What learners say about themselves, all of it optional.

-- +goose Up
ALTER TABLE accounts
    ADD COLUMN birthday DATE NULL,
    ADD COLUMN gender ENUM ('', 'female', 'male', 'other') NOT NULL DEFAULT '' COMMENT 'empty: not said',
    ADD COLUMN city VARCHAR(60) NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE accounts DROP COLUMN birthday, DROP COLUMN gender, DROP COLUMN city;
