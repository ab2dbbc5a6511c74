-- What else a word may be called, one rule a row, in the form that `xunke synonyms` takes.
-- A removed rule stays, marked, so that a rule which ships does not come back with an upgrade.

-- +goose Up
CREATE TABLE synonyms (
    id         BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    name       VARCHAR(512)    NOT NULL COMMENT 'the rule: "机器学习, machine learning" or "js => JavaScript"',
    shipped    BOOLEAN         NOT NULL DEFAULT FALSE COMMENT 'it came with the program',
    removed    BOOLEAN         NOT NULL DEFAULT FALSE,
    created_at DATETIME(3)     NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    updated_at DATETIME(3)     NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
    UNIQUE KEY synonyms_name (name)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_0900_bin;

-- +goose Down
DROP TABLE synonyms;
