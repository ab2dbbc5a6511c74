package mysql

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"
)

// How often a transaction is tried when other writers are in its way, and how long it
// waits at most before it is tried again, times the attempts so far.
const (
	maxAttempts = 8
	maxPause    = 70 * time.Millisecond
)

// Transact runs change in a transaction and commits it. After a deadlock or a lock that was
// waited for in vain everything is undone and tried again, up to eight times; so it is after
// the error numbers in retry. Each attempt starts from nothing: change must not keep
// anything of the one before. Its error comes back as it is.
func Transact(ctx context.Context, db *sql.DB, isolation sql.IsolationLevel, change func(*sql.Tx) error, retry ...uint16) error {
	retry = append(retry, ErrnoDeadlock, ErrnoLockWaitTimeout)
	for attempt := 1; ; attempt++ {
		err := transactOnce(ctx, db, isolation, change)
		if !IsServerError(err, retry...) || attempt == maxAttempts {
			return err
		}
		pause := time.NewTimer(rand.N(time.Duration(attempt)*maxPause) + time.Millisecond)
		select {
		case <-pause.C:
		case <-ctx.Done():
			pause.Stop()
			return ctx.Err()
		}
	}
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
