package searchapi

import (
	"context"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/searchapi/fake"
)

func TestRankingParameters(t *testing.T) {
	var asked catalog.RankingQuery
	f := &fixture{ranker: fake.Ranker{OnRanking: func(_ context.Context, q catalog.RankingQuery) (catalog.Ranking, error) {
		asked = q
		return catalog.Ranking{Window: q.Window}, nil
	}}}
	s := f.server(t)
	for target, want := range map[string]catalog.RankingQuery{
		"/api/v1/rankings/courses": {Kind: catalog.KindCourse, Window: catalog.WindowWeek, Limit: 10, Filters: map[catalog.Facet][]string{}},
		"/api/v1/rankings/courses?window=all&limit=100&category=c&level=advanced&city=x&org_id=4": {
			Kind: catalog.KindCourse, Window: catalog.WindowAll, Limit: 100, Filters: map[catalog.Facet][]string{
				catalog.FacetCategory: {"c"}, catalog.FacetLevel: {"advanced"}, catalog.FacetCity: {"x"}, catalog.FacetOrg: {"4"},
			},
		},
		"/api/v1/rankings/orgs?window=day&category=training&city=": {
			Kind: catalog.KindOrg, Window: catalog.WindowDay, Limit: 10,
			Filters: map[catalog.Facet][]string{catalog.FacetOrgCategory: {"training"}},
		},
		"/api/v1/rankings/teachers?window=month&org_id=4": {
			Kind: catalog.KindTeacher, Window: catalog.WindowMonth, Limit: 10,
			Filters: map[catalog.Facet][]string{catalog.FacetOrg: {"4"}},
		},
	} {
		a := get(t, s, target)
		if a.status != http.StatusOK || !reflect.DeepEqual(asked, want) {
			t.Errorf("%s: %d\ngot  %+v\nwant %+v", target, a.status, asked, want)
		}
	}
}

func TestRankingsAreRevalidated(t *testing.T) {
	ranking := catalog.Ranking{Window: catalog.WindowWeek, Items: []catalog.RankingItem{{Rank: 1, ID: 7, Name: "数据结构", URL: "/courses/7"}}}
	f := &fixture{
		options: Options{PublicURL: "https://xunke.example/"},
		ranker: fake.Ranker{OnRanking: func(context.Context, catalog.RankingQuery) (catalog.Ranking, error) {
			ranking.GeneratedAt = ranking.GeneratedAt.Add(time.Second)
			return ranking, nil
		}},
	}
	s := f.server(t)
	now := time.Now()
	s.now = func() time.Time { return now }
	ask := func(tag string) answer {
		r := httptest.NewRequest(http.MethodGet, "/api/v1/rankings/courses", nil)
		if tag != "" {
			r.Header.Set("If-None-Match", tag)
		}
		return do(t, s, r)
	}
	first := ask("")
	tag := first.header.Get("Etag")
	var body catalog.Ranking
	first.decode(t, &body)
	if first.status != http.StatusOK || tag == "" || first.header.Get("Cache-Control") != rankingCache || body.Items[0].URL != "https://xunke.example/courses/7" {
		t.Fatalf("%d %v %s", first.status, first.header, first.body)
	}
	if ranking.Items[0].URL != "/courses/7" {
		t.Error("the ranker's own items were changed")
	}
	for sent, want := range map[string]int{
		tag: http.StatusNotModified, `"other", ` + tag: http.StatusNotModified, tag[2:]: http.StatusNotModified, "*": http.StatusNotModified, `"other"`: http.StatusOK,
	} {
		a := ask(sent)
		if a.status != want || (want == http.StatusNotModified) != (a.body == "") || a.header.Get("Etag") != tag {
			t.Errorf("If-None-Match %s: %d, tag %s, body %q", sent, a.status, a.header.Get("Etag"), a.body)
		}
	}
	ranking.Items[0].Score = 2
	now = now.Add(rankingLife)
	if a := ask(tag); a.status != http.StatusOK || a.header.Get("Etag") == tag {
		t.Errorf("after a change: %d", a.status)
	}
	// What a substitute answers is not kept, and it is counted.
	ranking.Degraded = true
	now = now.Add(rankingLife)
	if a := ask(tag); a.status != http.StatusOK || a.header.Get("Cache-Control") != "no-cache" || a.header.Get("Etag") != "" {
		t.Errorf("degraded: %d %v", a.status, a.header)
	}
	figures := get(t, s, "/metrics").body
	for _, want := range []string{
		`xunke_degraded_answers_total{route="/api/v1/rankings/courses"} 1`,
		`xunke_http_requests_total{method="GET",route="/api/v1/rankings/courses",status="304"} 4`,
		`xunke_build_info{version="test"} 1`, "go_goroutines", "xunke_http_request_seconds_bucket",
	} {
		if !contains(figures, want) {
			t.Errorf("/metrics lacks %s", want)
		}
	}
}

// TestARankingServesManyForAMoment: who asks the same within a second gets the same bytes,
// and nobody gets a ranking that others have asked for or that is older.
func TestARankingServesManyForAMoment(t *testing.T) {
	asked := 0
	f := &fixture{ranker: fake.Ranker{OnRanking: func(ctx context.Context, q catalog.RankingQuery) (catalog.Ranking, error) {
		if asked++; ctx.Done() != nil {
			t.Error("whoever asks first can end it for others")
		}
		return catalog.Ranking{Window: q.Window, Items: []catalog.RankingItem{{ID: int64(asked), Name: strings.Repeat("数据结构", 500)}}}, nil
	}}}
	s := f.server(t)
	now := time.Now()
	s.now = func() time.Time { return now }
	for i, target := range []string{
		"/api/v1/rankings/courses", "/api/v1/rankings/courses?window=day", "/api/v1/rankings/courses?limit=9", "/api/v1/rankings/orgs",
		"/api/v1/rankings/courses?city=x", "/api/v1/rankings/courses?category=x", "/api/v1/rankings/courses?category=x&city=x",
	} {
		for _, coding := range []string{"", "gzip", "br", ""} {
			a := ask(t, s, target, coding, "")
			var ranking catalog.Ranking
			a.decode(t, &ranking)
			if asked != i+1 || ranking.Items[0].ID != int64(asked) || a.header.Get("Content-Encoding") != coding {
				t.Errorf("%s in %q: asked %d times, %v", target, coding, asked, a.header)
			}
		}
	}
	now = now.Add(rankingLife)
	before := asked
	if ask(t, s, "/api/v1/rankings/courses", "", ""); asked != before+1 {
		t.Error("a ranking outlives its second")
	}
}
