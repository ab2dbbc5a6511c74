package answers

import (
	"context"
	"sync"
	"time"
)

// flight is one question under way, and all who wait for its answer.
type flight struct {
	began time.Time
	done  chan struct{} // closed when kept and err are there
	kept  *Kept
	err   error
}

// mostRenewals are under way at a time. When the index changes, all that is kept is outdated at
// once, and what is made anew for nobody must not keep those waiting who have nothing yet.
const mostRenewals = 2

// flights are the questions under way, by key.
type flights struct {
	mu       sync.Mutex
	under    map[string]*flight
	renewals int
}

// join is the flight of those who ask the same, or a new one. One that began longer ago
// than an answer may be old is not joined: what it finds may be older than that by now.
func (f *flights) join(ctx context.Context, k *Keeper, key string, ask ask) *flight {
	now := k.options.Now()
	f.mu.Lock()
	defer f.mu.Unlock()
	if under := f.under[key]; under != nil && now.Sub(under.began) <= k.options.Watch.promise {
		k.figures.joined.Inc()
		return under
	}
	return f.start(ctx, k, key, now, ask, func() {})
}

// renew has an answer made anew if nobody does so already, and few others are.
func (f *flights) renew(ctx context.Context, k *Keeper, key string, ask ask) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.under[key] == nil && f.renewals < mostRenewals {
		f.renewals++
		f.start(ctx, k, key, k.options.Now(), ask, func() { f.renewals-- })
	}
}

// start begins a flight. Whoever asked first may go away: the others wait for the answer
// all the same, and so it is nobody's request that ends it. f.mu is held, and so it is when
// end is called.
func (f *flights) start(ctx context.Context, k *Keeper, key string, now time.Time, ask ask, end func()) *flight {
	under := &flight{began: now, done: make(chan struct{})}
	f.under[key] = under
	go func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), askWithin)
		defer cancel()
		under.kept, under.err = k.make(ctx, key, now, ask)
		f.mu.Lock()
		end()
		if f.under[key] == under {
			delete(f.under, key)
		}
		f.mu.Unlock()
		close(under.done)
	}()
	return under
}
