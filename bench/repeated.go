package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/valyala/fasthttp"
)

const (
	// repeatedQueries are asked again and again, as visitors ask for what is hot.
	repeatedQueries = 30
	// repeatedRounds is how often both ways take turns.
	repeatedRounds = 3
)

// repeatedFigures are the same few searches again and again, which an API answers with what
// it has kept, beside the naive body. All other parts measure an API that keeps nothing.
type repeatedFigures struct {
	Clients int        `json:"clients"`
	Queries int        `json:"queries"`
	Naive   wayFigures `json:"naive"`
	API     wayFigures `json:"api"`
	HitRate float64    `json:"hit_rate"`
	Bytes   float64    `json:"kept_bytes"`
}

func (i *installation) repeated(ctx context.Context, clients int, each time.Duration) (*repeatedFigures, error) {
	queries, err := i.queries(ctx)
	if err != nil {
		return nil, err
	}
	queries = queries[:min(repeatedQueries, len(queries))]
	base, api, err := i.startAPI(ctx, fmt.Sprintf("XUNKE_API_CACHE_BYTES=%d", 32<<20))
	if err != nil {
		return nil, err
	}
	client := &fasthttp.Client{MaxConnsPerHost: 2 * clients}
	defer client.CloseIdleConnections()
	ways := []way{{"naive body, straight to Elasticsearch", i.naive}, {"API, courses, kept answers", func(_ context.Context, query string) error {
		return fetchQuick(client, base+"/api/v1/search?type=course&q="+url.QueryEscape(query), `"degraded":false`)
	}}}
	took := make([][]time.Duration, len(ways))
	for range repeatedRounds {
		for n, w := range ways {
			say("searching again and again for %s with %d clients: %s", each, clients, w.name)
			if err := warmUp(ctx, w, queries); err != nil {
				return nil, err
			}
			more, err := measure(ctx, w, queries, clients, each)
			if err != nil {
				return nil, err
			}
			took[n] = append(took[n], more...)
		}
	}
	out := &repeatedFigures{Clients: clients, Queries: len(queries)}
	for n, f := range []*wayFigures{&out.Naive, &out.API} {
		f.Name, f.PerSecond, f.Latency = ways[n].name, float64(len(took[n]))/(repeatedRounds*each.Seconds()), quantilesOf(took[n])
		f.Ratio, f.Ratio50 = ratio(f.PerSecond, out.Naive.PerSecond), ratio(f.Latency.P50, out.Naive.Latency.P50)
	}
	figures, err := scrape(base)
	if err != nil {
		return nil, err
	}
	used := figures[`xunke_answers_total{outcome="hit"}`] + figures[`xunke_answers_total{outcome="stale"}`]
	out.HitRate = ratio(used, used+figures[`xunke_answers_total{outcome="miss"}`])
	out.Bytes = figures["xunke_answers_bytes"]
	return out, api.stop(ctx)
}

func (f *repeatedFigures) print(line line) {
	if f == nil {
		return
	}
	line("\n%d searches again and again, %d clients, %.1f %% of them kept, in %.1f MB", f.Queries, f.Clients, 100*f.HitRate, f.Bytes/(1<<20))
	for _, w := range []wayFigures{f.Naive, f.API} {
		line("  %-42s %6.0f requests/s (× %.2f)  p50 %.2f ms (× %.2f), p99 %.1f ms",
			w.Name, w.PerSecond, w.Ratio, w.Latency.P50, w.Ratio50, w.Latency.P99)
	}
}

// fetchQuick gets an answer that has all of some texts, with as little work as that takes:
// where answers are quick, what their client does is most of what is measured.
func fetchQuick(client *fasthttp.Client, address string, good ...string) error {
	req, res := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
	defer fasthttp.ReleaseRequest(req)
	defer fasthttp.ReleaseResponse(res)
	req.SetRequestURI(address)
	if err := client.DoTimeout(req, res, time.Minute); err != nil {
		return fmt.Errorf("%s: %w", address, err)
	}
	lacks := slices.ContainsFunc(good, func(text string) bool { return !bytes.Contains(res.Body(), []byte(text)) })
	if res.StatusCode() != http.StatusOK || lacks {
		return fmt.Errorf("%s answered %d: %.200s", address, res.StatusCode(), res.Body())
	}
	return nil
}

// scrape reads the figures of an API.
func scrape(base string) (map[string]float64, error) {
	_, body, err := fasthttp.Get(nil, base+"/metrics")
	if err != nil {
		return nil, fmt.Errorf("read figures: %w", err)
	}
	figures := map[string]float64{}
	for l := range strings.Lines(string(body)) {
		name, value, _ := strings.Cut(strings.TrimSpace(l), " ")
		if n, err := strconv.ParseFloat(value, 64); err == nil {
			figures[name] = n
		}
	}
	return figures, nil
}
