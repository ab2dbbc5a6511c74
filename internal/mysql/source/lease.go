package source

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"sync"
	"time"

	"github.com/xunke/xunke/indexer"
	"github.com/xunke/xunke/internal/retry"
)

// Times of the lease. The server closes the leader's connection, and thereby frees the
// lock, when it has heard nothing for leaseSilence: that is how long a leader that is
// stopped or cut off stays leader.
const (
	leaseSilence = 10 * time.Second
	leasePing    = 2 * time.Second
	leaseRetry   = time.Second
)

// Lease is a user-level lock (GET_LOCK) on a connection of its own. A lock was chosen
// over a row with a fencing token because nothing has to expire by a clock: the server
// that holds the source of truth frees it. Fencing is not needed, since a leader that
// does not know yet that it lost the lease writes lower versions, which lose.
type Lease struct {
	db   *sql.DB
	name string
}

var _ indexer.Lease = (*Lease)(nil)

// NewLease makes the lease of the indexers of one database and index prefix.
func NewLease(db *sql.DB, prefix string) *Lease { return &Lease{db: db, name: "indexer/" + prefix} }

// Acquire implements indexer.Lease.
func (l *Lease) Acquire(ctx context.Context) (<-chan struct{}, func(), error) {
	for {
		conn, err := l.try(ctx)
		if err != nil {
			return nil, nil, err
		}
		if conn != nil {
			lost, release := l.hold(ctx, conn)
			return lost, release, nil
		}
		if err := retry.Sleep(ctx, leaseRetry); err != nil {
			return nil, nil, err
		}
	}
}

// Try takes the lease if it is free and says whether it did.
func (l *Lease) Try(ctx context.Context) (lost <-chan struct{}, release func(), ok bool, err error) {
	conn, err := l.try(ctx)
	if err != nil || conn == nil {
		return nil, nil, false, err
	}
	lost, release = l.hold(ctx, conn)
	return lost, release, true, nil
}

// try returns the connection that holds the lock, nil when another holds it.
func (l *Lease) try(ctx context.Context) (*sql.Conn, error) {
	conn, err := l.db.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("connect for the indexer's lease: %w", err)
	}
	_, err = conn.ExecContext(ctx, `SET SESSION wait_timeout = ?`, int(leaseSilence.Seconds()))
	var got sql.NullInt64
	if err == nil {
		err = conn.QueryRowContext(ctx, `SELECT GET_LOCK(CONCAT(DATABASE(), '/', ?), 0)`, l.name).Scan(&got)
	}
	if err != nil {
		discard(conn)
		return nil, fmt.Errorf("ask for the indexer's lease: %w", err)
	}
	if got.Int64 != 1 {
		discard(conn)
		return nil, nil
	}
	return conn, nil
}

// hold pings until the connection is lost or released.
func (l *Lease) hold(ctx context.Context, conn *sql.Conn) (<-chan struct{}, func()) {
	lost := make(chan struct{})
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	var done sync.WaitGroup
	done.Go(func() {
		defer close(lost)
		// Closing the connection frees the lock; there is nothing that could fail to.
		defer discard(conn)
		for retry.Sleep(ctx, leasePing) == nil {
			ping, stop := context.WithTimeout(ctx, leaseSilence/2)
			err := conn.PingContext(ping)
			stop()
			if err != nil {
				return
			}
		}
	})
	return lost, func() {
		cancel()
		done.Wait()
	}
}

// discard closes a connection for good instead of giving it back to the pool.
func discard(conn *sql.Conn) {
	_ = conn.Raw(func(any) error { return driver.ErrBadConn })
	_ = conn.Close()
}

// IsHeld says whether any indexer leads now.
func (l *Lease) IsHeld(ctx context.Context) (bool, error) {
	var connection sql.NullInt64
	err := l.db.QueryRowContext(ctx, `SELECT IS_USED_LOCK(CONCAT(DATABASE(), '/', ?))`, l.name).Scan(&connection)
	if err != nil {
		return false, fmt.Errorf("ask who leads: %w", err)
	}
	return connection.Valid, nil
}
