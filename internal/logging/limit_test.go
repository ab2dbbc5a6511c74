package logging_test

import (
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/xunke/xunke/internal/logging"
)

func TestLimiter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l logging.Limiter
		for i, step := range []struct {
			after      time.Duration
			suppressed int
			ok         bool
		}{
			{0, 0, true},
			{0, 0, false},
			{logging.Interval - 1, 0, false},
			{1, 2, true}, // an Interval after the first line
			{logging.Interval - 1, 0, false},
			{1, 1, true},
			{time.Hour, 0, true},
		} {
			<-time.After(step.after)
			if suppressed, ok := l.Allow(); suppressed != step.suppressed || ok != step.ok {
				t.Errorf("step %d: %d, %t, want %d, %t", i, suppressed, ok, step.suppressed, step.ok)
			}
		}
	})
}

func TestLimiterConcurrently(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l logging.Limiter
		var lines atomic.Int64
		var group sync.WaitGroup
		for range 100 {
			group.Go(func() {
				if _, ok := l.Allow(); ok {
					lines.Add(1)
				}
			})
		}
		group.Wait()
		<-time.After(logging.Interval)
		if suppressed, ok := l.Allow(); lines.Load() != 1 || suppressed != 99 || !ok {
			t.Errorf("%d lines, then %d suppressed (%t), want 1 and 99", lines.Load(), suppressed, ok)
		}
	})
}

func TestKeyedLimiter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var k logging.KeyedLimiter
		expect := func(key string, suppressed int, ok bool) {
			t.Helper()
			if s, o := k.Allow(key); s != suppressed || o != ok {
				t.Errorf("%s: %d, %t, want %d, %t", key, s, o, suppressed, ok)
			}
		}
		expect("redis", 0, true)
		expect("mysql", 0, true)
		expect("redis", 0, false)
		<-time.After(logging.Interval)
		expect("redis", 1, true)
		expect("mysql", 0, true)

		// Any number of keys take the room of MaxKeys.
		for i := range logging.MaxKeys - 1 {
			expect(strconv.Itoa(i), 0, true)
		}
		expect("mysql", 0, false)
		expect("redis", 0, true) // dropped, as it was not used for longest
	})
}
