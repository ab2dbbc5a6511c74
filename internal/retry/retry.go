// Package retry pauses between attempts: exponential backoff with jitter, and sleeping that
// ends with a context.
package retry

import (
	"context"
	"math/rand/v2"
	"time"
)

// Sleep returns after d, or at once with the error of ctx when ctx ends.
func Sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return ctx.Err()
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Every calls step now and then every interval, until step fails or ctx ends, and returns that
// error. A step that takes longer than an interval is followed by the next one at once.
func Every(ctx context.Context, interval time.Duration, step func(context.Context) error) error {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		if err := step(ctx); err != nil {
			return err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Backoff gives the pauses between attempts. They double from First up to Max. Each is
// shortened by up to a half at random, so that many callers do not retry at the same time
// ("equal jitter": M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015).
type Backoff struct{ First, Max time.Duration }

// Pause is the pause after a failed attempt; the first is number 0.
func (b Backoff) Pause(attempt int) time.Duration {
	d := b.First
	for ; attempt > 0 && d < b.Max; attempt-- {
		d *= 2
	}
	d = min(d, b.Max)
	return d/2 + rand.N(d/2+1)
}

// Sleep sleeps for the pause after a failed attempt. The error is that of ctx.
func (b Backoff) Sleep(ctx context.Context, attempt int) error { return Sleep(ctx, b.Pause(attempt)) }

// Do calls f until it succeeds, at most attempts times, with the pauses of b in between. It
// returns the last error of f, at once if retryable says no, or the error of ctx when that
// ends during a pause.
func Do(ctx context.Context, attempts int, b Backoff, retryable func(error) bool, f func() error) error {
	for attempt := 0; ; attempt++ {
		err := f()
		if err == nil || attempt+1 >= attempts || !retryable(err) {
			return err
		}
		if err := b.Sleep(ctx, attempt); err != nil {
			return err
		}
	}
}
