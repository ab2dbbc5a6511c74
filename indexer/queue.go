package indexer

import (
	"context"
	"sync"
	"time"

	"github.com/xunke/xunke/indexer/binlog"
)

// queueKeys bounds the keys that wait between the stream and the drain. The stream then
// stands still; the source resends nothing, since nothing was acknowledged.
const queueKeys = 100_000

// batch is everything that waited when the drain came for it: many transactions at once,
// like a group commit, because single documents are written ten times slower.
type batch struct {
	keys   binlog.Keys
	wait   gtidSet     // must be executed before the keys are read: sealed and open ones
	sealed gtidSet     // complete transactions, acknowledged once the keys are written
	last   binlog.GTID // the last sealed one
	count  int         // sealed transactions
	oldest time.Time   // when the oldest sealed one was committed
}

func newBatch() batch {
	return batch{keys: binlog.NewKeys(), wait: emptyGTIDSet(), sealed: emptyGTIDSet()}
}

// queue is the sealed queue. One goroutine puts, one takes.
type queue struct {
	mu      sync.Mutex
	waiting batch
	filled  chan struct{} // holds a token when there is something to take
	emptied chan struct{} // holds a token when something was taken
}

var _ binlog.Sink = (*queue)(nil)

func newQueue() *queue {
	return &queue{waiting: newBatch(), filled: make(chan struct{}, 1), emptied: make(chan struct{}, 1)}
}

// Early takes keys of a transaction that is still open. They wait for its GTID to be
// executed but do not acknowledge it.
func (q *queue) Early(ctx context.Context, open binlog.GTID, keys binlog.Keys) error {
	return q.put(ctx, func(b *batch) {
		b.wait.add(open)
		b.keys.Merge(keys)
	})
}

// Seal takes a complete transaction.
func (q *queue) Seal(ctx context.Context, g binlog.GTID, keys binlog.Keys) error {
	return q.put(ctx, func(b *batch) {
		b.wait.add(g)
		b.sealed.add(g)
		b.last = g
		b.count++
		if b.oldest.IsZero() || g.Committed.Before(b.oldest) {
			b.oldest = g.Committed
		}
		b.keys.Merge(keys)
	})
}

func (q *queue) put(ctx context.Context, add func(*batch)) error {
	for {
		q.mu.Lock()
		if q.waiting.keys.Len() < queueKeys {
			add(&q.waiting)
			q.mu.Unlock()
			signal(q.filled)
			return nil
		}
		q.mu.Unlock()
		select {
		case <-q.emptied:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// take waits until something is there and takes all of it.
func (q *queue) take(ctx context.Context) (batch, error) {
	select {
	case <-q.filled:
	case <-ctx.Done():
		return batch{}, ctx.Err()
	}
	q.mu.Lock()
	taken := q.waiting
	q.waiting = newBatch()
	q.mu.Unlock()
	signal(q.emptied)
	return taken, nil
}

// empty says whether nothing waits.
func (q *queue) empty() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.waiting.keys.Len() == 0 && q.waiting.count == 0
}

// oldest is the commit time of the oldest transaction that waits, zero when none does.
func (q *queue) oldest() time.Time {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.waiting.oldest
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
