package web_test

import (
	"context"
	"testing"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/searchlog"
)

// reported is the search that a page reports, if any.
func (s *site) reported(t *testing.T, path string) (searchlog.Search, bool) {
	t.Helper()
	s.get(t, path)
	select {
	case e := <-s.found:
		return e, true
	default:
		return searchlog.Search{}, false
	}
}

func TestPagesReportSearches(t *testing.T) {
	s := newSite()
	org := catalog.OrgHit{Hit: catalog.Hit{ID: 1, Type: catalog.KindOrg, Name: "青岚"}}
	s.searcher.search = func(_ context.Context, q catalog.Query) (catalog.Answer, error) {
		if q.Text == "down" {
			return catalog.Answer{}, catalog.Unavailable("the search index", context.DeadlineExceeded)
		}
		a := catalog.Answer{
			Query: q.Text, SearchID: "s1",
			Courses: &catalog.Section[catalog.CourseHit]{Total: 40, Hits: courses()},
			Orgs:    &catalog.Section[catalog.OrgHit]{Total: 9, Hits: []catalog.OrgHit{{}, org, {}, {}, {}, {}, {}, {}}},
		}
		return a, nil
	}
	s.start(t)
	// Of eight orgs the page shows the best match and five others.
	got, ok := s.reported(t, "/?q=青岚")
	if !ok || got.ID != "s1" || got.Text != "青岚" || got.From != 1 || got.Total != 49 || got.Narrowed ||
		got.Shown[catalog.KindOrg] != 6 || got.Shown[catalog.KindCourse] != len(courses()) {
		t.Errorf("reported %+v, %v", got, ok)
	}
	contains(t, s.get(t, "/?q=青岚"), `<ol class="plain" data-first="1">`, `<ol class="people plain" data-first="2">`)
	<-s.found
	for path, from := range map[string]int{"/?q=x&type=course": 1, "/?q=x&level=beginner": 1, "/?q=x&type=course&page=2": 11} {
		if got, ok := s.reported(t, path); !ok || !got.Narrowed || got.From != from {
			t.Errorf("%s: reported %+v, %v", path, got, ok)
		}
	}
	for _, path := range []string{"/", "/?q=down", "/?type=course", "/?q=x&page=0", "/courses/1"} {
		if got, ok := s.reported(t, path); ok {
			t.Errorf("%s: reported %+v", path, got)
		}
	}
}
