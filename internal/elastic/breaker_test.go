package elastic_test

import (
	"context"
	"errors"
	"log/slog"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/breaker"
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
