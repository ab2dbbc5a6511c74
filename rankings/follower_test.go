package rankings_test

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/rankings"
)

// place is where boards are kept, with an error that can be switched on.
type place struct {
	mu       sync.Mutex
	fail     error
	sequence int64
	settled  int
	begun    int
}

func (p *place) with(do func() error) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fail != nil {
		return p.fail
	}
	return do()
}

func (p *place) set(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fail = err
}

func (p *place) begins() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.begun
}

func (p *place) Claim(context.Context, string) (n int64, err error) {
	err = p.with(func() error { n = p.sequence; return nil })
	return n, err
}

func (p *place) Settle(_ context.Context, _ string, entries []rankings.Entry, _ time.Time) (n int64, err error) {
	err = p.with(func() error {
		p.sequence++
		p.settled += len(entries)
		n = p.sequence
		return nil
	})
	return n, err
}

func (p *place) Tend(context.Context, string, time.Time) (n int64, err error) {
	err = p.with(func() error { n = p.sequence; return nil })
	return n, err
}

func (p *place) Begin(context.Context, time.Time) (rankings.Build, error) {
	return p, p.with(func() error { p.begun++; return nil })
}

func (p *place) Write(context.Context, []rankings.Entry, time.Time) error {
	return p.with(func() error { return nil })
}

func (p *place) Finish(context.Context, time.Time) error { return p.with(func() error { return nil }) }
func (p *place) Abort(context.Context) error             { return p.with(func() error { return nil }) }

// nothing is a source without items.
type nothing struct{ source }

func (nothing) Entries(context.Context, catalog.Kind, int64, int) ([]rankings.Entry, int64, error) {
	return nil, 0, nil
}

// follow runs a follower in a bubble of its own time.
func follow(t *testing.T, p *place, test func(t *testing.T, f *rankings.Follower)) {
	synctest.Test(t, func(t *testing.T) {
		quiet := slog.New(slog.DiscardHandler)
		f := rankings.NewFollower(p, &rankings.Rebuild{Builder: p, Source: nothing{}, Log: quiet}, quiet)
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- f.Run(ctx) }()
		synctest.Wait()
		test(t, f)
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

func some(n int) []rankings.Entry { return make([]rankings.Entry, n) }

func TestFollowerWritesInParts(t *testing.T) {
	p := &place{}
	follow(t, p, func(t *testing.T, f *rankings.Follower) {
		if err := f.Update(t.Context(), some(250)); err != nil {
			t.Error(err)
		}
		if p.settled != 250 || p.sequence != 3 || p.begun != 1 || f.Status() != (rankings.FollowerStatus{Rebuilds: 1}) {
			t.Errorf("%d entries in %d writes, %d rebuilds, %+v", p.settled, p.sequence, p.begun, f.Status())
		}
	})
}

func TestFollowerNeverHoldsTheIndexerUp(t *testing.T) {
	p := &place{}
	follow(t, p, func(t *testing.T, f *rankings.Follower) {
		p.set(catalog.Unavailable("Redis", nil))
		for range 5 {
			if err := f.Update(t.Context(), some(10)); err != nil {
				t.Errorf("boards that are down are the indexer's trouble: %v", err)
			}
		}
		if got := f.Status(); !got.Due || got.Missed != 50 {
			t.Errorf("after five misses: %+v", got)
		}
		// It tries for an hour, ever more rarely, and rebuilds once when the boards are back.
		begun := p.begins()
		<-time.After(time.Hour) // of the bubble's time
		p.set(nil)
		<-time.After(2 * time.Minute)
		if got := f.Status(); got.Due || got.Missed != 0 || got.Rebuilds != 2 || p.begins() != begun+1 {
			t.Errorf("when the boards are back: %+v, %d rebuilds begun", got, p.begins()-begun)
		}
	})
}

func TestFollowerEndsWithTheIndexer(t *testing.T) {
	p := &place{}
	follow(t, p, func(t *testing.T, f *rankings.Follower) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := f.Update(ctx, some(1)); err == nil || p.settled != 0 {
			t.Errorf("settled %d under a context that had ended: %v", p.settled, err)
		}
	})
}

func TestFollowerWithoutBoards(t *testing.T) {
	p := &place{fail: catalog.Unavailable("Redis", catalog.ErrNotConfigured)}
	follow(t, p, func(t *testing.T, f *rankings.Follower) {
		if err := f.Update(t.Context(), some(1)); err != nil || f.Status().Missed != 0 {
			t.Errorf("%v, %+v", err, f.Status())
		}
	})
}
