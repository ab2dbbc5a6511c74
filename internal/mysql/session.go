package mysql

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/xunke/xunke/internal/gtid"
)

// lookAgain is how old the answer may be whether a connection's server still takes writes
// when the pool hands the connection out.
const lookAgain = time.Second

// connection is what the driver's connections can do and the pool makes use of.
type connection interface {
	driver.Conn
	driver.ConnPrepareContext
	driver.ConnBeginTx
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.NamedValueChecker
	driver.SessionResetter
	driver.Validator
}

// session is a connection that knows which server it leads to. The driver itself notices
// at the first write that a server has become read-only; one that only reads would go on
// reading from an old source for as long as that lives.
type session struct {
	connection
	of       *servers
	address  string
	uuid     string // @@server_uuid
	readOnly bool
	looked   time.Time
	era      int64
}

var _ connection = (*session)(nil)

// ResetSession implements driver.SessionResetter: the pool calls it before it hands the
// connection out again.
func (c *session) ResetSession(ctx context.Context) error {
	if c.era != c.of.era.Load() {
		return driver.ErrBadConn
	}
	if err := c.connection.ResetSession(ctx); err != nil {
		return err
	}
	if time.Since(c.looked) < lookAgain {
		return nil
	}
	uuid := c.uuid
	// A read-only server that nobody else can replace is found again by a new connection;
	// where its name has moved, so is the one that has taken its place.
	if err := c.look(ctx); err != nil || c.readOnly || c.uuid != uuid {
		return driver.ErrBadConn
	}
	return nil
}

// look asks the server who it is and whether it takes writes.
func (c *session) look(ctx context.Context) error {
	values, err := c.row(ctx, "SELECT @@server_uuid, @@GLOBAL.read_only", 2)
	if err != nil {
		return fmt.Errorf("ask MySQL at %s whether it takes writes: %w", c.address, err)
	}
	c.uuid, c.readOnly, c.looked = values[0], values[1] != "0", time.Now()
	return nil
}

// elect decides between two servers that take writes, and closes the other one: the one
// that has executed more transactions, else the one whose address stands first. Every
// process comes to the same. The one that the applications write to moves ahead of an old
// source that has come back.
func (c *session) elect(ctx context.Context, before *session) *session {
	loser := c
	if c.uuid != before.uuid {
		mine, err := c.transactionCount(ctx)
		theirs, errBefore := before.transactionCount(ctx)
		if errBefore != nil || err == nil && mine > theirs {
			loser = before
		}
	}
	_ = loser.Close()
	if loser == c {
		return before
	}
	return c
}

// transactionCount is the number of transactions that the server has executed.
func (c *session) transactionCount(ctx context.Context) (uint64, error) {
	values, err := c.row(ctx, "SELECT @@GLOBAL.gtid_executed", 1)
	if err != nil {
		return 0, err
	}
	return gtid.Count(values[0])
}

// row runs a query that yields one row, below the pool.
func (c *session) row(ctx context.Context, query string, columns int) (texts []string, err error) {
	rows, err := c.QueryContext(ctx, query, nil)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	values := make([]driver.Value, columns)
	if err := rows.Next(values); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, errors.New("no row")
		}
		return nil, err
	}
	for _, v := range values {
		if b, ok := v.([]byte); ok {
			v = string(b)
		}
		texts = append(texts, fmt.Sprint(v))
	}
	return texts, nil
}
