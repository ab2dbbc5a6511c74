package elastic_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/elastic"
	"github.com/xunke/xunke/internal/elastic/index"
	"github.com/xunke/xunke/internal/testenv"
	"github.com/xunke/xunke/mappings"
)

// TestGuests: who names neither user nor password may look at the catalogue, and do and read
// nothing else.
func TestGuests(t *testing.T) {
	c := testenv.Config(t)
	client := testenv.Elasticsearch(t, c)
	indices := index.NewIndices(client, mappings.Options{Shards: 1, Refresh: time.Second})
	g, err := indices.Create(t.Context(), catalog.KindCourse, 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := indices.Swap(t.Context(), map[catalog.Kind]string{catalog.KindCourse: g.Index}); err != nil {
		t.Fatal(err)
	}
	states := index.NewStateStore(client)
	state, err := states.LoadState(t.Context())
	if err == nil {
		err = states.SaveState(t.Context(), state)
	}
	if err != nil {
		t.Fatal(err)
	}
	guest, err := elastic.Open(elastic.Options{Addresses: c.Elasticsearch.Addresses, Prefix: c.Elasticsearch.Prefix})
	if err != nil {
		t.Fatal(err)
	}
	defer guest.Close()
	alias := "/" + client.Alias(catalog.KindCourse)
	anything := map[string]any{"transient": map[string]any{"cluster.max_shards_per_node": 1000}} // the default
	for _, r := range []struct {
		method, path string
		body         any
	}{
		{http.MethodGet, "/", nil},
		{http.MethodGet, "/_cluster/health", nil},
		{http.MethodGet, "/_nodes/stats/indices/search", nil},
		{http.MethodPost, alias + "/_search?request_cache=false", map[string]any{"size": 1}},
	} {
		if err := guest.Do(t.Context(), r.method, r.path, r.body, nil); err != nil {
			t.Errorf("%s %s: %v", r.method, r.path, err)
		}
	}
	for _, r := range []struct {
		method, path string
		body         any
	}{
		{http.MethodPut, alias + "/_doc/1", map[string]any{"id": 1, "deleted": true}},
		{http.MethodPost, alias + "/_delete_by_query", map[string]any{"query": map[string]any{"match_all": map[string]any{}}}},
		{http.MethodDelete, "/" + g.Index, nil},
		{http.MethodPut, "/" + g.Index + "/_settings", map[string]any{"index.blocks.write": true}},
		{http.MethodPut, "/" + client.Prefix + "-more", nil},
		{http.MethodPost, "/_aliases", map[string]any{"actions": []any{map[string]any{"remove": map[string]any{"index": g.Index, "alias": client.Alias(catalog.KindCourse)}}}}},
		{http.MethodGet, "/" + client.State() + "/_search", nil},
		{http.MethodGet, "/_tasks?detailed=true", nil},
		{http.MethodGet, "/_cluster/settings", nil},
		{http.MethodPut, "/_cluster/settings", anything},
		{http.MethodGet, "/_security/user", nil},
	} {
		if err := guest.Do(t.Context(), r.method, r.path, r.body, nil); !elastic.IsStatus(err, http.StatusUnauthorized) {
			t.Errorf("%s %s: %v", r.method, r.path, err)
		}
	}
	// What the program is refused, too, is told from a wrong password.
	err = client.Do(t.Context(), http.MethodPut, "/_cluster/settings", anything, nil)
	if err == nil || !elastic.IsStatus(err, http.StatusForbidden) || catalog.CodeOf(err) != catalog.CodeUnavailable || elastic.Hint(err) == "" {
		t.Errorf("more than its role: %v", err)
	}
}
