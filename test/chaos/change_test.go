package chaos

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/go-sql-driver/mysql"

	"github.com/xunke/xunke/test/harness"
)

// changes are what the writers of these tests do beside what applications do every day:
// statements over many rows, definitions, and sessions with settings of their own.
func changes() []harness.Change {
	alone := func(name string, weight int, do func(ctx context.Context, w *harness.Writer) error) harness.Change {
		return harness.Change{Name: name, Weight: weight, Alone: do}
	}
	return append(harness.Changes(),
		alone("truncate the tags of all courses", 1, func(ctx context.Context, w *harness.Writer) error {
			return statements(ctx, w, []string{`TRUNCATE TABLE course_tags`, `/* tidy up */ TRUNCATE course_tags`}[w.Rand.IntN(2)])
		}),
		alone("add a column and drop it", 1, func(ctx context.Context, w *harness.Writer) error {
			table := []string{"courses", "orgs", "lessons"}[w.Rand.IntN(3)]
			column := fmt.Sprintf("extra_%d", w.Rand.IntN(1_000_000))
			// canal's parser does not know the second form.
			form := []string{` INT NOT NULL DEFAULT 1 FIRST`, ` INT NOT NULL DEFAULT 1 INVISIBLE FIRST`}[w.Rand.IntN(2)]
			return statements(ctx, w,
				`ALTER TABLE `+table+` ADD COLUMN `+column+form,
				fmt.Sprintf(`UPDATE courses SET minutes = minutes + 1 WHERE id = %d`, w.Free()),
				`ALTER TABLE `+table+` DROP COLUMN `+column)
		}),
		alone("a compressed transaction", 3, func(ctx context.Context, w *harness.Writer) error {
			first := w.Free()
			return statements(ctx, w, `SET SESSION binlog_transaction_compression = ON`,
				fmt.Sprintf(`UPDATE courses SET summary = REPEAT('压缩', 40), minutes = %d WHERE id BETWEEN %d AND %d`, w.Rand.IntN(1000), first, first+60),
				`SET SESSION binlog_transaction_compression = OFF`)
		}),
		alone("a transaction with savepoints", 3, func(ctx context.Context, w *harness.Writer) error {
			a, b := w.Free(), w.Free()
			return statements(ctx, w, `BEGIN`,
				fmt.Sprintf(`UPDATE courses SET favorites = favorites + 1 WHERE id = %d`, a), `SAVEPOINT a`,
				fmt.Sprintf(`UPDATE courses SET name = '不该有' WHERE id = %d`, b), `SAVEPOINT b`,
				fmt.Sprintf(`DELETE FROM lessons WHERE course_id = %d`, a), `ROLLBACK TO SAVEPOINT a`,
				fmt.Sprintf(`UPDATE courses SET favorites = favorites + 1 WHERE id = %d`, b), `COMMIT`)
		}),
		alone("a transaction that is rolled back", 2, func(ctx context.Context, w *harness.Writer) error {
			return statements(ctx, w, `BEGIN`, fmt.Sprintf(`UPDATE courses SET name = '不该有' WHERE id = %d`, w.Free()),
				`INSERT INTO teachers (name) VALUES ('不该有')`, `ROLLBACK`)
		}),
		alone("an XA transaction", 2, func(ctx context.Context, w *harness.Writer) error {
			id, end := fmt.Sprintf("'%d'", w.Rand.Uint64()), []string{`XA COMMIT `, `XA ROLLBACK `}[w.Rand.IntN(2)]
			return twoPhases(ctx, w, id, fmt.Sprintf(`UPDATE courses SET org_id = %d, name = '两阶段' WHERE id = %d`, w.Org(), w.Free()), end)
		}),
		alone("move many courses at once", 2, func(ctx context.Context, w *harness.Writer) error {
			return statements(ctx, w, fmt.Sprintf(`UPDATE courses SET org_id = %d WHERE org_id = %d AND id > %d LIMIT 40`, w.Org(), w.Org(), harness.FixedCourses))
		}),
		alone("delete many courses and insert as many", 1, func(ctx context.Context, w *harness.Writer) error {
			return statements(ctx, w,
				fmt.Sprintf(`INSERT INTO courses (name, org_id) SELECT CONCAT('成批', id), %d FROM courses LIMIT 100`, w.Org()),
				fmt.Sprintf(`DELETE FROM courses WHERE name LIKE '成批%%' AND id %% 3 = %d`, w.Rand.IntN(3)))
		}),
	)
}

// huge commits a transaction of 100,000 rows: counts of 400 courses, or courses, which it
// changes and deletes again in two more such transactions.
func (s *site) huge(r *rand.Rand, courses bool) {
	list := []string{`SET SESSION cte_max_recursion_depth = 1000`,
		`INSERT INTO course_daily_counts (course_id, day, views)
			WITH RECURSIVE days (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM days WHERE n < 249)
			SELECT c.id, DATE('2025-01-01') + INTERVAL n DAY, 1 FROM days, (SELECT id FROM courses WHERE id <= 400) c
			ON DUPLICATE KEY UPDATE views = views + 1`,
		`TRUNCATE TABLE course_daily_counts`} // or every read would have as many to add up from now on
	if courses {
		mark := fmt.Sprintf("十万%d", r.IntN(1_000_000))
		list = []string{`SET SESSION cte_max_recursion_depth = 100000`,
			fmt.Sprintf(`INSERT INTO courses (name, org_id)
				WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000) SELECT '%s', 1 FROM n`, mark),
			fmt.Sprintf(`UPDATE courses SET minutes = 7 WHERE name = '%s'`, mark),
			fmt.Sprintf(`DELETE FROM courses WHERE name = '%s'`, mark)}
	}
	if err := statements(s.T.Context(), &harness.Writer{DB: s.DB}, list...); err != nil {
		s.T.Logf("a transaction of 100,000 rows: %v", err)
	}
}

// twoPhases runs a statement in an XA transaction. One that is cut off between its phases
// would hold its locks for ever, so it is rolled back as soon as MySQL answers again.
func twoPhases(ctx context.Context, w *harness.Writer, id, statement, end string) error {
	conn, err := w.DB.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	for _, text := range []string{`XA START ` + id, statement, `XA END ` + id, `XA PREPARE ` + id, end + id} {
		if _, err = conn.ExecContext(ctx, text); err != nil {
			err = fmt.Errorf("%s: %w", text, err)
			break
		}
	}
	if err == nil {
		return nil
	}
	_ = conn.Raw(func(any) error { return driver.ErrBadConn }) // MySQL rolls back what is not prepared
	var unknown *mysql.MySQLError
	for range 100 {
		_, gone := w.DB.ExecContext(ctx, `XA ROLLBACK `+id)
		if gone == nil || ctx.Err() != nil || errors.As(gone, &unknown) && unknown.Number == errUnknownXA {
			break
		}
		timer := time.NewTimer(300 * time.Millisecond)
		select {
		case <-timer.C:
		case <-ctx.Done():
		}
		timer.Stop()
	}
	return err
}

// errUnknownXA is MySQL's XAER_NOTA: there is no such transaction.
const errUnknownXA = 1397

// statements runs statements on one connection.
func statements(ctx context.Context, w *harness.Writer, list ...string) error {
	conn, err := w.DB.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	for _, text := range list {
		if _, err := conn.ExecContext(ctx, text); err != nil {
			// What an earlier statement has opened must not go on in the pool.
			_, _ = conn.ExecContext(context.WithoutCancel(ctx), `ROLLBACK`)
			return fmt.Errorf("%s: %w", text, err)
		}
	}
	return nil
}
