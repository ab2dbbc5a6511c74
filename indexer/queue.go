package indexer

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/xunke/xunke/indexer/binlog"
	"github.com/xunke/xunke/internal/gtid"
)

const (
	// queueKeys bounds the keys that wait between the stream and the drain. The stream then
	// stands still; the source resends nothing, since nothing was acknowledged.
	queueKeys = 100_000
	// batchKeys bounds the keys of a batch of several transactions. What is acknowledged
	// moves, and can be saved, at the end of each: after a crash in a long backlog no more
	// than this is done again. It is some bulk requests, so that nothing is lost by it.
	batchKeys = 5_000
)

// batch is what waited when the drain came for it, or the oldest part of it: many
// transactions at once, like a group commit, because single documents are written ten
// times slower.
type batch struct {
	keys   binlog.Keys
	wait   gtid.Set    // must be executed before the keys are read: sealed and open ones
	sealed gtid.Set    // transactions that are complete with this batch, acknowledged once the keys are written
	last   binlog.GTID // the last sealed one
	count  int         // sealed transactions
	oldest time.Time   // when the oldest of the transactions was committed
}

func newBatch() *batch {
	return &batch{keys: binlog.NewKeys(), wait: gtid.NewSet(), sealed: gtid.NewSet()}
}

// add adds keys of a transaction. They are read only once it is executed.
func (b *batch) add(g binlog.GTID, keys binlog.Keys) {
	b.wait.Add(g.UUID, g.Number)
	if b.oldest.IsZero() || g.Committed.Before(b.oldest) {
		b.oldest = g.Committed
	}
	b.keys.Merge(keys)
}

// seal completes a transaction, the keys of which are in this batch and in earlier ones.
func (b *batch) seal(g binlog.GTID) {
	b.sealed.Add(g.UUID, g.Number)
	b.last = g
	b.count++
}

// queue is the sealed queue: batches in the order of the stream. One goroutine puts, one
// takes, so that a batch is written only after all before it.
type queue struct {
	mu      sync.Mutex
	batches []*batch
	keys    int // of all batches
	taken   int // keys of the batch that was taken last
	singles singles
	single  chan struct{} // holds a token when there are singles
	filled  chan struct{} // holds a token when there is something to take
	emptied chan struct{} // holds a token when something was taken
}

var _ binlog.Sink = (*queue)(nil)

func newQueue() *queue {
	return &queue{filled: make(chan struct{}, 1), single: make(chan struct{}, 1), emptied: make(chan struct{}, 1)}
}

// Early takes keys of a transaction that is still open. They wait for its GTID to be
// executed but do not acknowledge it.
func (q *queue) Early(ctx context.Context, open binlog.GTID, keys binlog.Keys) error {
	return q.put(ctx, open, keys, false)
}

// Seal takes a complete transaction.
func (q *queue) Seal(ctx context.Context, g binlog.GTID, keys binlog.Keys) error {
	return q.put(ctx, g, keys, true)
}

func (q *queue) put(ctx context.Context, g binlog.GTID, keys binlog.Keys, complete bool) error {
	for {
		q.mu.Lock()
		if q.keys < queueKeys {
			if complete && keys.Len() <= singleKeys && q.keys+q.taken >= singleBehind && q.singles.note(g, keys) {
				signal(q.single)
			}
			q.append(g, keys, complete)
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

// append adds to the last batch, or to a new one where the keys would not fit in that.
func (q *queue) append(g binlog.GTID, keys binlog.Keys, complete bool) {
	last := len(q.batches) - 1
	if last < 0 || q.batches[last].keys.Len() > 0 && q.batches[last].keys.Len()+keys.Len() > batchKeys {
		q.batches = append(q.batches, newBatch())
		last++
	}
	b := q.batches[last]
	q.keys -= b.keys.Len()
	b.add(g, keys)
	q.keys += b.keys.Len() // fewer than both together: some keys were there already
	if complete {
		b.seal(g)
	}
}

// take waits until something is there and takes the oldest batch.
func (q *queue) take(ctx context.Context) (*batch, error) {
	for {
		q.mu.Lock()
		if len(q.batches) > 0 {
			taken := q.batches[0]
			q.batches = slices.Delete(q.batches, 0, 1)
			q.taken = taken.keys.Len()
			q.keys -= q.taken
			q.mu.Unlock()
			signal(q.emptied)
			return taken, nil
		}
		q.taken = 0
		q.mu.Unlock()
		select {
		case <-q.filled:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// empty says whether nothing waits.
func (q *queue) empty() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.batches) == 0
}

// oldest is the commit time of the oldest transaction that waits, zero when none does.
func (q *queue) oldest() time.Time {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.batches) == 0 {
		return time.Time{}
	}
	return q.batches[0].oldest
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
