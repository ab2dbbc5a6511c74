package events

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/xunke/xunke/catalog"
)

const (
	// consumeMost is how many events one transaction counts.
	consumeMost = 1000
	// retryLast is the longest wait between attempts.
	retryLast = time.Minute
	// pruneEvery is how often old searches are looked for.
	pruneEvery = 10 * time.Minute
)

// Consumer carries events from the queue to the daily counts, each exactly once. Any
// number of processes may run one: they take turns. An event that was counted but not
// acknowledged, because a process died in between, is recognised by its place; one that
// was read but not counted is read again before any later one.
type Consumer struct {
	Queue   Queue
	Counter Counter
	Log     *slog.Logger
	Every   time.Duration // between looks at an empty queue; 0: a second

	added, dropped, failures atomic.Int64
}

// ConsumerStats are sums since the start of the process.
type ConsumerStats struct {
	Added    int64 `json:"added"`    // counted
	Dropped  int64 `json:"dropped"`  // of unknown or hidden items or searches, or unreadable
	Failures int64 `json:"failures"` // batches that were put off
}

// Stats may be asked at any time.
func (c *Consumer) Stats() ConsumerStats {
	return ConsumerStats{Added: c.added.Load(), Dropped: c.dropped.Load(), Failures: c.failures.Load()}
}

// Run counts until ctx ends, and then returns nil. Where no queue is configured it waits. Failures are tried again for ever,
// with waits that grow to a minute.
func (c *Consumer) Run(ctx context.Context) error {
	every := c.Every
	if every == 0 {
		every = time.Second
	}
	timer := time.NewTimer(0)
	defer timer.Stop()
	prune := time.NewTicker(pruneEvery)
	defer prune.Stop()
	for failed := 0; ; {
		select {
		case <-ctx.Done():
			return nil
		case now := <-prune.C:
			c.prune(ctx, now)
			continue
		case <-timer.C:
		}
		wait := every
		err := c.Drain(ctx)
		if errors.Is(err, catalog.ErrNotConfigured) {
			<-ctx.Done()
			return nil
		}
		if err != nil && ctx.Err() == nil {
			wait = min(every<<min(failed, 10), retryLast)
			failed++
			c.failures.Add(1)
			c.Log.Warn("events wait to be counted", "err", err, "attempt", failed, "retry_in", wait)
		} else if failed > 0 {
			failed = 0
			c.Log.Info("events are counted again")
		}
		timer.Reset(wait)
	}
}

// prune removes what is too old. What could not be removed is tried again the next time.
func (c *Consumer) prune(ctx context.Context, now time.Time) {
	for more := true; more; {
		var err error
		if more, err = c.Counter.Prune(ctx, now); err != nil {
			if ctx.Err() == nil {
				c.Log.Warn("old searches cannot be removed", "err", err, "retry_in", pruneEvery)
			}
			return
		}
	}
}

// Drain counts what waits now and returns when nothing is left.
func (c *Consumer) Drain(ctx context.Context) error {
	for {
		waiting, err := c.Queue.Waiting(ctx)
		if err != nil {
			return fmt.Errorf("look at queue of events: %w", err)
		}
		if waiting == 0 {
			return nil
		}
		done, err := c.batch(ctx)
		// What waits and cannot be read must not turn this into a busy loop.
		if err != nil || done == 0 {
			return err
		}
	}
}

// batch counts a batch and returns how many events it had.
func (c *Consumer) batch(ctx context.Context) (int, error) {
	name, err := c.Queue.Name(ctx)
	if err != nil {
		return 0, fmt.Errorf("find queue of events: %w", err)
	}
	counted, err := c.Counter.Count(ctx, name, func(ctx context.Context) ([]QueuedEvent, error) {
		// What was read and not acknowledged comes first: the place in MySQL only moves up.
		events, err := c.Queue.ReadUnacknowledged(ctx, consumeMost)
		if err != nil || len(events) > 0 {
			return events, err
		}
		return c.Queue.Next(ctx, consumeMost)
	})
	if err != nil {
		return 0, fmt.Errorf("count events: %w", err)
	}
	c.added.Add(int64(counted.Added))
	c.dropped.Add(int64(counted.Dropped))
	if len(counted.Done) == 0 {
		return 0, nil
	}
	if err := c.Queue.Acknowledge(ctx, counted.Done); err != nil {
		return 0, fmt.Errorf("acknowledge events: %w", err)
	}
	return len(counted.Done), nil
}
