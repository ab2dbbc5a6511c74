package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/retry"
	"github.com/xunke/xunke/mappings"
)

const (
	// freshnessEvery is the mean time between two updates. Updates come at random moments,
	// so that they do not keep in step with the refresh.
	freshnessEvery = 50 * time.Millisecond
	// lookEvery is how often is looked for what was written: how exact the figures are.
	lookEvery = 5 * time.Millisecond
	// lostAfter is when something that cannot be searched counts as lost.
	lostAfter = 2 * time.Minute
	// freshnessSeed makes the updates the same in every run.
	freshnessSeed = 1
)

// freshnessFigures tell how long it takes from the commit of a single-row update until a
// search finds it, beside the same from the answer to an index request on a plain index
// with the same mapping and refresh interval: what no indexer can do better.
type freshnessFigures struct {
	Xunke   quantiles `json:"commit_to_searchable"`
	Floor   quantiles `json:"index_request_to_searchable"`
	Ratio50 float64   `json:"ratio_p50"`
	Ratio99 float64   `json:"ratio_p99"`
	Refresh float64   `json:"refresh_interval_ms"`
}

func (i *installation) freshness(ctx context.Context, n int) (*freshnessFigures, error) {
	say("measuring freshness by %d updates", n)
	ids, err := i.visibleCourses(ctx, 0, n)
	if err != nil {
		return nil, err
	}
	out := &freshnessFigures{Refresh: float64(refresh.Milliseconds())}
	all, err := i.timeToSearchable(ctx, i.client.Alias(catalog.KindCourse), 0, n, i.renameOneOf(ids))
	if err != nil {
		return nil, err
	}
	out.Xunke = quantilesOf(all)

	index := i.name + "-floor"
	body, err := mappings.Body(catalog.KindCourse, mappings.Options{Shards: 1, Refresh: refresh})
	if err != nil {
		return nil, err
	}
	if err := i.client.Do(ctx, "PUT", "/"+index, body, nil); err != nil {
		return nil, fmt.Errorf("create index %s: %w", index, err)
	}
	put := func(ctx context.Context, at int, name string) error {
		document := map[string]any{"id": at, "name": name, "name_terms": map[string]any{"exact": name}}
		return i.client.Do(ctx, "PUT", fmt.Sprintf("/%s/_doc/%d", index, at), document, nil)
	}
	if all, err = i.timeToSearchable(ctx, index, 0, min(n, 200), put); err != nil {
		return nil, err
	}
	out.Floor = quantilesOf(all)
	out.Ratio50, out.Ratio99 = ratio(out.Xunke.P50, out.Floor.P50), ratio(out.Xunke.P99, out.Floor.P99)
	return out, i.client.Do(ctx, "DELETE", "/"+index, nil, nil)
}

// token is a name that nothing else has, of letters alone: folding leaves it as it is.
func token(n int) string {
	letters := []byte("freshaaaaaa")
	for at := len(letters) - 1; n > 0; at-- {
		letters[at], n = byte('a'+n%26), n/26
	}
	return string(letters)
}

// watch is what was written and is not found yet.
type watch struct {
	mu      sync.Mutex
	written map[string]time.Time
	took    []time.Duration
}

// timeToSearchable writes n names, counted from a number, at random moments and measures for
// each the time from the end of the write until a search of an index finds it.
func (i *installation) timeToSearchable(ctx context.Context, index string, from, n int, write func(ctx context.Context, at int, name string) error) ([]time.Duration, error) {
	w := &watch{written: map[string]time.Time{}}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		random := rand.New(rand.NewPCG(freshnessSeed, 0))
		for at := range n {
			if err := retry.Sleep(ctx, time.Duration(random.Int64N(int64(2*freshnessEvery)))); err != nil {
				return err
			}
			name := token(from + at)
			if err := write(ctx, at, name); err != nil {
				return fmt.Errorf("write %s: %w", name, err)
			}
			w.mu.Lock()
			w.written[name] = time.Now()
			w.mu.Unlock()
		}
		return nil
	})
	group.Go(func() error {
		for len(w.took) < n {
			if err := i.look(ctx, index, w); err != nil {
				return err
			}
			if err := retry.Sleep(ctx, lookEvery); err != nil {
				return err
			}
		}
		return nil
	})
	err := group.Wait()
	return w.took, err
}

// look searches for everything that is not found yet.
func (i *installation) look(ctx context.Context, index string, w *watch) error {
	w.mu.Lock()
	names := make([]string, 0, len(w.written))
	for name, at := range w.written {
		if time.Since(at) > lostAfter {
			w.mu.Unlock()
			return fmt.Errorf("%s cannot be searched %s after it was written", name, lostAfter)
		}
		names = append(names, name)
	}
	w.mu.Unlock()
	if len(names) == 0 {
		return nil
	}
	var found struct {
		Hits struct {
			Hits []struct {
				Source struct {
					Name string `json:"name"`
				} `json:"_source"`
			} `json:"hits"`
		} `json:"hits"`
	}
	err := i.client.Do(ctx, "POST", "/"+index+"/_search?request_cache=false&filter_path=hits.hits._source", map[string]any{
		"size": len(names), "_source": "name", "track_total_hits": false,
		"query": map[string]any{"terms": map[string]any{"name_terms.exact": names}},
	}, &found)
	if err != nil {
		return fmt.Errorf("search %s: %w", index, err)
	}
	now := time.Now()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, h := range found.Hits.Hits {
		if at, ok := w.written[h.Source.Name]; ok {
			w.took = append(w.took, now.Sub(at))
			delete(w.written, h.Source.Name)
		}
	}
	return nil
}

func (f *freshnessFigures) print(line line) {
	if f == nil {
		return
	}
	line("\nfreshness, refresh interval %.0f ms", f.Refresh)
	line("  commit in MySQL → searchable    %s", f.Xunke)
	line("  index request → searchable      %s", f.Floor)
	line("  ratio                           p50 %.2f, p99 %.2f", f.Ratio50, f.Ratio99)
}
