package oracle

import (
	"context"
	"database/sql"

	"github.com/xunke/xunke/verify"
)

// courseVectors reads what a model made of courses' texts, whichever texts these were.
func courseVectors(ctx context.Context, tx *sql.Tx, s span, into map[int64]*verify.Facts) error {
	return s.each(ctx, tx, `SELECT course_id, model, text_hash, vector FROM course_vectors WHERE {course_id}`, func(rows *sql.Rows) error {
		var course int64
		var v verify.Vector
		var numbers sql.RawBytes
		if err := rows.Scan(&course, &v.Model, &v.Text, &numbers); err != nil {
			return err
		}
		if f := into[course]; f != nil {
			for _, n := range numbers {
				v.Numbers = append(v.Numbers, int(int8(n))) //nolint:gosec // the bits count
			}
			f.Vector = &v
		}
		return nil
	})
}
