package store

import (
	"context"
	"database/sql"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/mysql"
	"github.com/xunke/xunke/learning"
)

// Export implements learning.Store.
func (s Learning) Export(ctx context.Context, account int64) (e learning.Record, err error) {
	err = s.do(ctx, "export what a learner does", func(ctx context.Context) error {
		e = learning.Record{Favorites: []learning.ExportedFavorite{}, Courses: []learning.ExportedCourse{}, Ratings: []learning.ExportedRating{}, Lessons: []learning.ExportedLesson{}}
		for _, part := range []struct {
			query string
			scan  func(rows *sql.Rows) error
		}{
			{
				`SELECT f.kind, f.item_id, COALESCE(c.name, o.name, t.name, ''), f.created_at FROM favorites f
				LEFT JOIN courses c ON f.kind = 'course' AND c.id = f.item_id AND NOT c.hidden
				LEFT JOIN orgs o ON f.kind = 'org' AND o.id = f.item_id AND NOT o.hidden
				LEFT JOIN teachers t ON f.kind = 'teacher' AND t.id = f.item_id AND NOT t.hidden
				WHERE f.account_id = ? ORDER BY f.created_at, f.kind, f.item_id`,
				func(rows *sql.Rows) error {
					var f learning.ExportedFavorite
					err := rows.Scan(&f.Type, &f.ID, &f.Name, &f.FavoritedAt)
					e.Favorites = append(e.Favorites, f)
					return err
				},
			},
			{
				`SELECT e.course_id, COALESCE(c.name, ''), e.created_at FROM enrolments e LEFT JOIN courses c ON c.id = e.course_id AND NOT c.hidden
				WHERE e.learner_id = ? ORDER BY e.created_at, e.course_id`,
				func(rows *sql.Rows) error {
					var c learning.ExportedCourse
					err := rows.Scan(&c.ID, &c.Name, &c.EnrolledAt)
					e.Courses = append(e.Courses, c)
					return err
				},
			},
			{
				`SELECT r.course_id, COALESCE(c.name, ''), r.stars, r.updated_at FROM course_ratings r LEFT JOIN courses c ON c.id = r.course_id AND NOT c.hidden
				WHERE r.learner_id = ? ORDER BY r.course_id`,
				func(rows *sql.Rows) error {
					var r learning.ExportedRating
					err := rows.Scan(&r.CourseID, &r.Name, &r.Stars, &r.RatedAt)
					e.Ratings = append(e.Ratings, r)
					return err
				},
			},
			{
				`SELECT p.lesson_id, p.course_id, COALESCE(l.name, ''), p.seconds, p.furthest, p.done, p.seen_at FROM lesson_progress p
				LEFT JOIN courses c ON c.id = p.course_id AND NOT c.hidden LEFT JOIN lessons l ON l.id = p.lesson_id AND l.course_id = c.id
				WHERE p.account_id = ? ORDER BY p.course_id, p.lesson_id`,
				func(rows *sql.Rows) error {
					var l learning.ExportedLesson
					err := rows.Scan(&l.ID, &l.CourseID, &l.Name, &l.Seconds, &l.Furthest, &l.Done, &l.SeenAt)
					e.Lessons = append(e.Lessons, l)
					return err
				},
			},
		} {
			if err := mysql.EachRow(ctx, s.db, part.query, []any{account}, part.scan); err != nil {
				return err
			}
		}
		return nil
	})
	return e, err
}

const (
	// erasedItems is how many items' counts one transaction changes: others wait for it.
	erasedItems = 50
	// erasedLessons is how many rows one statement deletes that count for nothing.
	erasedLessons = 1000
)

// Erase implements learning.Store. Items are locked in one order, so that two who erase wait for
// each other and do not deadlock.
func (s Learning) Erase(ctx context.Context, account int64) (left bool, err error) {
	err = s.change(ctx, "erase what a learner did", func(ctx context.Context, tx *sql.Tx) error {
		left = false
		var favorites []catalog.Key
		err := mysql.EachRow(ctx, tx, `SELECT kind, item_id FROM favorites WHERE account_id = ? ORDER BY kind, item_id LIMIT ?`, []any{account, erasedItems}, func(rows *sql.Rows) error {
			var k catalog.Key
			err := rows.Scan(&k.Kind, &k.ID)
			favorites = append(favorites, k)
			return err
		})
		if err != nil {
			return err
		}
		for _, k := range favorites {
			if err := removeFavorite(ctx, tx, account, k); err != nil {
				return err
			}
		}
		if left = len(favorites) > 0; left {
			return nil
		}
		enrolled, err := courseIDs(ctx, tx, `SELECT course_id FROM enrolments WHERE learner_id = ? ORDER BY course_id LIMIT ?`, account)
		if err != nil {
			return err
		}
		for _, id := range enrolled {
			if err := removeEnrolment(ctx, tx, account, id); err != nil {
				return err
			}
		}
		if left = len(enrolled) > 0; left {
			return nil
		}
		rated, err := courseIDs(ctx, tx, `SELECT course_id FROM course_ratings WHERE learner_id = ? ORDER BY course_id LIMIT ?`, account)
		if err != nil {
			return err
		}
		if left = len(rated) > 0; left {
			return mysql.DeleteRatings(ctx, tx, account, rated)
		}
		result, err := tx.ExecContext(ctx, `DELETE FROM lesson_progress WHERE account_id = ? LIMIT ?`, account, erasedLessons)
		if err != nil {
			return err
		}
		n, err := result.RowsAffected()
		left = n == erasedLessons
		return err
	})
	return left, err
}

// courseIDs asks for the first erasedItems courses of an account.
func courseIDs(ctx context.Context, tx *sql.Tx, query string, account int64) (ids []int64, err error) {
	err = mysql.EachRow(ctx, tx, query, []any{account, erasedItems}, func(rows *sql.Rows) error {
		var id int64
		err := rows.Scan(&id)
		ids = append(ids, id)
		return err
	})
	return ids, err
}
