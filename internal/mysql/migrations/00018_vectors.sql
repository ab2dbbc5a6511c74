-- What courses mean: for each the vector that a model made of its text, which model that was,
-- and which text. The indexer that leads writes them; a document has the vector as long as
-- the text is the same. There is no foreign key to courses, as there is none of enrolments: a
-- course may be deleted, and its vector is then of no use and of no harm.

-- +goose Up
CREATE TABLE course_vectors (
    course_id BIGINT UNSIGNED  NOT NULL,
    model     VARCHAR(100)     NOT NULL COMMENT 'name and version',
    text_hash CHAR(32)         NOT NULL COMMENT 'the first half of the SHA-256 of the text, in hexadecimal',
    vector    VARBINARY(4096)  NOT NULL COMMENT 'a signed byte a dimension',
    PRIMARY KEY (course_id),
    KEY course_vectors_model (model)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_0900_bin;

-- +goose Down
DROP TABLE course_vectors;
