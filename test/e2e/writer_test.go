package e2e

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-sql-driver/mysql"
)

// writer changes a seeded catalogue at random, the way applications do: single rows,
// transactions over many tables, moved foreign keys, changed keys, renamed parents,
// savepoints and rollbacks. It leaves the fixed courses' names and visibility alone, and
// never touches updated_at.
type writer struct {
	db      *sql.DB
	rand    *rand.Rand
	changes []change
	commits atomic.Int64
	refused atomic.Int64 // operations that another writer was in the way of
}

// change is one thing that a writer does, in a transaction, with its weight.
type change struct {
	name   string
	weight int
	do     func(w *writer, tx *sql.Tx) error
}

// writers starts some that change everything, about perSecond transactions each, and one
// witness at the same rate, for as long as the test wants. The returned function stops
// them and tells how many transactions were committed.
func (w *world) writers(n int, perSecond int, seeds *rand.Rand) (stop func() int64) {
	w.t.Helper()
	all := []*writer{{changes: witness}}
	for range n {
		all = append(all, &writer{changes: changes})
	}
	ctx, cancel := context.WithCancel(context.Background())
	var done sync.WaitGroup
	failed := make(chan error, len(all))
	for _, one := range all {
		one.db, one.rand = w.db, rand.New(rand.NewPCG(seeds.Uint64(), 0))
		done.Go(func() {
			if err := one.run(ctx, perSecond); err != nil {
				failed <- err
			}
		})
	}
	var commits int64
	once := sync.OnceFunc(func() {
		cancel()
		done.Wait()
		close(failed)
		for err := range failed {
			w.t.Errorf("a writer failed: %v", err)
		}
		for _, one := range all {
			commits += one.commits.Load()
		}
	})
	stop = func() int64 {
		once()
		return commits
	}
	w.t.Cleanup(once)
	return stop
}

func (w *writer) run(ctx context.Context, perSecond int) error {
	tick := time.NewTicker(time.Second / time.Duration(perSecond))
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
		c := w.choose()
		if err := w.transact(ctx, c); err != nil && ctx.Err() == nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
	}
}

func (w *writer) choose() change {
	sum := 0
	for _, c := range w.changes {
		sum += c.weight
	}
	at := w.rand.IntN(sum)
	for _, c := range w.changes {
		if at -= c.weight; at < 0 {
			return c
		}
	}
	return w.changes[0]
}

// transact does one change. Another writer may have been in the way (a deadlock, a row
// that has gone since): then nothing of it was done.
func (w *writer) transact(ctx context.Context, c change) error {
	tx, err := w.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := c.do(w, tx); err != nil {
		_ = tx.Rollback()
		if e, ok := errors.AsType[*mysql.MySQLError](err); ok {
			switch e.Number {
			case 1205, 1213, 1451, 1452, 1062: // lock timeout, deadlock, foreign keys, duplicate
				w.refused.Add(1)
				return nil
			}
		}
		return err
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	w.commits.Add(1)
	return nil
}

// free is the id of a course that may be changed in every way; the row may be gone.
func (w *writer) free() int { return fixedCourses + 1 + w.rand.IntN(seedCourses-fixedCourses) }

// newest is the id of one of the courses that writers made, 0 when there is none.
func (w *writer) newest(tx *sql.Tx) (id int64, err error) {
	err = tx.QueryRow(`SELECT id FROM courses WHERE id > ? ORDER BY id DESC LIMIT 1 OFFSET ?`, seedCourses, w.rand.IntN(20)).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return id, err
}

func (w *writer) org() int     { return 1 + w.rand.IntN(seedOrgs) }
func (w *writer) teacher() int { return 1 + w.rand.IntN(seedTeachers) }
func (w *writer) tag() int     { return 1 + w.rand.IntN(seedTags) }

func execute(tx *sql.Tx, statement string, args ...any) error {
	_, err := tx.Exec(statement, args...)
	return err
}

// statement is a change that is one statement.
func statement(text string, args func(w *writer) []any) func(*writer, *sql.Tx) error {
	return func(w *writer, tx *sql.Tx) error { return execute(tx, text, args(w)...) }
}

// rename is a change of the name of one of n parents.
func rename(table string, n int) func(*writer, *sql.Tx) error {
	return func(w *writer, tx *sql.Tx) error {
		id := 1 + w.rand.IntN(n)
		return execute(tx, "UPDATE "+table+" SET name = ? WHERE id = ?", fmt.Sprintf("新%s%d之%d", table, id, w.rand.IntN(1_000_000)), id)
	}
}

func remove(tx *sql.Tx, course int64) error {
	for _, table := range []string{"course_tags", "course_teachers", "lessons", "course_daily_counts"} {
		if err := execute(tx, "DELETE FROM "+table+" WHERE course_id = ?", course); err != nil {
			return err
		}
	}
	return execute(tx, "DELETE FROM courses WHERE id = ?", course)
}
