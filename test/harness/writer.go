package harness

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-sql-driver/mysql"
)

// Writer changes a seeded catalogue at random, the way applications do: single rows,
// transactions over many tables, moved foreign keys, changed keys, renamed parents,
// savepoints and rollbacks. It leaves the fixed courses' names and visibility alone, and
// never touches updated_at.
type Writer struct {
	DB   *sql.DB
	Rand *rand.Rand

	changes []Change
	hardy   bool // goes on when the server is away
	commits atomic.Int64
	refused atomic.Int64 // changes that another writer was in the way of
	cut     atomic.Int64 // changes during which the server went away; they may be done or not
}

// Change is one thing that a writer does, with its weight.
type Change struct {
	Name   string
	Weight int
	Do     func(w *Writer, tx *sql.Tx) error          // in a transaction
	Alone  func(ctx context.Context, w *Writer) error // instead of Do: what takes more than a transaction
}

// Crew is what some writers do together.
type Crew struct {
	Writers   int
	PerSecond int  // changes that each begins
	Hardy     bool // the server may go away meanwhile
	Changes   []Change
}

// Work is what a crew has done.
type Work struct{ Commits, Refused, Cut int64 }

// Writers starts some that change everything, about perSecond transactions each, and one
// witness at the same rate, for as long as the test wants. The returned function stops
// them and tells how many transactions were committed.
func (w *World) Writers(n, perSecond int, seeds *rand.Rand) (stop func() int64) {
	w.T.Helper()
	end := w.Hire(Crew{Writers: n, PerSecond: perSecond, Changes: Changes()}, seeds)
	return func() int64 { return end().Commits }
}

// Hire starts a crew and a witness. The returned function stops them and tells what they
// have done.
func (w *World) Hire(c Crew, seeds *rand.Rand) (stop func() Work) {
	w.T.Helper()
	all := []*Writer{{changes: witness}}
	for range c.Writers {
		all = append(all, &Writer{changes: c.Changes})
	}
	ctx, cancel := context.WithCancel(context.Background())
	var done sync.WaitGroup
	failed := make(chan error, len(all))
	for _, one := range all {
		one.DB, one.Rand, one.hardy = w.DB, rand.New(rand.NewPCG(seeds.Uint64(), 0)), c.Hardy
		done.Go(func() {
			if err := one.run(ctx, c.PerSecond); err != nil {
				failed <- err
			}
		})
	}
	var work Work
	once := sync.OnceFunc(func() {
		cancel()
		done.Wait()
		close(failed)
		for err := range failed {
			w.T.Errorf("a writer failed: %v", err)
		}
		for _, one := range all {
			work.Commits += one.commits.Load()
			work.Refused += one.refused.Load()
			work.Cut += one.cut.Load()
		}
	})
	w.T.Cleanup(once)
	return func() Work {
		once()
		return work
	}
}

func (w *Writer) run(ctx context.Context, perSecond int) error {
	tick := time.NewTicker(time.Second / time.Duration(perSecond))
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
		c := w.choose()
		if err := w.change(ctx, c); err != nil && ctx.Err() == nil {
			return fmt.Errorf("%s: %w", c.Name, err)
		}
	}
}

func (w *Writer) choose() Change {
	sum := 0
	for _, c := range w.changes {
		sum += c.Weight
	}
	at := w.Rand.IntN(sum)
	for _, c := range w.changes {
		if at -= c.Weight; at < 0 {
			return c
		}
	}
	return w.changes[0]
}

// change does one change. Another writer may have been in the way (a deadlock, a row that
// has gone since): then nothing of it was done.
func (w *Writer) change(ctx context.Context, c Change) error {
	err := w.attempt(ctx, c)
	if e, ok := errors.AsType[*mysql.MySQLError](err); ok {
		switch e.Number {
		case 1205, 1213, 1412, 1451, 1452, 1062: // lock timeout, deadlock, altered meanwhile, foreign keys, duplicate
			w.refused.Add(1)
			return nil
		}
	}
	if err != nil && w.hardy && isDisconnected(err) {
		w.cut.Add(1)
		return nil
	}
	if err == nil {
		w.commits.Add(1)
	}
	return err
}

func (w *Writer) attempt(ctx context.Context, c Change) error {
	if c.Alone != nil {
		return c.Alone(ctx, w)
	}
	tx, err := w.DB.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := c.Do(w, tx); err != nil {
		_ = tx.Rollback()
		return err
	}
	return tx.Commit()
}

// isDisconnected says whether an error means that the server was not there or went away.
func isDisconnected(err error) bool {
	if e, ok := errors.AsType[*mysql.MySQLError](err); ok {
		return e.Number == 1053 || e.Number == 3169 || e.Number == 1317 // shutting down, killed, interrupted
	}
	_, network := errors.AsType[net.Error](err)
	return network || errors.Is(err, mysql.ErrInvalidConn) || errors.Is(err, driver.ErrBadConn) || errors.Is(err, io.EOF) || errors.Is(err, sql.ErrTxDone)
}

// Free is the id of a course that may be changed in every way; the row may be gone.
func (w *Writer) Free() int { return FixedCourses + 1 + w.Rand.IntN(SeedCourses-FixedCourses) }

// Newest is the id of one of the courses that writers made, 0 when there is none.
func (w *Writer) Newest(tx *sql.Tx) (id int64, err error) {
	err = tx.QueryRow(`SELECT id FROM courses WHERE id > ? ORDER BY id DESC LIMIT 1 OFFSET ?`, SeedCourses, w.Rand.IntN(20)).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return id, err
}

// Org is the id of one of the seeded orgs.
func (w *Writer) Org() int { return 1 + w.Rand.IntN(SeedOrgs) }

// Teacher is the id of one of the seeded teachers.
func (w *Writer) Teacher() int { return 1 + w.Rand.IntN(SeedTeachers) }

// Tag is the id of one of the seeded tags.
func (w *Writer) Tag() int { return 1 + w.Rand.IntN(SeedTags) }

// Execute runs a statement of a transaction.
func Execute(tx *sql.Tx, statement string, args ...any) error {
	_, err := tx.Exec(statement, args...)
	return err
}

// Statement is a change that is one statement.
func Statement(text string, args func(w *Writer) []any) func(*Writer, *sql.Tx) error {
	return func(w *Writer, tx *sql.Tx) error { return Execute(tx, text, args(w)...) }
}

// Rename is a change of the name of one of n parents.
func Rename(table string, n int) func(*Writer, *sql.Tx) error {
	return func(w *Writer, tx *sql.Tx) error {
		id := 1 + w.Rand.IntN(n)
		return Execute(tx, "UPDATE "+table+" SET name = ? WHERE id = ?", fmt.Sprintf("新%s%d之%d", table, id, w.Rand.IntN(1_000_000)), id)
	}
}

func remove(tx *sql.Tx, course int64) error {
	for _, table := range []string{"course_tags", "course_teachers", "lessons", "course_daily_counts"} {
		if err := Execute(tx, "DELETE FROM "+table+" WHERE course_id = ?", course); err != nil {
			return err
		}
	}
	return Execute(tx, "DELETE FROM courses WHERE id = ?", course)
}
