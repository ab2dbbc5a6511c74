package retry_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/xunke/xunke/internal/retry"
)

func TestSleep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		if err := retry.Sleep(t.Context(), time.Minute); err != nil || time.Since(began) != time.Minute {
			t.Errorf("slept %s, %v", time.Since(began), err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began = time.Now()
		if err := retry.Sleep(ctx, time.Minute); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != time.Second {
			t.Errorf("slept %s beyond the context's second, %v", time.Since(began), err)
		}
		if err := retry.Sleep(ctx, 0); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a context that has ended: %v", err)
		}
	})
}

func TestPauses(t *testing.T) {
	b := retry.Backoff{First: 100 * time.Millisecond, Max: 10 * time.Second}
	for attempt, most := range map[int]time.Duration{
		0: 100 * time.Millisecond, 1: 200 * time.Millisecond, 6: 6400 * time.Millisecond,
		7: 10 * time.Second, 8: 10 * time.Second, 1_000_000: 10 * time.Second,
	} {
		seen := map[time.Duration]bool{}
		for range 100 {
			d := b.Pause(attempt)
			if d < most/2 || d > most {
				t.Errorf("attempt %d: a pause of %s, want %s to %s", attempt, d, most/2, most)
			}
			seen[d] = true
		}
		if len(seen) < 10 {
			t.Errorf("attempt %d: %d different pauses of 100, so there is no jitter", attempt, len(seen))
		}
	}
}

func TestDo(t *testing.T) {
	busy, broken := errors.New("busy"), errors.New("broken")
	retryable := func(err error) bool { return errors.Is(err, busy) }
	b := retry.Backoff{First: time.Second, Max: time.Second}
	for _, c := range []struct {
		name  string
		fails []error // of each call; after the last one nil
		calls int
		want  error
	}{
		{"it succeeds", nil, 1, nil},
		{"it succeeds at the second attempt", []error{busy}, 2, nil},
		{"it always fails", []error{busy, busy, busy, busy}, 3, busy},
		{"an error that no attempt would change", []error{busy, broken}, 2, broken},
	} {
		synctest.Test(t, func(t *testing.T) {
			calls := 0
			err := retry.Do(t.Context(), 3, b, retryable, func() error {
				if calls++; calls <= len(c.fails) {
					return c.fails[calls-1]
				}
				return nil
			})
			if !errors.Is(err, c.want) || calls != c.calls {
				t.Errorf("%s: %d calls, %v; want %d, %v", c.name, calls, err, c.calls, c.want)
			}
		})
	}
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		if err := retry.Do(ctx, 3, b, retryable, func() error { return busy }); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a context that ends during a pause: %v", err)
		}
	})
}

func TestEvery(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began, broken := time.Now(), errors.New("broken")
		var at []time.Duration
		err := retry.Every(t.Context(), time.Second, func(context.Context) error {
			at = append(at, time.Since(began))
			switch len(at) {
			case 2:
				<-time.After(3 * time.Second / 2)
			case 4:
				return broken
			}
			return nil
		})
		want := []time.Duration{0, time.Second, 5 * time.Second / 2, 3 * time.Second}
		if !errors.Is(err, broken) || !slices.Equal(at, want) {
			t.Errorf("steps at %v, want %v; %v", at, want, err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		if err := retry.Every(ctx, time.Hour, func(context.Context) error { cancel(); return nil }); !errors.Is(err, context.Canceled) {
			t.Errorf("a context that ends: %v", err)
		}
	})
}
