package rankings

import (
	"context"
	"fmt"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/sync/singleflight"

	"github.com/xunke/xunke/catalog"
)

const (
	// fallbackLife is how long an answer of the substitute serves whoever asks the same.
	fallbackLife = 2 * time.Second
	// fallbackKept bounds the answers that are kept: those that were asked for last.
	fallbackKept = 1000
)

// fallback keeps what the substitute answered for a moment. It computes for every answer what
// the boards have ready, and all pages that show a ranking ask the same few questions, so
// they would press an index hard that has searches to answer besides.
type fallback struct {
	flight singleflight.Group
	once   sync.Once
	kept   *lru.Cache[string, Top]
}

// answers makes the cache when it is first needed: a Service is made by its fields.
func (f *fallback) answers() *lru.Cache[string, Top] {
	f.once.Do(func() { f.kept, _ = lru.New[string, Top](fallbackKept) }) // fails only for a size below 1
	return f.kept
}

// hottest asks the substitute, once for all who ask the same at the same time.
func (f *fallback) hottest(ctx context.Context, from Substitute, q catalog.RankingQuery, now time.Time) (Top, error) {
	// The day is part of the question; fmt prints maps in the order of their keys.
	key := fmt.Sprintf("%s %s %d %d %q", q.Kind, q.Window, q.Limit, catalog.DayNumber(now), q.Filters)
	if top, ok := f.get(key, now); ok {
		return top, nil
	}
	// Who asks first may go away; the substitute has a deadline of its own.
	asked := f.flight.DoChan(key, func() (any, error) {
		items, err := from.Hottest(context.WithoutCancel(ctx), q, now)
		if err != nil {
			return Top{}, err
		}
		top := Top{Items: items, At: now}
		f.answers().Add(key, top)
		return top, nil
	})
	select {
	case r := <-asked:
		top, _ := r.Val.(Top)
		return top, r.Err
	case <-ctx.Done():
		return Top{}, ctx.Err()
	}
}

func (f *fallback) get(key string, now time.Time) (Top, bool) {
	top, ok := f.answers().Get(key)
	age := now.Sub(top.At)
	return top, ok && age >= 0 && age < fallbackLife
}
