package search_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"testing"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/elastic"
	"github.com/xunke/xunke/internal/elastic/search"
	"github.com/xunke/xunke/internal/testenv"
	"github.com/xunke/xunke/mappings"
)

// TestRoundTrips counts what one question asks of Elasticsearch: searches by round trip.
func TestRoundTrips(t *testing.T) {
	s := newShelf(t)
	for _, name := range []string{"Kubernetes in Practice", "Kubernetes 入门", "Mastering Kubernetes", "数据结构", "Gardening"} {
		s.course(t, mappings.Course{Name: name, Level: "beginner"})
	}
	s.flush(t)
	rounds := &roundTrips{}
	searcher := search.NewSearcher(rounds.client(t, s), nil)
	for _, tc := range []struct {
		text    string
		filters map[catalog.Facet][]string
		total   int64
		want    []int
	}{
		{"数据结构", nil, 1, []int{1}},
		{"kuber", nil, 3, []int{1, 1}},                                               // unfinished words
		{"kuber", map[catalog.Facet][]string{"level": {"beginner"}}, 3, []int{2, 3}}, // and whether the filters are what leaves nothing
		{"kubernetes", map[catalog.Facet][]string{"level": {"advanced"}}, 0, []int{2, 3}},
		{"garddening", nil, 1, []int{1, 1, 1, 1}},    // unfinished words, a correction, and what it finds
		{"sewing", nil, 0, []int{1, 1, 1, 1}},        // a word that is spelt right: what is near before a correction
		{"kuber garddening", nil, 0, []int{1, 2, 1}}, // what is near beside unfinished words
	} {
		rounds.searches = nil
		a := ask(t, searcher, tc.text, only(catalog.KindCourse), func(q *catalog.Query) { q.Filters = tc.filters })
		if a.Courses.Total != tc.total || !slices.Equal(rounds.searches, tc.want) {
			t.Errorf("%q with %v: %d results by %v searches, want %d by %v", tc.text, tc.filters, a.Courses.Total, rounds.searches, tc.total, tc.want)
		}
	}
}

// roundTrips are the searches of each round trip that went through it.
type roundTrips struct{ searches []int }

// client is one whose requests are counted.
func (r *roundTrips) client(t *testing.T, s *shelf) *elastic.Client {
	t.Helper()
	options := testenv.ElasticsearchServer(t)
	to, err := url.Parse(options.Addresses[0])
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(to)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			t.Error(err)
		}
		r.searches = append(r.searches, bytes.Count(body, []byte("\n"))/2)
		req.Body = io.NopCloser(bytes.NewReader(body))
		proxy.ServeHTTP(w, req)
	}))
	t.Cleanup(server.Close)
	options.Addresses, options.Prefix = []string{server.URL}, s.client.Prefix
	c, err := elastic.Open(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}
