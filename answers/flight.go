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

// flights are the questions under way, by key.
type flights struct {
	mu    sync.Mutex
	under map[string]*flight
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
	return f.start(ctx, k, key, now, ask)
}

// renew has an answer made anew if nobody does so already.
func (f *flights) renew(ctx context.Context, k *Keeper, key string, ask ask) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.under[key] == nil {
		f.start(ctx, k, key, k.options.Now(), ask)
	}
}

// start begins a flight. Whoever asked first may go away: the others wait for the answer
// all the same, and so it is nobody's request that ends it. f.mu is held.
func (f *flights) start(ctx context.Context, k *Keeper, key string, now time.Time, ask ask) *flight {
	under := &flight{began: now, done: make(chan struct{})}
	f.under[key] = under
	go func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), askWithin)
		defer cancel()
		under.kept, under.err = k.make(ctx, key, now, ask)
		f.mu.Lock()
		if f.under[key] == under {
			delete(f.under, key)
		}
		f.mu.Unlock()
		close(under.done)
	}()
	return under
}
