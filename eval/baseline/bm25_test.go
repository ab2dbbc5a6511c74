package baseline_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/eval/baseline"
	"github.com/xunke/xunke/indexer"
	"github.com/xunke/xunke/internal/elastic"
	"github.com/xunke/xunke/internal/elastic/index"
	"github.com/xunke/xunke/internal/elastic/search"
	"github.com/xunke/xunke/internal/testenv"
	"github.com/xunke/xunke/mappings"
)

// TestBM25 checks that what the search is compared with is what it says: bigrams that
// find words, and no script, pinyin or deleted documents.
func TestBM25(t *testing.T) {
	client := testenv.Elasticsearch(t, testenv.Config(t))
	fill(t, client,
		mappings.Course{ID: 1, Key: new("k:1"), Name: "数据结构"},
		mappings.Course{ID: 2, Key: new("k:2"), Name: "音乐欣赏"},
		mappings.Course{ID: 3, Name: "数据结构", Deleted: true})
	plain, err := baseline.NewBM25(t.Context(), client)
	if err != nil {
		t.Fatal(err)
	}
	searcher := search.NewSearcher(client, nil)
	for text, want := range map[string][]string{"结构": {"k:1"}, "結構": nil, "yinyue": nil} {
		found, err := plain.Keys(t.Context(), catalog.Kinds(), text, 10)
		if err != nil || !slices.Equal(found.Hits[catalog.KindCourse], want) {
			t.Errorf("plain search for %q gives %v, %v; want %v", text, found, err, want)
		}
		ours, err := searcher.Keys(t.Context(), catalog.Kinds(), text, 10)
		if err != nil || len(ours.Hits[catalog.KindCourse]) != 1 {
			t.Errorf("search for %q gives %v, %v", text, ours, err)
		}
	}
	if err := plain.Drop(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := plain.Keys(t.Context(), catalog.Kinds(), "x", 1); err == nil {
		t.Error("dropped indices still answer")
	}
}

// fill makes an index of every kind and writes courses.
func fill(t *testing.T, client *elastic.Client, courses ...mappings.Course) {
	t.Helper()
	indices := index.NewIndices(client, mappings.Options{Shards: 1, Refresh: time.Second})
	to := map[catalog.Kind]string{}
	for _, k := range catalog.Kinds() {
		g, err := indices.Create(t.Context(), k, 1)
		if err != nil {
			t.Fatal(err)
		}
		to[k] = g.Index
	}
	var documents []indexer.Document
	for _, c := range courses {
		c.NameTerms, c.CreatedAt = mappings.TermsOf(c.Name), time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		body, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		documents = append(documents, indexer.Document{ID: c.ID, Version: 1, Body: body})
	}
	outcomes, err := index.NewWriter(client).Write(t.Context(), to[catalog.KindCourse], documents)
	if err != nil || slices.ContainsFunc(outcomes, func(o indexer.Outcome) bool { return o.Status != 201 }) {
		t.Fatalf("write courses: %+v, %v", outcomes, err)
	}
	for _, name := range to {
		if err := indices.Finish(t.Context(), name); err != nil {
			t.Fatal(err)
		}
	}
	if err := indices.Swap(t.Context(), to); err != nil {
		t.Fatal(err)
	}
}
