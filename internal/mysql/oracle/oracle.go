// Package oracle reads from MySQL what documents ought to be, for xunke verify, and shares
// no statement with internal/mysql/source.
package oracle

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/gtid"
	"github.com/xunke/xunke/verify"
)

// Oracle reads what documents ought to be, for verify. It shares no statement with the
// indexer's reader and goes about it in another way, so that a mistake in the one is no
// mistake in the other: it walks each table in the order of its index over a span of ids
// and leaves joining, sorting and what hidden rows mean to Go.
type Oracle struct{ db *sql.DB }

var _ verify.Oracle = (*Oracle)(nil)

// New makes an oracle on an open database.
func New(db *sql.DB) *Oracle { return &Oracle{db: db} }

// Count implements verify.Oracle.
func (o *Oracle) Count(ctx context.Context, k catalog.Kind) (int64, error) {
	var n int64
	if err := o.db.QueryRowContext(ctx, "SELECT COUNT(id) FROM "+k.Plural()+" WHERE id <= ?", int64(math.MaxInt64)).Scan(&n); err != nil {
		return 0, fmt.Errorf("count rows of %s: %w", k.Plural(), err)
	}
	return n, nil
}

// ExecutedSet implements verify.Oracle.
func (o *Oracle) ExecutedSet(ctx context.Context) (string, error) {
	var set string
	if err := o.db.QueryRowContext(ctx, "SELECT @@GLOBAL.gtid_executed").Scan(&set); err != nil {
		return "", fmt.Errorf("read executed transactions: %w", err)
	}
	return set, nil
}

// Lacks implements verify.Oracle.
func (o *Oracle) Lacks(ctx context.Context, set, other string) (uint64, error) {
	var rest string
	if err := o.db.QueryRowContext(ctx, "SELECT GTID_SUBTRACT(?, ?)", set, other).Scan(&rest); err != nil {
		return 0, fmt.Errorf("compare GTID sets: %w", err)
	}
	return gtid.Count(rest)
}

// Page implements verify.Oracle.
func (o *Oracle) Page(ctx context.Context, k catalog.Kind, after int64, limit int) (items []verify.Facts, next int64, err error) {
	err = o.snapshot(ctx, func(tx *sql.Tx) error {
		var rows int
		var last sql.NullInt64
		err := tx.QueryRowContext(ctx, "SELECT COUNT(*), MAX(id) FROM (SELECT id FROM "+k.Plural()+
			" WHERE id > ? AND id <= ? ORDER BY id LIMIT ?) page", after, int64(math.MaxInt64), limit).Scan(&rows, &last)
		if err != nil {
			return fmt.Errorf("page through %s: %w", k.Plural(), err)
		}
		if rows == 0 {
			return nil
		}
		if rows == limit {
			next = last.Int64
		}
		items, err = readFacts(ctx, tx, k, span{after: after, last: last.Int64})
		return err
	})
	return items, next, err
}

// Of implements verify.Oracle.
func (o *Oracle) Of(ctx context.Context, k catalog.Kind, ids []int64) (items map[int64]verify.Facts, executed uint64, err error) {
	items = make(map[int64]verify.Facts, len(ids))
	err = o.snapshot(ctx, func(tx *sql.Tx) error {
		// This reads no table, so the snapshot does not exist yet.
		var set string
		if err := tx.QueryRowContext(ctx, "SELECT @@GLOBAL.gtid_executed").Scan(&set); err != nil {
			return fmt.Errorf("read executed transactions: %w", err)
		}
		if executed, err = gtid.Count(set); err != nil || len(ids) == 0 {
			return err
		}
		list, err := readFacts(ctx, tx, k, span{ids: ids})
		for _, f := range list {
			items[f.ID] = f
		}
		return err
	})
	return items, executed, err
}

// snapshot runs read in one snapshot.
func (o *Oracle) snapshot(ctx context.Context, read func(*sql.Tx) error) (err error) {
	conn, err := o.db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("connect to MySQL: %w", err)
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	if _, err := conn.ExecContext(ctx, "SET SESSION max_execution_time = 0"); err != nil {
		return fmt.Errorf("prepare snapshot: %w", err)
	}
	tx, err := conn.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return fmt.Errorf("begin snapshot: %w", err)
	}
	defer func() {
		if e := tx.Rollback(); err == nil && !errors.Is(e, sql.ErrTxDone) {
			err = e
		}
	}()
	return read(tx)
}

func readFacts(ctx context.Context, tx *sql.Tx, k catalog.Kind, s span) ([]verify.Facts, error) {
	var list []verify.Facts
	var err error
	switch k {
	case catalog.KindCourse:
		list, err = courseFacts(ctx, tx, s)
	case catalog.KindOrg:
		list, err = orgFacts(ctx, tx, s)
	case catalog.KindTeacher:
		list, err = teacherFacts(ctx, tx, s)
	default:
		err = fmt.Errorf("unknown kind %q", k)
	}
	if err != nil {
		return nil, fmt.Errorf("read facts of %s: %w", k.Plural(), err)
	}
	return list, nil
}
