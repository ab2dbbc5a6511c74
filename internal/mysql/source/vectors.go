package source

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/xunke/xunke/indexer/vectors"
	"github.com/xunke/xunke/internal/mysql"
	"github.com/xunke/xunke/mappings"
)

// Vectors reads the texts of which vectors are made, and keeps the vectors. They are rows, so
// that they come to documents the way that everything does: over the binlog, by a versioned
// read, into every generation.
type Vectors struct{ db *sql.DB }

var _ vectors.Store = Vectors{}

// NewVectors makes a store on an open database.
func NewVectors(db *sql.DB) Vectors { return Vectors{db: db} }

// Page implements vectors.Store.
func (v Vectors) Page(ctx context.Context, after int64, limit int) ([]vectors.Passage, error) {
	return v.passages(ctx, `c.id > ? AND c.id <= `+GreatestID+` AND NOT c.hidden ORDER BY c.id LIMIT ?`, after, limit)
}

// Of implements vectors.Store.
func (v Vectors) Of(ctx context.Context, ids []int64) ([]vectors.Passage, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	marks, args := mysql.Placeholders(ids)
	return v.passages(ctx, `c.id IN (`+marks+`) AND NOT c.hidden ORDER BY c.id`, args...)
}

func (v Vectors) passages(ctx context.Context, where string, args ...any) ([]vectors.Passage, error) {
	courses := map[int64]mappings.Course{}
	var ids []int64
	var list []vectors.Passage
	err := mysql.EachRow(ctx, v.db, `
		SELECT c.id, c.name, c.summary, COALESCE(k.name, ''), COALESCE(v.model, ''), COALESCE(v.text_hash, '')
		FROM courses c LEFT JOIN categories k ON k.id = c.category_id LEFT JOIN course_vectors v ON v.course_id = c.id
		WHERE `+where, args, func(rows *sql.Rows) error {
		var c mappings.Course
		var p vectors.Passage
		if err := rows.Scan(&c.ID, &c.Name, &c.Summary, &c.Category, &p.Model, &p.Hash); err != nil {
			return err
		}
		p.ID, courses[c.ID] = c.ID, c
		ids, list = append(ids, c.ID), append(list, p)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read texts of courses: %w", err)
	}
	if len(ids) == 0 {
		return nil, nil
	}
	marks, all := mysql.Placeholders(ids)
	if err := loadTags(ctx, v.db, marks, all, courses); err != nil {
		return nil, err
	}
	for i := range list {
		c := courses[list[i].ID]
		list[i].Text = mappings.Passage(c.Name, c.Category, c.Tags, c.Summary)
	}
	return list, nil
}

// Save implements vectors.Store.
func (v Vectors) Save(ctx context.Context, model string, some []vectors.Vector) error {
	if len(some) == 0 {
		return nil
	}
	args := make([]any, 0, 4*len(some))
	for _, one := range some {
		numbers := make([]byte, len(one.Numbers))
		for i, n := range one.Numbers {
			numbers[i] = byte(n) //nolint:gosec // the bits count
		}
		args = append(args, one.ID, model, one.Hash, numbers)
	}
	_, err := v.db.ExecContext(ctx, `INSERT INTO course_vectors (course_id, model, text_hash, vector) VALUES `+mysql.RowMarks(4, len(some))+`
		ON DUPLICATE KEY UPDATE model = VALUES(model), text_hash = VALUES(text_hash), vector = VALUES(vector)`, args...)
	if err != nil {
		return fmt.Errorf("write vectors: %w", err)
	}
	return nil
}

// Count implements vectors.Store.
func (v Vectors) Count(ctx context.Context, model string) (have, courses int64, err error) {
	err = v.db.QueryRowContext(ctx, `SELECT (SELECT COUNT(*) FROM course_vectors v JOIN courses c ON c.id = v.course_id AND NOT c.hidden WHERE v.model = ?),
		(SELECT COUNT(*) FROM courses WHERE NOT hidden)`, model).Scan(&have, &courses)
	if err != nil {
		return 0, 0, fmt.Errorf("count vectors: %w", err)
	}
	return have, courses, nil
}

// loadVectors reads the vectors of courses.
func loadVectors(ctx context.Context, q mysql.Querier, marks string, args []any, into map[int64]mappings.Course) error {
	err := mysql.EachRow(ctx, q, `SELECT course_id, model, text_hash, vector FROM course_vectors WHERE course_id IN (`+marks+`)`, args, func(rows *sql.Rows) error {
		var id int64
		var c mappings.Course
		var numbers []byte
		if err := rows.Scan(&id, &c.VectorModel, &c.VectorText, &numbers); err != nil {
			return err
		}
		course, ok := into[id]
		if !ok {
			return nil
		}
		course.VectorModel, course.VectorText, course.Vector = c.VectorModel, c.VectorText, make([]int8, len(numbers))
		for i, n := range numbers {
			course.Vector[i] = int8(n) //nolint:gosec // the bits count
		}
		into[id] = course
		return nil
	})
	if err != nil {
		return fmt.Errorf("read vectors of courses: %w", err)
	}
	return nil
}
