package mysql

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/xunke/xunke/internal/retry"
)

// How often a transaction is tried when other writers are in its way, and the pauses.
const transactAttempts = 8

var transactBackoff = retry.Backoff{First: 40 * time.Millisecond, Max: 500 * time.Millisecond}

// Transact runs change in a transaction and commits it. After a deadlock or a lock that was
// waited for in vain everything is undone and tried again, up to eight times; so it is after
// the error numbers in again. Each attempt starts from nothing: change must not keep
// anything of the one before. Its error comes back as it is.
func Transact(ctx context.Context, db *sql.DB, isolation sql.IsolationLevel, change func(*sql.Tx) error, again ...uint16) error {
	again = append(again, ErrnoDeadlock, ErrnoLockWaitTimeout)
	retryable := func(err error) bool { return IsServerError(err, again...) }
	return retry.Do(ctx, transactAttempts, transactBackoff, retryable, func() error {
		return transactOnce(ctx, db, isolation, change)
	})
}

func transactOnce(ctx context.Context, db *sql.DB, isolation sql.IsolationLevel, change func(*sql.Tx) error) error {
	tx, err := db.BeginTx(ctx, &sql.TxOptions{Isolation: isolation})
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	if err := change(tx); err != nil {
		if end := tx.Rollback(); !errors.Is(end, sql.ErrTxDone) {
			err = errors.Join(err, end)
		}
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}
