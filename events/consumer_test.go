package events_test

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/events"
)

// queue has events that wait, and gives out none.
type queue struct {
	waiting func() (int64, error)
	prune   func() (bool, error)
}

func (q queue) Waiting(context.Context) (int64, error) { return q.waiting() }
func (q queue) Name(context.Context) (string, error)   { return "q", nil }
func (q queue) ReadUnacknowledged(context.Context, int) ([]events.QueuedEvent, error) {
	return nil, nil
}
func (q queue) Next(context.Context, int) ([]events.QueuedEvent, error) { return nil, nil }
func (q queue) Acknowledge(context.Context, []events.QueueID) error     { return nil }
func (q queue) Prune(context.Context, time.Time) (bool, error) {
	return q.prune()
}
func (q queue) Count(ctx context.Context, _ string, read reader) (c events.CountResult, err error) {
	_, err = read(ctx)
	return c, err
}

type reader = func(ctx context.Context) ([]events.QueuedEvent, error)

func TestDrainEndsWhereNothingCanBeRead(t *testing.T) {
	q := queue{waiting: func() (int64, error) { return 1, nil }}
	c := &events.Consumer{Queue: q, Counter: q, Log: slog.New(slog.DiscardHandler)}
	if err := c.Drain(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestConsumerWaitsLongerAfterEachFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var looks atomic.Int64
		down := errors.New("down")
		q := queue{
			waiting: func() (int64, error) { looks.Add(1); return 0, down },
			prune:   func() (bool, error) { return true, down },
		}
		c := &events.Consumer{Queue: q, Counter: q, Log: slog.New(slog.DiscardHandler)}
		ctx, stop := context.WithTimeout(t.Context(), time.Hour)
		defer stop()
		if err := c.Run(ctx); err != nil {
			t.Error(err)
		}
		// 1, 2, 4, 8, 16, 32, then 60 seconds: about 65 looks in an hour, not 3600.
		if n := looks.Load(); n < 60 || n > 70 || c.Stats().Failures < n-1 {
			t.Errorf("%d looks in an hour, %+v", n, c.Stats())
		}
	})
}

func TestConsumerWithoutAQueueWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var looks atomic.Int64
		q := queue{waiting: func() (int64, error) {
			looks.Add(1)
			return 0, catalog.Unavailable("Redis", catalog.ErrNotConfigured)
		}}
		c := &events.Consumer{Queue: q, Counter: q, Log: slog.New(slog.DiscardHandler)}
		ctx, stop := context.WithTimeout(t.Context(), time.Hour)
		defer stop()
		if err := c.Run(ctx); err != nil || looks.Load() != 1 {
			t.Errorf("%d looks, %v", looks.Load(), err)
		}
	})
}

func TestOldSearchesAreRemovedNowAndThen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var prunes atomic.Int64
		q := queue{
			waiting: func() (int64, error) { return 0, nil },
			prune:   func() (bool, error) { return prunes.Add(1)%3 != 0, nil }, // in three steps
		}
		c := &events.Consumer{Queue: q, Counter: q, Log: slog.New(slog.DiscardHandler)}
		ctx, stop := context.WithTimeout(t.Context(), time.Hour+time.Second)
		defer stop()
		if err := c.Run(ctx); err != nil || prunes.Load() != 18 {
			t.Errorf("%d steps in an hour, %v", prunes.Load(), err)
		}
	})
}

func TestQueueIDs(t *testing.T) {
	id, err := events.ParseQueueID("1732320000000-7")
	if err != nil || id.String() != "1732320000000-7" {
		t.Errorf("%v, %v", id, err)
	}
	for _, wrong := range []string{"", "1", "a-1", "1-", "-1", "1-2-3"} {
		if _, err := events.ParseQueueID(wrong); err == nil {
			t.Errorf("%q was read", wrong)
		}
	}
	if id.Compare(events.QueueID{Millis: 1732320000000, Sequence: 10}) >= 0 || id.Compare(events.QueueID{Millis: 5, Sequence: 9}) <= 0 || id.Compare(id) != 0 {
		t.Error("ids are out of order")
	}
}
