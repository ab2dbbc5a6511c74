package search

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/xunke/xunke/catalog"
)

const (
	viewShare = 30 * time.Second // how long readers who begin to turn pages get the same view
	viewLife  = 10 * time.Minute // how long one view is prolonged, whoever goes on asking
)

// view is a point in time of a kind's index.
type view struct {
	id     string
	opened time.Time
}

// hasExpired says whether the view is no longer prolonged.
func (v view) hasExpired(now time.Time) bool { return v.id == "" || now.Sub(v.opened) >= viewLife }

// views share points in time among readers: each is a context that Elasticsearch keeps
// open, with files and memory, and it has few. However many cursors there are and however
// often they are used, a process holds one a kind and half-minute, for ten minutes each.
type views struct {
	mu      sync.Mutex
	latest  map[catalog.Kind]view
	opening singleflight.Group
}

// get is the view of a kind that readers share now. It is opened once for all who wait.
func (v *views) get(ctx context.Context, k catalog.Kind, now time.Time, open func(context.Context) (string, error)) (view, error) {
	v.mu.Lock()
	latest := v.latest[k]
	v.mu.Unlock()
	if latest.id != "" && now.Sub(latest.opened) < viewShare {
		return latest, nil
	}
	done := v.opening.DoChan(string(k), func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), searchDeadline) // others wait for it, too
		defer cancel()
		id, err := open(ctx)
		if err != nil {
			return view{}, err
		}
		opened := view{id: id, opened: now}
		v.mu.Lock()
		defer v.mu.Unlock()
		if v.latest == nil {
			v.latest = map[catalog.Kind]view{}
		}
		v.latest[k] = opened
		return opened, nil
	})
	select {
	case <-ctx.Done():
		return view{}, ctx.Err()
	case r := <-done:
		opened, _ := r.Val.(view)
		return opened, r.Err
	}
}

// forget has a view that Elasticsearch no longer holds not be shared any more.
func (v *views) forget(k catalog.Kind, id string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.latest[k].id == id {
		delete(v.latest, k)
	}
}
