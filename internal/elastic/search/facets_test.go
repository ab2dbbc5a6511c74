package search_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/elastic/search"
	"github.com/xunke/xunke/mappings"
)

func TestCrowd(t *testing.T) {
	s := crowd(t)
	// Cursors come last: they write.
	t.Run("CountsAreKept", func(t *testing.T) { testCountsAreKept(t, s) })
	t.Run("CountsWhatIsAskedFor", func(t *testing.T) { testCountsWhatIsAskedFor(t, s) })
	t.Run("Labels", func(t *testing.T) { testLabels(t, s) })
	t.Run("Curated", func(t *testing.T) { testCuratedCrowd(t, s) })
	t.Run("ForeignCursors", func(t *testing.T) { testForeignCursors(t, s) })
	t.Run("CursorsReachEverything", func(t *testing.T) { testCursorsReachEverything(t, s) })
	t.Run("CursorHoldsItsList", func(t *testing.T) { testCursorHoldsItsList(t, s) })
	t.Run("ViewsAreShared", func(t *testing.T) { testViewsAreShared(t, s) })
	t.Run("PagesAskTheSame", func(t *testing.T) { testPagesAskTheSame(t, s) })
	t.Run("CursorsPassMidnight", func(t *testing.T) { testCursorsPassMidnight(t, s) })
}

// crowd is a catalogue in which every facet has several values in every combination.
func crowd(t *testing.T) *shelf {
	t.Helper()
	s := newShelf(t)
	random := rand.New(rand.NewPCG(1, 2))
	pick := func(values ...string) string { return values[random.IntN(len(values))] }
	var orgs, teachers []mappings.Ref
	cities, kinds := []string{"北京", "上海", "广州"}, []string{"university", "training", "individual"}
	for i := range 6 {
		orgs = append(orgs, s.org(t, mappings.Org{Name: fmt.Sprintf("学院%d", i), City: cities[i%3], OrgCategory: kinds[i%2]}))
		teachers = append(teachers, s.teacher(t, mappings.Teacher{
			Name: fmt.Sprintf("老师%d", i), Org: &orgs[i], City: cities[i%3], OrgCategory: kinds[i%2],
		}))
	}
	for i := range 120 {
		at := random.IntN(len(orgs))
		taught := []mappings.Ref{teachers[random.IntN(6)]}
		if other := teachers[random.IntN(6)]; other != taught[0] {
			taught = append(taught, other)
		}
		c := mappings.Course{
			Name: pick("数据分析", "数据结构", "机器学习", "英语写作") + strconv.Itoa(i), Org: &orgs[at],
			City: cities[at%3], OrgCategory: kinds[at%2], Teachers: taught,
			Category: pick("工学", "文学", "理学", ""), Level: pick("beginner", "intermediate", "advanced"),
			Tags: []string{pick("热门", "免费"), pick("实战", "考研", "入门")}, Language: pick("zh", "en"),
			Students: int64(random.IntN(50)),
		}
		s.course(t, c)
	}
	s.flush(t)
	return s
}

func facetsOf(a catalog.Answer, k catalog.Kind) (int64, map[catalog.Facet][]catalog.FacetValue) {
	switch k {
	case catalog.KindOrg:
		return a.Orgs.Total, a.Orgs.Facets
	case catalog.KindTeacher:
		return a.Teachers.Total, a.Teachers.Facets
	default:
		return a.Courses.Total, a.Courses.Facets
	}
}

// testCountsAreKept checks the promise that a count is: choosing the value gives as
// many results, whatever else is chosen.
func testCountsAreKept(t *testing.T, s *shelf) {
	searcher := s.searcher()
	random := rand.New(rand.NewPCG(3, 4))
	for range 6 {
		k := []catalog.Kind{catalog.KindCourse, catalog.KindCourse, catalog.KindOrg, catalog.KindTeacher}[random.IntN(4)]
		text := []string{"", "数据", "老师1", "学院"}[random.IntN(4)]
		chosen := map[catalog.Facet][]string{}
		for range random.IntN(3) {
			_, facets := facetsOf(askWith(t, searcher, text, k, chosen), k)
			f := catalog.Facets(k)[random.IntN(len(catalog.Facets(k)))]
			if values := facets[f]; len(values) > 0 && len(chosen[f]) == 0 {
				chosen[f] = []string{values[random.IntN(len(values))].Value}
			}
		}
		t.Run(fmt.Sprintf("%s %q %v", k, text, chosen), func(t *testing.T) { checkPromises(t, searcher, text, k, chosen) })
	}
}

func askWith(t *testing.T, s *search.Searcher, text string, k catalog.Kind, chosen map[catalog.Facet][]string) catalog.Answer {
	t.Helper()
	return ask(t, s, text, only(k), func(q *catalog.Query) { q.Filters, q.Facets = chosen, catalog.Facets(k) })
}

func checkPromises(t *testing.T, s *search.Searcher, text string, k catalog.Kind, chosen map[catalog.Facet][]string) {
	t.Helper()
	_, facets := facetsOf(askWith(t, s, text, k, chosen), k)
	for f, values := range facets {
		for i, v := range values {
			if v.Selected != slices.Contains(chosen[f], v.Value) {
				t.Errorf("%s %q: selected is %v", f, v.Value, v.Selected)
			}
			total, after := facetsOf(askWith(t, s, text, k, with(chosen, f, v.Value)), k)
			if total != v.Count {
				t.Errorf("%s %q promises %d and gives %d", f, v.Value, v.Count, total)
			}
			if !slices.EqualFunc(after[f], values, func(a, b catalog.FacetValue) bool { return a.Value == b.Value && a.Count == b.Count }) {
				t.Errorf("choosing %s %q changed the facet's own counts", f, v.Value)
			}
			if i > 0 {
				break // two values of each facet are enough
			}
		}
		if len(values) > 1 {
			checkUnion(t, s, text, k, chosen, f, values[0].Value, values[1].Value)
		}
	}
}

