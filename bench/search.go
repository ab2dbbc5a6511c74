package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/xunke/xunke/catalog"
)

const (
	// searchRounds is how often the ways of searching take turns.
	searchRounds = 2
	// searchQueries is how many different queries there are.
	searchQueries = 60
	// searchSeed makes the queries the same in every run over the same catalogue.
	searchSeed = 3
)

// searchFigures are requests to the API beside bodies that a simple client would send to
// Elasticsearch itself: the ratios say what the API's ranking, facets and highlights cost.
type searchFigures struct {
	Clients int          `json:"clients"`
	Queries int          `json:"queries"`
	Ways    []wayFigures `json:"ways"`
}

type wayFigures struct {
	Name      string    `json:"name"`
	PerSecond float64   `json:"requests_per_second"`
	Latency   quantiles `json:"latency"`
	Ratio     float64   `json:"ratio_requests"` // requests a second, to the first way
	Ratio50   float64   `json:"ratio_p50"`      // latency, to the first way
}

// way is one way of searching.
type way struct {
	name string
	ask  func(ctx context.Context, query string) error
}

func (i *installation) search(ctx context.Context, clients int, each time.Duration) (*searchFigures, error) {
	queries, err := i.queries(ctx)
	if err != nil {
		return nil, err
	}
	base, api, err := i.startAPI(ctx)
	if err != nil {
		return nil, err
	}
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: clients}}
	defer client.CloseIdleConnections()
	get := func(kind string) func(context.Context, string) error {
		return func(ctx context.Context, query string) error {
			return fetch(ctx, client, base+"/api/v1/search?type="+kind+"&q="+url.QueryEscape(query), whole)
		}
	}
	plain := func(facets bool) func(context.Context, string) error {
		return func(ctx context.Context, query string) error {
			return i.client.Do(ctx, "POST", "/"+i.client.Alias(catalog.KindCourse)+"/_search", plainBody(query, facets), nil)
		}
	}
	ways := []way{
		{"multi_match over the bigrams", plain(false)},
		{"the same with four facets and highlights", plain(true)},
		{"API, courses", get("course")},
		{"API, all three kinds", get("all")},
	}
	out := &searchFigures{Clients: clients, Queries: len(queries), Ways: make([]wayFigures, len(ways))}
	latencies := make([][]time.Duration, len(ways))
	for range searchRounds {
		for n, w := range ways {
			say("searching for %s with %d clients: %s", each, clients, w.name)
			if err := warmUp(ctx, w, queries); err != nil {
				return nil, err
			}
			took, err := measure(ctx, w, queries, clients, each)
			if err != nil {
				return nil, err
			}
			latencies[n] = append(latencies[n], took...)
		}
	}
	for n, w := range ways {
		f := &out.Ways[n]
		f.Name, f.PerSecond = w.name, float64(len(latencies[n]))/(searchRounds*each.Seconds())
		f.Latency = quantilesOf(latencies[n])
		f.Ratio, f.Ratio50 = ratio(f.PerSecond, out.Ways[0].PerSecond), ratio(f.Latency.P50, out.Ways[0].Latency.P50)
	}
	return out, api.stop(ctx)
}

// plainBody is what a simple client sends: every word in one of the fields, ten hits, a
// total; and with facets what lists usually show besides.
func plainBody(query string, facets bool) map[string]any {
	body := map[string]any{
		"size": 10, "track_total_hits": true,
		"query": map[string]any{"bool": map[string]any{
			"must": map[string]any{"multi_match": map[string]any{
				"query": query, "type": "best_fields", "operator": "and", "fields": []string{"name^3", "context^2", "body"},
			}},
			"filter": map[string]any{"term": map[string]any{"deleted": false}},
		}},
		"_source": []string{"id", "key", "name", "summary", "org", "teachers", "category", "level", "tags", "students", "image", "created_at"},
	}
	if facets {
		aggregations := map[string]any{}
		for _, f := range []string{"category", "level", "tags", "city"} {
			aggregations[f] = map[string]any{"terms": map[string]any{"field": f, "size": 20}}
		}
		body["aggs"] = aggregations
		body["highlight"] = map[string]any{"fields": map[string]any{"name": map[string]any{}}}
	}
	return body
}

