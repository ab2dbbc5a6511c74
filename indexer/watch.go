package indexer

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync/atomic"
	"time"

	"github.com/go-mysql-org/go-mysql/client"

	"github.com/xunke/xunke/internal/gtid"
)

// How often the source is compared with what the stream brings, after how many looks a
// silent stream is given up, and how few bytes between two looks are silence: heartbeats
// are fewer.
const (
	watchEvery  = 5 * time.Second
	silentLooks = 3
	silentBytes = 4096
)

// errHistoryMoved ends a leadership: the next one compares the histories and begins a new
// epoch if it must.
var errHistoryMoved = errors.New("the source's history has changed under the stream")

// runWatch looks at the source now and then. After RESET MASTER it goes on sending
// heartbeats on a stream that is open and never a transaction again (MySQL 8.0.33), so the
// stream itself does not show.
func (l *leader) runWatch(ctx context.Context) error {
	var w watch
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
		position, err := l.Source.Position(ctx)
		if err != nil {
			return err
		}
		l.mu.Lock()
		now := sight{
			serverUUID: l.state.ServerUUID, acked: l.acked.Clone(), received: l.received.Load(),
			busy: l.writing || !l.queue.empty(),
		}
		l.mu.Unlock()
		if err := w.look(now, position); err != nil {
			return err
		}
	}
}

// sight is how far the indexer is at one look.
type sight struct {
	serverUUID string
	acked      gtid.Set
	received   int64 // bytes
	busy       bool  // something is being written or waits for it
}

// watch compares each look with the one before.
type watch struct {
	before   *sight
	executed gtid.Set // at the look before
	silent   int      // looks in a row at which transactions were missing and nothing came
}

// look returns an error when the source is not the one that is followed any more, or when
// it has transactions that the stream does not bring.
func (w *watch) look(now sight, p Position) error {
	executed, err := gtid.Parse(p.Executed)
	if err != nil {
		return err
	}
	before, earlier := w.before, w.executed
	w.before, w.executed = &now, executed
	switch {
	case p.ServerUUID != now.serverUUID:
		return fmt.Errorf("%w: the source was %s and is %s", errHistoryMoved, now.serverUUID, p.ServerUUID)
	case before == nil:
		return nil
	case !executed.Contains(before.acked):
		// A transaction can be on the binlog, and acknowledged, shortly before it counts as
		// executed; not for as long as from one look to the next.
		return fmt.Errorf("%w: %s was indexed and the source has only %s", errHistoryMoved, before.acked, executed)
	case now.busy || before.busy, now.acked.Contains(earlier), now.received-before.received > silentBytes:
		w.silent = 0
		return nil
	}
	if w.silent++; w.silent < silentLooks {
		return nil
	}
	return fmt.Errorf("%w: it has executed %s, of which the stream brought only %s", errHistoryMoved, earlier, now.acked)
}

// countingDialer dials and counts the bytes that come.
func countingDialer(received *atomic.Int64) client.Dialer {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		var d net.Dialer
		conn, err := d.DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return &countingConn{Conn: conn, received: received}, nil
	}
}

type countingConn struct {
	net.Conn
	received *atomic.Int64
}

// Read implements net.Conn.
func (c *countingConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.received.Add(int64(n))
	return n, err
}
