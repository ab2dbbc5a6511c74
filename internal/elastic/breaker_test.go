package elastic_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/breaker"
	"github.com/xunke/xunke/internal/config"
	"github.com/xunke/xunke/internal/elastic"
	"github.com/xunke/xunke/internal/testenv"
)

// TestAnElasticsearchThatStandsStill: it keeps connections and says nothing. Those who find
// out wait; whoever comes later does not, and everybody is answered again once it goes on.
func TestAnElasticsearchThatStandsStill(t *testing.T) {
	c := testenv.Config(t)
	address, err := url.Parse(c.Elasticsearch.Addresses[0])
	if err != nil {
		t.Fatal(err)
	}
	gate := testenv.NewGate(t, address.Host)
	plain, err := elastic.Open(elastic.Options{Addresses: []string{"http://" + gate.Address()}, Prefix: c.Elasticsearch.Prefix})
	if err != nil {
		t.Fatal(err)
	}
	client := plain.WithBreaker(slog.New(slog.DiscardHandler))
	t.Cleanup(client.Close)
	ask := func(timeout time.Duration) (time.Duration, error) {
		ctx, cancel := context.WithTimeout(t.Context(), timeout)
		defer cancel()
		began := time.Now()
		_, err := client.Version(ctx)
		return time.Since(began), err
	}
	if _, err := ask(time.Minute); err != nil {
		t.Fatal(err)
	}
	gate.Close()
	var group sync.WaitGroup
	for range 3 {
		group.Go(func() {
			if _, err := ask(time.Second); catalog.CodeOf(err) != catalog.CodeUnavailable || errors.Is(err, breaker.ErrOpen) {
				t.Errorf("who finds out: %v", err)
			}
		})
	}
	group.Wait()
	for range 20 {
		if took, err := ask(time.Minute); !errors.Is(err, breaker.ErrOpen) || took > 10*time.Second {
			t.Fatalf("who comes later: %v after %v", err, took)
		}
	}
	gate.Open()
	testenv.Eventually(t, 20*time.Second, "Elasticsearch is asked again", func() (bool, string) {
		_, err := ask(time.Minute)
		return err == nil, "still refused"
	})
}

// gated is a client that reaches Elasticsearch through a gate.
func gated(t *testing.T, c config.Config) (*testenv.Gate, *elastic.Client) {
	t.Helper()
	address, err := url.Parse(c.Elasticsearch.Addresses[0])
	if err != nil {
		t.Fatal(err)
	}
	gate := testenv.NewGate(t, address.Host)
	plain, err := elastic.Open(elastic.Options{
		Addresses: []string{"http://" + gate.Address()}, Prefix: c.Elasticsearch.Prefix,
		Username: c.Elasticsearch.Username, Password: c.Elasticsearch.Password,
	})
	if err != nil {
		t.Fatal(err)
	}
	return gate, plain
}

// TestElasticsearchIsWarmedUp: after it was away, the last searches are repeated before
// anybody is served, and nothing else is.
func TestElasticsearchIsWarmedUp(t *testing.T) {
	c := testenv.Config(t)
	gate, plain := gated(t, c)
	index := "/" + plain.Alias(catalog.KindCourse) + "-warm"
	ask := func(client *elastic.Client, method, path string, body any) error {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		return client.Do(ctx, method, path, body, nil)
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	var log bytes.Buffer
	client := plain.WithBreaker(slog.New(slog.NewTextHandler(&log, nil)))
	t.Cleanup(client.Close)
	must(ask(client, http.MethodPut, index, map[string]any{"settings": map[string]any{"number_of_replicas": 0}}))
	t.Cleanup(func() { _ = plain.Do(context.WithoutCancel(t.Context()), http.MethodDelete, index, nil, nil) })
	must(ask(client, http.MethodPost, index+"/_doc?refresh=true", map[string]any{"name": "python"}))
	must(ask(client, http.MethodPost, index+"/_search", map[string]any{"query": map[string]any{"match": map[string]any{"name": "python"}}}))
	searches := func() int {
		var stats struct {
			All struct {
				Total struct {
					Search struct {
						QueryTotal int `json:"query_total"`
					} `json:"search"`
					Indexing struct {
						IndexTotal int `json:"index_total"`
					} `json:"indexing"`
				} `json:"total"`
			} `json:"_all"`
		}
		must(plain.Do(t.Context(), http.MethodGet, index+"/_stats/search,indexing", nil, &stats))
		if n := stats.All.Total.Indexing.IndexTotal; n != 1 {
			t.Errorf("%d documents were written", n)
		}
		return stats.All.Total.Search.QueryTotal
	}
	before := searches()
	gate.Close()
	_ = ask(client, http.MethodGet, index, nil)
	if !client.Away() {
		t.Fatal("Elasticsearch is not found to be away")
	}
	gate.Open()
	testenv.Eventually(t, 60*time.Second, "Elasticsearch is asked again", func() (bool, string) {
		return ask(client, http.MethodGet, index, nil) == nil, "still refused"
	})
	if after := searches(); after <= before {
		t.Errorf("%d searches before and %d after it was away", before, after)
	}
	if !strings.Contains(log.String(), "searches=1") {
		t.Errorf("the log says %s", log.String())
	}
}

// TestAWarmUpGoesOnWhileSearchesAreRefused: an Elasticsearch that answers and whose shards are still
// being opened is not warm.
func TestAWarmUpGoesOnWhileSearchesAreRefused(t *testing.T) {
	c := testenv.Config(t)
	direct := testenv.Elasticsearch(t, c)
	gate, plain := gated(t, c)
	client := plain.WithBreaker(slog.New(slog.DiscardHandler))
	t.Cleanup(client.Close)
	index := "/" + plain.Alias(catalog.KindCourse) + "-opening"
	must := func(method, path string, body any) {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := direct.Do(ctx, method, path, body, nil); err != nil {
			t.Fatalf("%s %s: %v", method, path, err)
		}
	}
	create := func(on string) {
		t.Helper()
		must(http.MethodPut, index+"?wait_for_active_shards=0", map[string]any{"settings": map[string]any{"number_of_replicas": 0, "index.routing.allocation.require._name": on}})
	}
	create("")
	t.Cleanup(func() { _ = direct.Do(context.WithoutCancel(t.Context()), http.MethodDelete, index, nil, nil) })
	search := func() error {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		return client.Do(ctx, http.MethodPost, index+"/_search", map[string]any{"query": map[string]any{"match_all": map[string]any{}}}, nil)
	}
	testenv.Eventually(t, time.Minute, "the index is searched", func() (bool, string) {
		err := search()
		return err == nil, fmt.Sprint(err)
	})
	gate.Close()
	_ = search()
	if !client.Away() {
		t.Fatal("Elasticsearch is not found to be away")
	}
	must(http.MethodDelete, index, nil)
	create("nobody") // no node has this name, so that none opens the shard
	gate.Open()
	for end := time.Now().Add(4 * time.Second); time.Now().Before(end); <-time.After(100 * time.Millisecond) {
		if err := search(); err == nil || !client.Away() {
			t.Fatalf("visitors are sent to shards that nobody has opened: %v", err)
		}
	}
	must(http.MethodPut, index+"/_settings", map[string]any{"index.routing.allocation.require._name": nil})
	testenv.Eventually(t, time.Minute, "Elasticsearch is asked again", func() (bool, string) {
		err := search()
		return err == nil, fmt.Sprint(err)
	})
}
