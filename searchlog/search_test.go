package searchlog_test

import (
	"maps"
	"testing"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/searchlog"
)

func TestWhatIsLookedAt(t *testing.T) {
	corrected := "数据结构"
	hits := &catalog.Section[catalog.CourseHit]{Total: 30, Hits: make([]catalog.CourseHit, 10)}
	orgs := &catalog.Section[catalog.OrgHit]{Total: 2, Hits: make([]catalog.OrgHit, 2)}
	s, ok := searchlog.Of(
		catalog.Query{Text: "数剧结构", Page: 2, PerPage: 10, Filters: map[catalog.Facet][]string{catalog.FacetLevel: {"beginner"}}},
		catalog.Answer{SearchID: "s", CorrectedQuery: &corrected, Courses: hits, Orgs: orgs, Notices: []catalog.Notice{{Code: catalog.NoticeRelaxed}}},
	)
	want := map[catalog.Kind]int{catalog.KindCourse: 10, catalog.KindOrg: 2}
	if !ok || s.ID != "s" || s.From != 11 || s.Total != 32 || !s.Narrowed || !s.Corrected || !s.Relaxed || !maps.Equal(s.Shown, want) {
		t.Errorf("%+v, %v", s, ok)
	}
	if s, ok := searchlog.Of(catalog.Query{Text: "x", Page: 1}, catalog.Answer{SearchID: "s", Degraded: true}); !ok || !s.Narrowed || s.From != 1 {
		t.Errorf("a degraded answer: %+v, %v", s, ok)
	}
	for what, c := range map[string]struct {
		q catalog.Query
		a catalog.Answer
	}{
		"no text":    {catalog.Query{Text: " "}, catalog.Answer{SearchID: "s"}},
		"a cursor":   {catalog.Query{Text: "x", Cursor: &catalog.Cursor{}}, catalog.Answer{SearchID: "s"}},
		"only signs": {catalog.Query{Text: "?!"}, catalog.Answer{SearchID: "s", Notices: []catalog.Notice{{Code: catalog.NoticeNoWords}}}},
		"no id":      {catalog.Query{Text: "x"}, catalog.Answer{}},
	} {
		if s, ok := searchlog.Of(c.q, c.a); ok {
			t.Errorf("%s: %+v", what, s)
		}
	}
}

func TestWhatCounts(t *testing.T) {
	for _, c := range []struct {
		from          int
		narrowed, new bool
		counts        bool
	}{
		{1, false, true, true}, {1, false, false, true}, {1, true, true, true},
		{1, true, false, false}, {11, false, true, false},
	} {
		e := searchlog.Entry{New: c.new, Page: searchlog.Page{From: c.from, Narrowed: c.narrowed}}
		if e.Counts() != c.counts {
			t.Errorf("%+v", c)
		}
	}
}
