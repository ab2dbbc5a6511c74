package web_test

import (
	"context"
	"testing"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/searchlog"
	"github.com/xunke/xunke/web/webtest"
)

// reportedSearch is the search that a page reports, if any.
func reportedSearch(t *testing.T, s *webtest.Site, path string) (searchlog.Search, bool) {
	t.Helper()
	s.Get(t, path)
	select {
	case e := <-s.Searches:
		return e, true
	default:
		return searchlog.Search{}, false
	}
}

func TestPagesReportSearches(t *testing.T) {
	s := webtest.NewSite()
	org := catalog.OrgHit{Hit: catalog.Hit{ID: 1, Type: catalog.KindOrg, Name: "青岚"}}
	s.Searcher.OnSearch = func(_ context.Context, q catalog.Query) (catalog.Answer, error) {
		if q.Text == "down" {
			return catalog.Answer{}, catalog.Unavailable("the search index", context.DeadlineExceeded)
		}
		a := catalog.Answer{
			Query: q.Text, SearchID: "s1",
			Courses: &catalog.Section[catalog.CourseHit]{Total: 40, Hits: webtest.Courses()},
			Orgs:    &catalog.Section[catalog.OrgHit]{Total: 9, Hits: []catalog.OrgHit{{}, org, {}, {}, {}, {}, {}, {}}},
		}
		return a, nil
	}
	s.Start(t)
	// Of eight orgs the page shows the best match and five others.
	got, ok := reportedSearch(t, s, "/?q=青岚")
	if !ok || got.ID != "s1" || got.Text != "青岚" || got.From != 1 || got.Total != 49 || got.Narrowed ||
		got.Shown[catalog.KindOrg] != 6 || got.Shown[catalog.KindCourse] != len(webtest.Courses()) {
		t.Errorf("reported %+v, %v", got, ok)
	}
	webtest.Contains(t, s.Get(t, "/?q=青岚"), `<ol class="plain" data-first="1">`, `<ol class="people plain" data-first="2">`)
	<-s.Searches
	for path, from := range map[string]int{"/?q=x&type=course": 1, "/?q=x&level=beginner": 1, "/?q=x&type=course&page=2": 11} {
		if got, ok := reportedSearch(t, s, path); !ok || !got.Narrowed || got.From != from {
			t.Errorf("%s: reported %+v, %v", path, got, ok)
		}
	}
	for _, path := range []string{"/", "/?q=down", "/?type=course", "/?q=x&page=0", "/courses/1"} {
		if got, ok := reportedSearch(t, s, path); ok {
			t.Errorf("%s: reported %+v", path, got)
		}
	}
}
