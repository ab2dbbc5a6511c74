package admin_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/web/admin"
	"github.com/xunke/xunke/web/webtest"
)

// fakeTrends knows one course.
type fakeTrends struct{ history []catalog.DailyCounts }

func (f fakeTrends) Trend(_ context.Context, id int64) (string, []catalog.DailyCounts, error) {
	if id != 42 {
		return "", nil, catalog.NotFound(catalog.KindCourse, id)
	}
	return "数据结构 & <算法>", f.history, nil
}

// fakeCappedViews is a week's views that are not counted.
type fakeCappedViews struct{}

func (fakeCappedViews) ReadCappedViews(_ context.Context, from, to time.Time, _ int) (catalog.CappedViews, error) {
	return catalog.CappedViews{From: from, To: to, Views: 1234, Items: []catalog.CappedItem{
		{Kind: catalog.KindCourse, ID: 42, Name: "数据结构 & <算法>", Views: 1200, Counted: 25}, {Kind: catalog.KindOrg, ID: 7, Views: 34},
	}}, nil
}

func TestTrendsTellWhatIsNotCounted(t *testing.T) {
	s := trendSite(nil)
	s.Admin.CappedViews = fakeCappedViews{}
	s.Start(t)
	p := s.Get(t, "/admin/trends?lang=en", "Authorization", webtest.BasicAuth(webtest.AdminPassword))
	webtest.Status(t, p, http.StatusOK)
	webtest.Contains(t, p, "Views that are not counted", "1,234 views", `href="/courses/42?lang=en">数据结构 &amp; &lt;算法&gt;</a>`, ">1,200<", ">25<", ">org:7<")
}

func trendSite(history []catalog.DailyCounts) *webtest.Site {
	s := webtest.NewSite()
	s.Admin, s.Password = &admin.Deps{Trends: fakeTrends{history}}, webtest.AdminPassword
	s.Ranker.OnRanking = func(_ context.Context, q catalog.RankingQuery) (catalog.Ranking, error) {
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
	s.Now = func() time.Time { return today.Add(24*time.Hour - time.Second) }
	s.Start(t)
	for _, path := range []string{"/admin/trends", "/admin/courses/42/trend"} {
		if p := s.Get(t, path); p.Status != http.StatusUnauthorized || strings.Contains(p.Body, "数据结构") {
			t.Errorf("%s shows itself to everybody: %d", path, p.Status)
		}
	}
	admin := []string{"Authorization", webtest.BasicAuth(webtest.AdminPassword)}
	list := s.Get(t, "/admin/trends?lang=en", admin...)
	webtest.Status(t, list, http.StatusOK)
	webtest.Contains(t, list, `href="/admin/courses/42/trend?lang=en"`, "× 3.2", "Rising", `aria-current="page"`)
	p := s.Get(t, "/admin/courses/42/trend?lang=en", admin...)
	webtest.Status(t, p, http.StatusOK)
	// Views: 63 in all, the first of the last 7 days being six days ago; a mean of one a day before.
	webtest.Contains(t, p, "数据结构 &amp; &lt;算法&gt;", ">63<", "40 in the last 7 days", "40 on the best day", `y1="97.5"`, `href="/courses/42?lang=en"`, "Views: 63 in 30 days")
	webtest.Lacks(t, p, "9,999", "ZgotmplZ", "%!", "<no value>")
	if n := strings.Count(p.Body, "<g>"); n != 90 {
		t.Errorf("%d bars, want 30 in each of three plots", n)
	}
	if n := strings.Count(p.Body, `class="now"`); n != 21 {
		t.Errorf("%d bars are of the last week", n)
	}
	if p = s.Get(t, "/admin/courses/7/trend", admin...); p.Status != http.StatusNotFound {
		t.Errorf("an unknown course: %d", p.Status)
	}
}

func TestTrendOfNothing(t *testing.T) {
	s := trendSite(nil)
	s.Start(t)
	p := s.Get(t, "/admin/courses/42/trend?lang=en", "Authorization", webtest.BasicAuth(webtest.AdminPassword))
	webtest.Status(t, p, http.StatusOK)
	webtest.Contains(t, p, "Nothing has happened")
	webtest.Lacks(t, p, "<g>", "NaN")
}
