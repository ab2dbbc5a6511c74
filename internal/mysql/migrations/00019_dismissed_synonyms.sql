-- Synonyms that were proposed and that admins do not want, so that they are not proposed again.

-- +goose Up
CREATE TABLE dismissed_synonyms (
    query        VARCHAR(64) NOT NULL COMMENT 'in the form in which names are compared',
    word         VARCHAR(64) NOT NULL COMMENT 'the same',
    dismissed_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    PRIMARY KEY (query, word)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_0900_bin;

-- +goose Down
DROP TABLE dismissed_synonyms;
