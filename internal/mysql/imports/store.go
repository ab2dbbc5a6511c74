// Package imports writes what an import brings into the source of truth: orgs, teachers,
// courses and what belongs to them, in batches.
package imports

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/intake"
	"github.com/xunke/xunke/internal/mysql"
)

// Store writes orgs, teachers and courses into the source of truth. Rows that are
// already as they should be are read and left alone, so that writing the same thing
// again leaves no trace in the binlog and the indexer has nothing to do.
type Store struct {
	db *sql.DB
}

var _ intake.Store = (*Store)(nil)

// NewStore writes to a database whose schema is up to date.
func NewStore(db *sql.DB) *Store { return &Store{db: db} }

// exclusiveWait is how long a writer waits for another one to end, in seconds.
const exclusiveWait = 10

// Exclusive keeps other imports out until release is called. Two at once would make
// the org that both name and neither defines twice, since names are not unique.
func (c *Store) Exclusive(ctx context.Context) (release func() error, err error) {
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
func (c *Store) Empty(ctx context.Context) (bool, error) {
	var found bool
	err := c.db.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM courses) OR EXISTS (SELECT 1 FROM orgs) OR EXISTS (SELECT 1 FROM teachers)").Scan(&found)
	if err != nil {
		return false, fmt.Errorf("look for a catalogue: %w", err)
	}
	return !found, nil
}

// WriteOrgs writes a batch of orgs in one transaction. A row without a key that an
// earlier import made for a mere name is taken over by the first org of that name.
func (c *Store) WriteOrgs(ctx context.Context, orgs []*intake.Org) (intake.Tally, error) {
	return c.transact(ctx, "orgs", func(ctx context.Context, b *batch) error { return b.orgs(ctx, orgs) })
}

// WriteTeachers writes a batch of teachers in the manner of WriteOrgs. The row without
// a key must belong to the same org.
func (c *Store) WriteTeachers(ctx context.Context, teachers []*intake.Teacher) (intake.Tally, error) {
	return c.transact(ctx, "teachers", func(ctx context.Context, b *batch) error { return b.teachers(ctx, teachers) })
}

// WriteCourses writes a batch of courses with their links, lessons and resources in one
// transaction. What they name and nothing defines is made.
func (c *Store) WriteCourses(ctx context.Context, courses []*intake.Course) (intake.Tally, error) {
	return c.transact(ctx, "courses", func(ctx context.Context, b *batch) error { return b.courses(ctx, courses) })
}

// batch is one transaction of a writer and what it has done so far.
type batch struct {
	tx    *sql.Tx
	tally intake.Tally
}

// transact runs a batch. READ COMMITTED lets it see the rows that it collided with when it
// is tried again, and locks no gaps.
func (c *Store) transact(ctx context.Context, what string, write func(context.Context, *batch) error) (intake.Tally, error) {
	var tally intake.Tally
	err := mysql.Transact(ctx, c.db, sql.LevelReadCommitted, func(tx *sql.Tx) error {
		b := &batch{tx: tx}
		err := write(ctx, b)
		tally = b.tally
		return err
	}, mysql.ErrnoDuplicate)
	if err != nil {
		return intake.Tally{}, fmt.Errorf("write %s: %w", what, err)
	}
	return tally, nil
}
