package embed

import (
	"context"
	"runtime"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/sync/singleflight"
)

const (
	// remembered is how many queries' vectors are kept: half a kilobyte each.
	remembered = 10_000
	// queryMost bounds the work on one query, also after whoever asked has gone on without.
	queryMost = 2 * time.Second
)

// Queries makes the vectors of queries, and remembers them. Nobody waits for one longer than
// a search may: what comes too late is there for the next who asks.
type Queries struct {
	live   Live
	within time.Duration
	known  *lru.Cache[string, []int8]
	flight singleflight.Group
	places chan struct{} // for those who compute
}

// NewQueries makes vectors with a model that may come later. within is how long a search
// waits for one.
func NewQueries(l Live, within time.Duration) *Queries {
	known, _ := lru.New[string, []int8](remembered) // fails only for a size below 1
	return &Queries{live: l, within: within, known: known, places: make(chan struct{}, max(1, runtime.GOMAXPROCS(0)/2))}
}

// Vector is of a query, in one byte a dimension, and says of which model it is. It is nil
// where there is no model, or no vector in time.
func (q *Queries) Vector(ctx context.Context, text string) (vector []int8, model string) {
	m := q.live.Get()
	if m == nil {
		return nil, ""
	}
	id := ID(m)
	key := id + "\x00" + text
	if vector, ok := q.known.Get(key); ok {
		return vector, id
	}
	ctx, cancel := context.WithTimeout(ctx, q.within)
	defer cancel()
	select {
	case result := <-q.flight.DoChan(key, func() (any, error) { return q.compute(context.WithoutCancel(ctx), m, key, text) }):
		vector, _ = result.Val.([]int8)
		return vector, id
	case <-ctx.Done():
		return nil, id
	}
}

func (q *Queries) compute(ctx context.Context, m Model, key, text string) ([]int8, error) {
	ctx, cancel := context.WithTimeout(ctx, queryMost)
	defer cancel()
	select {
	case q.places <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-q.places }()
	vector, err := m.Query(ctx, text)
	if err != nil {
		return nil, err
	}
	bytes := Bytes(vector)
	q.known.Add(key, bytes)
	return bytes, nil
}
