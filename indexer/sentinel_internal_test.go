package indexer

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"github.com/xunke/xunke/catalog"
)

// beacon is a Sentinel that searches find some time after it was written.
type beacon struct {
	after   time.Duration
	refuses error

	written  time.Time
	searches int
}

func (b *beacon) Write(context.Context, time.Time) error {
	b.written = time.Now()
	return b.refuses
}

func (b *beacon) Finds(context.Context, time.Time) (bool, error) {
	b.searches++
	if since := time.Since(b.written); since < b.after {
		return false, errors.New("not yet")
	}
	return true, nil
}

func TestHowLongASearchTakesToFindTheSentinel(t *testing.T) {
	for _, tt := range []struct {
		name     string
		b        beacon
		took     float64 // in seconds, to an eighth or 50 ms; 0: no figure
		missed   uint64
		searches int // at most
	}{
		{"at once", beacon{}, 0.05, 0, 1},
		{"at the usual refresh", beacon{after: 400 * time.Millisecond}, 0.4, 0, 9},
		{"late", beacon{after: 20 * time.Second}, 20, 0, 50},
		{"never", beacon{after: math.MaxInt64}, 60, 1, 90},
		{"not written", beacon{refuses: errors.New("read only")}, 0, 0, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := tt.b
				l := &leader{
					Deps: Deps{Sentinel: &b, Log: slog.New(slog.DiscardHandler)}, changed: make(chan struct{}),
					options: Options{SentinelWithin: SentinelWithin},
				}
				l.measure(t.Context())
				if b.searches > tt.searches {
					t.Errorf("%d searches, %d at most", b.searches, tt.searches)
				}
				if tt.took == 0 {
					if l.state.Freshness != nil {
						t.Errorf("a figure without a row: %+v", l.state.Freshness)
					}
					return
				}
				f := l.state.Freshness
				if off := f.Last() - tt.took; off < 0 || off > max(tt.took/sentinelShare, sentinelFirst.Seconds()) {
					t.Errorf("it took %.3f s, want %.3f", f.Last(), tt.took)
				}
				if f.Missed != tt.missed || f.Found.IsZero() != (tt.missed > 0) || f.Count != 1 {
					t.Errorf("%+v", f)
				}
				// What was found is saved with the next acknowledgement, what was missed at once.
				if l.dirty != (tt.missed > 0) {
					t.Errorf("to be saved: %t", l.dirty)
				}
			})
		})
	}
}

func TestFreshness(t *testing.T) {
	var f Freshness
	written := time.Unix(1_700_000_000, 0)
	saved := f.with(written, time.Second, true)
	for n := 1; n <= recentFreshness; n++ {
		f = *f.with(written.Add(time.Duration(n)*time.Minute), time.Duration(n)*10*time.Millisecond, true)
	}
	if f.Last() != 1.2 || f.Quantile(0.5) != 0.6 || f.Quantile(0.99) != 1.19 || f.Quantile(1) != 1.2 || f.Quantile(0) != 0.01 {
		t.Errorf("last %v, p50 %v, p99 %v", f.Last(), f.Quantile(0.5), f.Quantile(0.99))
	}
	f = *f.with(written, time.Minute, false)
	if len(f.Recent) != recentFreshness || f.Quantile(0) != 0.02 {
		t.Errorf("%d figures are kept, the least is %v", len(f.Recent), f.Quantile(0))
	}
	var within uint64
	for _, n := range f.Buckets {
		within += n
	}
	// 10 to 50 ms are five; the minute is beyond all bounds.
	if f.Buckets[0] != 5 || f.Buckets[1] != 5 || within != recentFreshness || f.Count != recentFreshness+1 || f.Missed != 1 {
		t.Errorf("%+v", f)
	}
	if saved.Count != 1 || saved.Buckets[8] != 1 || len(saved.Recent) != 1 || !saved.Since.Equal(written) {
		t.Errorf("a figure that was handed out has changed: %+v", saved)
	}
}

func TestNoSentinelWithoutAnIndexOrASetting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &beacon{}
		l := &leader{
			Deps: Deps{Sentinel: b, Log: slog.New(slog.DiscardHandler)}, changed: make(chan struct{}),
			options: Options{SentinelEvery: time.Second, SentinelWithin: SentinelWithin},
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := l.runSentinel(ctx); !errors.Is(err, context.DeadlineExceeded) || !b.written.IsZero() {
			t.Errorf("no index serves: %v, written %s", err, b.written)
		}
		l.state.Live = []Gen{{Kind: catalog.KindCourse, Stage: StageServing}}
		measured := func(others bool) uint64 {
			l.state.Freshness = nil
			ctx, cancel := context.WithTimeout(t.Context(), 24500*time.Millisecond)
			defer cancel()
			go func() {
				for tick := time.NewTicker(100 * time.Millisecond); ctx.Err() == nil && others; <-tick.C {
					l.heard.Add(1)
				}
			}()
			if err := l.runSentinel(ctx); !errors.Is(err, context.DeadlineExceeded) || l.state.Freshness == nil {
				t.Fatalf("after 24 seconds: %v, %+v", err, l.state.Freshness)
			}
			return l.state.Freshness.Count
		}
		if n := measured(true); n != 25 {
			t.Errorf("while others write it is written %d times in 24 seconds", n)
		}
		if n := measured(false); n != 3 {
			t.Errorf("while nobody else does it is written %d times in 24 seconds", n)
		}
		b.after = math.MaxInt64 // one that is not found is written again at once
		l.options.SentinelWithin = time.Second
		if n := measured(false); n < 12 {
			t.Errorf("while it is not found it is written %d times in 24 seconds", n)
		}
		l.options.SentinelEvery = 0
		if err := l.runSentinel(t.Context()); err != nil || l.state.Freshness != nil {
			t.Errorf("switched off: %v, %+v", err, l.state.Freshness)
		}
	})
}
