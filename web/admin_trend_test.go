package web_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/web"
)

// fakeTrends knows one course.
type fakeTrends struct{ history []catalog.DailyCounts }

func (f fakeTrends) Trend(_ context.Context, id int64) (string, []catalog.DailyCounts, error) {
	if id != 42 {
		return "", nil, catalog.NotFound(catalog.KindCourse, id)
	}
	return "数据结构 & <算法>", f.history, nil
}

func trendSite(history []catalog.DailyCounts) *site {
	s := newSite()
	s.admin, s.password = &web.Admin{Trends: fakeTrends{history}}, adminPassword
	s.ranker.ranking = func(_ context.Context, q catalog.RankingQuery) (catalog.Ranking, error) {
		return catalog.Ranking{Window: q.Window, Items: []catalog.RankingItem{
			{Rank: 1, ID: 42, Name: "数据结构", Score: 3.25}, {Rank: 2, ID: 43, Name: "Go 语言", Score: 1.5},
		}}, nil
	}
	return s
}

func TestTrend(t *testing.T) {
	today := time.Date(2028, 2, 29, 0, 0, 0, 0, time.UTC)
	s := trendSite([]catalog.DailyCounts{
		{Day: today, Views: 40, Favorites: 2}, {Day: today.AddDate(0, 0, -7), Views: 23}, {Day: today.AddDate(0, 0, -29), Enrolments: 5},
		{Day: today.AddDate(0, 0, -30), Views: 9999, Favorites: 9999}, {Day: today.AddDate(0, 0, 1), Enrolments: 9999},
	})
	s.now = func() time.Time { return today.Add(24*time.Hour - time.Second) }
	s.start(t)
	for _, path := range []string{"/admin/trends", "/admin/courses/42/trend"} {
		if p := s.get(t, path); p.status != http.StatusUnauthorized || strings.Contains(p.body, "数据结构") {
			t.Errorf("%s shows itself to everybody: %d", path, p.status)
		}
	}
	admin := []string{"Authorization", basic(adminPassword)}
	list := s.get(t, "/admin/trends?lang=en", admin...)
	status(t, list, http.StatusOK)
	contains(t, list, `href="/admin/courses/42/trend?lang=en"`, "× 3.2", "Rising", `aria-current="page"`)
	p := s.get(t, "/admin/courses/42/trend?lang=en", admin...)
	status(t, p, http.StatusOK)
	// Views: 63 in all, the first of the last 7 days being six days ago; a mean of one a day before.
	contains(t, p, "数据结构 &amp; &lt;算法&gt;", ">63<", "40 in the last 7 days", "40 on the best day", `y1="97.5"`, `href="/courses/42?lang=en"`, "Views: 63 in 30 days")
	lacks(t, p, "9,999", "ZgotmplZ", "%!", "<no value>")
	if n := strings.Count(p.body, "<g>"); n != 90 {
		t.Errorf("%d bars, want 30 in each of three plots", n)
	}
	if n := strings.Count(p.body, `class="now"`); n != 21 {
		t.Errorf("%d bars are of the last week", n)
	}
	if p = s.get(t, "/admin/courses/7/trend", admin...); p.status != http.StatusNotFound {
		t.Errorf("an unknown course: %d", p.status)
	}
}

func TestTrendOfNothing(t *testing.T) {
	s := trendSite(nil)
	s.start(t)
	p := s.get(t, "/admin/courses/42/trend?lang=en", "Authorization", basic(adminPassword))
	status(t, p, http.StatusOK)
	contains(t, p, "Nothing has happened")
	lacks(t, p, "<g>", "NaN")
}
