package rankings

import (
	"context"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/xunke/xunke/catalog"
)

const (
	// spareLife is how long an answer of the substitute serves whoever asks the same.
	spareLife = 2 * time.Second
	// spareMost bounds the answers that are kept.
	spareMost = 1000
)

// spare keeps what the substitute answered for a moment. It computes for every answer what
// the boards have ready, and all pages that show a ranking ask the same few questions, so
// they would press an index hard that has searches to answer besides.
type spare struct {
	flight singleflight.Group
	mu     sync.Mutex
	kept   map[string]Top
}

// hottest asks the substitute, once for all who ask the same at the same time.
func (s *spare) hottest(ctx context.Context, from Substitute, q catalog.RankingQuery, now time.Time) (Top, error) {
	// The day is part of the question; fmt prints maps in the order of their keys.
	key := fmt.Sprintf("%s %s %d %d %q", q.Kind, q.Window, q.Limit, catalog.DayNumber(now), q.Filters)
	if top, ok := s.get(key, now); ok {
		return top, nil
	}
	// Who asks first may go away; the substitute has a deadline of its own.
	asked := s.flight.DoChan(key, func() (any, error) {
		items, err := from.Hottest(context.WithoutCancel(ctx), q, now)
		if err != nil {
			return Top{}, err
		}
		top := Top{Items: items, At: now}
		s.put(key, top)
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

func (s *spare) get(key string, now time.Time) (Top, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	top, ok := s.kept[key]
	age := now.Sub(top.At)
	return top, ok && age >= 0 && age < spareLife
}

func (s *spare) put(key string, top Top) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.kept == nil || len(s.kept) >= spareMost {
		s.kept = map[string]Top{}
	}
	s.kept[key] = top
}