// checkUnion checks that two values of one facet give what either gives.
func checkUnion(t *testing.T, s *search.Searcher, text string, k catalog.Kind, chosen map[catalog.Facet][]string, f catalog.Facet, a, b string) {
	t.Helper()
	either := map[int64]bool{}
	for _, v := range []string{a, b} {
		for _, id := range allIDs(t, s, text, k, with(chosen, f, v)) {
			either[id] = true
		}
	}
	both := allIDs(t, s, text, k, with(chosen, f, a, b))
	if len(both) != len(either) {
		t.Errorf("%s %q or %q gives %d, want %d", f, a, b, len(both), len(either))
	}
	for _, id := range both {
		if !either[id] {
			t.Errorf("%s %q or %q gives %d, which neither gives", f, a, b, id)
		}
	}
}

func with(chosen map[catalog.Facet][]string, f catalog.Facet, values ...string) map[catalog.Facet][]string {
	out := map[catalog.Facet][]string{}
	for k, v := range chosen {
		out[k] = v
	}
	out[f] = values
	return out
}

func allIDs(t *testing.T, s *search.Searcher, text string, k catalog.Kind, chosen map[catalog.Facet][]string) []int64 {
	t.Helper()
	a := ask(t, s, text, only(k), func(q *catalog.Query) { q.Filters = chosen; q.PerPage = catalog.MaxPerPage })
	ids := idsOf(a)
	for page := 2; len(ids) == (page-1)*catalog.MaxPerPage; page++ {
		ids = append(ids, idsOf(ask(t, s, text, only(k), func(q *catalog.Query) {
			q.Filters, q.PerPage, q.Page = chosen, catalog.MaxPerPage, page
		}))...)
	}
	return ids
}

func idsOf(a catalog.Answer) []int64 {
	var ids []int64
	for _, part := range a.Parts() {
		for _, h := range part.Hits {
			ids = append(ids, h.ID)
		}
	}
	return ids
}

// testCountsWhatIsAskedFor checks which facets are counted, that their counts do not depend on
// which others are, and that a total needs none.
func testCountsWhatIsAskedFor(t *testing.T, s *shelf) {
	searcher := s.searcher()
	level, org := catalog.FacetLevel, catalog.FacetOrg
	all := askWith(t, searcher, "数据", catalog.KindCourse, nil).Courses
	chosen := map[catalog.Facet][]string{org: {all.Facets[org][0].Value}}
	narrowed := askWith(t, searcher, "数据", catalog.KindCourse, chosen).Courses
	cheap := []catalog.Facet{catalog.FacetCategory, level, catalog.FacetTag, catalog.FacetCity, catalog.FacetOrgCategory, catalog.FacetLanguage}
	for _, tc := range []struct {
		asked  []catalog.Facet
		chosen map[catalog.Facet][]string
		whole  *catalog.Section[catalog.CourseHit]
		want   []catalog.Facet
	}{
		{nil, nil, all, cheap},
		{[]catalog.Facet{}, nil, all, nil},
		{[]catalog.Facet{level, org}, nil, all, []catalog.Facet{level, org}},
		{nil, chosen, narrowed, append(slices.Clone(cheap), org)},
		{[]catalog.Facet{}, chosen, narrowed, []catalog.Facet{org}},
	} {
		got := ask(t, searcher, "数据", only(catalog.KindCourse), func(q *catalog.Query) { q.Filters, q.Facets = tc.chosen, tc.asked }).Courses
		if got.Total != tc.whole.Total || len(got.Facets) != len(tc.want) {
			t.Errorf("%v with %v: %d results, want %d; facets %v, want %v", tc.asked, tc.chosen, got.Total, tc.whole.Total, got.Facets, tc.want)
		}
		for _, f := range tc.want {
			if !slices.Equal(got.Facets[f], tc.whole.Facets[f]) {
				t.Errorf("%v with %v: facet %s is %v, want %v", tc.asked, tc.chosen, f, got.Facets[f], tc.whole.Facets[f])
			}
		}
	}
}

func testLabels(t *testing.T, s *shelf) {
	searcher := s.searcher()
	a := askWith(t, searcher, "", catalog.KindCourse, nil)
	for _, v := range a.Courses.Facets[catalog.FacetLevel] {
		if want := map[string]string{"beginner": "初级", "intermediate": "中级", "advanced": "高级"}[v.Value]; v.Label != want {
			t.Errorf("label of %q is %q, want %q", v.Value, v.Label, want)
		}
	}
	for _, f := range []catalog.Facet{catalog.FacetOrg, catalog.FacetTeacher} {
		values := a.Courses.Facets[f]
		if len(values) != 6 {
			t.Errorf("facet %s has %d values", f, len(values))
		}
		for _, v := range values {
			if _, err := strconv.Atoi(v.Value); err != nil || v.Label == v.Value {
				t.Errorf("facet %s has value %q with label %q", f, v.Value, v.Label)
			}
		}
	}
	chosen := ask(t, searcher, "", only(catalog.KindCourse), filter(catalog.FacetCategory, "没有")).Courses
	last := chosen.Facets[catalog.FacetCategory]
	if v := last[len(last)-1]; chosen.Total != 0 || v.Value != "没有" || !v.Selected || v.Count != 0 {
		t.Errorf("a chosen value that nothing has is %+v of %d", v, chosen.Total)
	}
}
