package mysql

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/intake"
)

// Catalogue writes orgs, teachers and courses into the source of truth. Rows that are
// already as they should be are read and left alone, so that writing the same thing
// again leaves no trace in the binlog and the indexer has nothing to do.
type Catalogue struct {
	db *sql.DB
}

var _ intake.Store = (*Catalogue)(nil)

// NewCatalogue writes to a database whose schema is up to date.
func NewCatalogue(db *sql.DB) *Catalogue { return &Catalogue{db: db} }

// exclusiveWait is how long a writer waits for another one to end, in seconds.
const exclusiveWait = 10

// Exclusive keeps other imports out until release is called. Two at once would make
// the org that both name and neither defines twice, since names are not unique.
func (c *Catalogue) Exclusive(ctx context.Context) (release func() error, err error) {
	conn, err := c.db.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("lock catalogue: %w", err)
	}
	var got sql.NullInt64
	err = conn.QueryRowContext(ctx, "SELECT GET_LOCK(LEFT(CONCAT('xunke-import-', DATABASE()), 64), ?)", exclusiveWait).Scan(&got)
	if err == nil && got.Int64 != 1 {
		err = &catalog.Error{Code: catalog.CodeUnavailable, Message: "another import is running", Hint: "wait for it to end"}
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("lock catalogue: %w", err), conn.Close())
	}
	return func() error {
		_, err := conn.ExecContext(context.WithoutCancel(ctx), "DO RELEASE_LOCK(LEFT(CONCAT('xunke-import-', DATABASE()), 64))")
		return errors.Join(err, conn.Close())
	}, nil
}

// Empty says whether there is no course, no org and no teacher at all.
func (c *Catalogue) Empty(ctx context.Context) (bool, error) {
	var found bool
	err := c.db.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM courses) OR EXISTS (SELECT 1 FROM orgs) OR EXISTS (SELECT 1 FROM teachers)").Scan(&found)
	if err != nil {
		return false, fmt.Errorf("look for a catalogue: %w", err)
	}
	return !found, nil
}

// WriteOrgs writes a batch of orgs in one transaction. A row without a key that an
// earlier import made for a mere name is taken over by the first org of that name.
func (c *Catalogue) WriteOrgs(ctx context.Context, orgs []*intake.Org) (intake.Tally, error) {
	return c.transact(ctx, "orgs", func(ctx context.Context, b *batch) error { return b.orgs(ctx, orgs) })
}

// WriteTeachers writes a batch of teachers in the manner of WriteOrgs. The row without
// a key must belong to the same org.
func (c *Catalogue) WriteTeachers(ctx context.Context, teachers []*intake.Teacher) (intake.Tally, error) {
	return c.transact(ctx, "teachers", func(ctx context.Context, b *batch) error { return b.teachers(ctx, teachers) })
}

// WriteCourses writes a batch of courses with their links, lessons and resources in one
// transaction. What they name and nothing defines is made.
func (c *Catalogue) WriteCourses(ctx context.Context, courses []*intake.Course) (intake.Tally, error) {
	return c.transact(ctx, "courses", func(ctx context.Context, b *batch) error { return b.courses(ctx, courses) })
}

// batch is one transaction of a writer and what it has done so far.
type batch struct {
	tx    *sql.Tx
	tally intake.Tally
}

// How often a batch is tried when other writers are in its way, and how long it waits
// at most before it is tried again, times the attempts so far.
const (
	maxAttempts = 8
	maxPause    = 70 * time.Millisecond
)

// transact runs a batch. Each attempt starts from nothing, so that trying again is safe.
// READ COMMITTED lets a batch see the rows it collided with, and locks no gaps.
func (c *Catalogue) transact(ctx context.Context, what string, write func(context.Context, *batch) error) (intake.Tally, error) {
	for attempt := 1; ; attempt++ {
		tally, err := c.attempt(ctx, write)
		if err == nil {
			return tally, nil
		}
		inTheWay := isServerError(err, errDeadlock) || isServerError(err, errLockWaitTimeout) || isServerError(err, errDuplicate)
		if !inTheWay || attempt == maxAttempts {
			return intake.Tally{}, fmt.Errorf("write %s: %w", what, err)
		}
		wait := time.NewTimer(rand.N(time.Duration(attempt)*maxPause) + time.Millisecond)
		select {
		case <-wait.C:
		case <-ctx.Done():
			wait.Stop()
			return intake.Tally{}, ctx.Err()
		}
	}
}

func (c *Catalogue) attempt(ctx context.Context, write func(context.Context, *batch) error) (intake.Tally, error) {
	tx, err := c.db.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelReadCommitted})
	if err != nil {
		return intake.Tally{}, fmt.Errorf("begin: %w", err)
	}
	b := &batch{tx: tx}
	if err := write(ctx, b); err != nil {
		return intake.Tally{}, errors.Join(err, tx.Rollback())
	}
	if err := tx.Commit(); err != nil {
		return intake.Tally{}, fmt.Errorf("commit: %w", err)
	}
	return b.tally, nil
}
