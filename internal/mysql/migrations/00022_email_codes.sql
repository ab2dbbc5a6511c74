-- +goose Up
ALTER TABLE account_codes MODIFY COLUMN purpose ENUM ('activate', 'reset', 'email') NOT NULL;

-- +goose Down
DELETE FROM account_codes WHERE purpose = 'email';
ALTER TABLE account_codes MODIFY COLUMN purpose ENUM ('activate', 'reset') NOT NULL;