// queries are pieces of course names, as people type them, and tags.
func (i *installation) queries(ctx context.Context) (_ []string, err error) {
	rows, err := i.db.QueryContext(ctx, `(SELECT name, 1 FROM courses WHERE NOT hidden ORDER BY id LIMIT 2000) UNION ALL (SELECT name, 0 FROM tags ORDER BY id LIMIT 100)`)
	if err != nil {
		return nil, fmt.Errorf("choose queries: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	random := rand.New(rand.NewPCG(searchSeed, 0))
	var all []string
	seen := map[string]bool{}
	for rows.Next() {
		var name string
		var cut bool
		if err := rows.Scan(&name, &cut); err != nil {
			return nil, fmt.Errorf("choose queries: %w", err)
		}
		if letters := []rune(name); cut && len(letters) > 2 {
			name = string(letters[:min(2+random.IntN(5), len(letters))])
		}
		if !seen[name] {
			seen[name] = true
			all = append(all, name)
		}
	}
	random.Shuffle(len(all), func(a, b int) { all[a], all[b] = all[b], all[a] })
	return all[:min(searchQueries, len(all))], rows.Err()
}

// startAPI starts an API that keeps no answers and waits until it is ready. env are settings
// beside those of the installation.
func (i *installation) startAPI(ctx context.Context, env ...string) (base string, p *process, err error) {
	address, err := freeAddress(ctx)
	if err != nil {
		return "", nil, err
	}
	i.env = append(append(i.env, "XUNKE_API_LISTEN="+address, "XUNKE_API_CACHE_BYTES=0"), env...)
	if p, err = i.start(ctx, "serve"); err != nil {
		return "", nil, err
	}
	base = "http://" + address
	return base, p, i.wait(ctx, p, func() (bool, error) { return fetch(ctx, http.DefaultClient, base+"/readyz", whole) == nil, ctx.Err() })
}

// freeAddress is one that nobody listens at.
func freeAddress(ctx context.Context) (string, error) {
	free, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("find a free port: %w", err)
	}
	if err := free.Close(); err != nil {
		return "", fmt.Errorf("find a free port: %w", err)
	}
	return free.Addr().String(), nil
}

// answered is what the answers that are measured have in common.
type answered struct {
	Degraded bool `json:"degraded"`
	Courses  *struct {
		Near []json.RawMessage `json:"near"`
	} `json:"courses"` // of a search
}

// fetch gets an answer that is as good as it has to be.
func fetch(ctx context.Context, client *http.Client, address string, good func(answered) bool) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	var a answered
	if err := json.Unmarshal(body, &a); res.StatusCode != http.StatusOK || err != nil || !good(a) {
		return fmt.Errorf("%s answered %d: %.200s", address, res.StatusCode, body)
	}
	return nil
}

// whole is an answer that lacks nothing.
func whole(a answered) bool { return !a.Degraded }

// warmUp asks every query once.
func warmUp(ctx context.Context, w way, queries []string) error {
	for _, q := range queries {
		if err := w.ask(ctx, q); err != nil {
			return fmt.Errorf("%s, %q: %w", w.name, q, err)
		}
	}
	return nil
}

// measure asks from several clients for a while and returns how long each answer took.
func measure(ctx context.Context, w way, queries []string, clients int, each time.Duration) ([]time.Duration, error) {
	var mu sync.Mutex
	var all []time.Duration
	until := time.Now().Add(each)
	group, ctx := errgroup.WithContext(ctx)
	for n := range clients {
		group.Go(func() error {
			var took []time.Duration
			for at := n * len(queries) / clients; time.Now().Before(until); at++ {
				began := time.Now()
				if err := w.ask(ctx, queries[at%len(queries)]); err != nil {
					return fmt.Errorf("%s: %w", w.name, err)
				}
				took = append(took, time.Since(began))
			}
			mu.Lock()
			defer mu.Unlock()
			all = append(all, took...)
			return nil
		})
	}
	return all, group.Wait()
}

func (s *searchFigures) print(line line) {
	if s == nil {
		return
	}
	line("\nsearch, %d clients, %d queries", s.Clients, s.Queries)
	for _, w := range s.Ways {
		line("  %-42s %6.0f requests/s (× %.2f)  p50 %.0f ms (× %.2f), p99 %.0f ms",
			w.Name, w.PerSecond, w.Ratio, w.Latency.P50, w.Ratio50, w.Latency.P99)
	}
}
