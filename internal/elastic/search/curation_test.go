package search_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/curation"
	"github.com/xunke/xunke/internal/elastic/search"
	"github.com/xunke/xunke/internal/hanzi"
	"github.com/xunke/xunke/mappings"
)

// withCurations is the searcher of a shelf with curations by query.
func (s *shelf) withCurations(sets map[string]curation.Set) *search.Searcher {
	byKey := map[string]*curation.Set{}
	for query, set := range sets {
		byKey[hanzi.Fold(query)] = &set
	}
	return s.searcher().WithCurations(func(key string) *curation.Set { return byKey[key] })
}

func courseKeys(ids ...int64) []catalog.Key {
	var items []catalog.Key
	for _, id := range ids {
		items = append(items, catalog.Key{Kind: catalog.KindCourse, ID: id})
	}
	return items
}

func pinnedOf(a catalog.Answer) []int64 {
	var ids []int64
	for _, h := range a.Courses.Hits {
		if h.Pinned {
			ids = append(ids, h.ID)
		}
	}
	return ids
}

// testCuratedOrder pins what matches and what does not, before the exact name that is
// also the most popular.
func testCuratedOrder(t *testing.T, s *shelf) {
	plain := idsOf(ask(t, s.searcher(), "数据结构", only(catalog.KindCourse)))
	exact, english, last := plain[0], idOf(t, s, "Machine Learning Basics"), plain[len(plain)-1]
	deleted := idOf(t, s, "已删除的数据结构")
	pins := courseKeys(last, deleted, english, 1<<40)
	searcher := s.withCurations(map[string]curation.Set{"數據結構": {Pins: pins}})
	for _, typed := range []string{"数据结构", "數據結構", " 数据结构！"} {
		a := ask(t, searcher, typed, only(catalog.KindCourse))
		want := append([]int64{last, english, exact}, plain[1:len(plain)-1]...)
		if got := idsOf(a); !slices.Equal(got, want) || a.Courses.Total != int64(len(want)) {
			t.Errorf("%q finds %v of %d, want %v", typed, got, a.Courses.Total, want)
		}
		if got := pinnedOf(a); !slices.Equal(got, []int64{last, english}) {
			t.Errorf("%q has %v pinned", typed, got)
		}
		if a.Courses.Hits[1].Highlight == nil || len(a.Courses.Hits[1].Highlight) != 0 {
			t.Errorf("what does not match is marked: %v", a.Courses.Hits[1].Highlight)
		}
	}
	if got := idsOf(ask(t, searcher, "数据", only(catalog.KindCourse))); slices.Contains(got, english) {
		t.Errorf("another query is curated: %v", got)
	}
	list := ask(t, s.searcher(), "", only(catalog.KindCourse))
	if a := ask(t, searcher, "", only(catalog.KindCourse)); len(pinnedOf(a)) > 0 || a.Courses.Total != list.Courses.Total {
		t.Errorf("a list without text is curated: %v of %d", pinnedOf(a), a.Courses.Total)
	}
}

// idOf finds a course by its name, deleted or not.
func idOf(t *testing.T, s *shelf, name string) int64 {
	t.Helper()
	var answer struct {
		Hits struct {
			Hits []struct {
				Source struct {
					ID int64 `json:"id"`
				} `json:"_source"`
			} `json:"hits"`
		} `json:"hits"`
	}
	body := map[string]any{"query": map[string]any{"term": map[string]any{"name_terms.exact": hanzi.Fold(name)}}}
	if err := s.client.Do(t.Context(), "POST", "/"+s.client.Alias(catalog.KindCourse)+"/_search", body, &answer); err != nil {
		t.Fatal(err)
	}
	if len(answer.Hits.Hits) != 1 {
		t.Fatalf("%d courses are called %s", len(answer.Hits.Hits), name)
	}
	return answer.Hits.Hits[0].Source.ID
}

// testCuratedKinds pins in sections, with filters and in other orders.
func testCuratedKinds(t *testing.T, s *shelf) {
	nanjing := ask(t, s.searcher(), "南京大学").Orgs.Hits[0].ID
	english := idOf(t, s, "Machine Learning Basics")
	searcher := s.withCurations(map[string]curation.Set{"北京大学": {
		Pins: append(courseKeys(english), catalog.Key{Kind: catalog.KindOrg, ID: nanjing}),
	}})
	a := ask(t, searcher, "北京大学")
	if names := orgNames(a); !slices.Equal(names, []string{"南京大学", "北京大学"}) || !a.Orgs.Hits[0].Pinned || a.Orgs.Hits[1].Pinned {
		t.Errorf("orgs are %q", names)
	}
	if a.Courses.Hits[0].ID != english {
		t.Errorf("the first course is %s", a.Courses.Hits[0].Name)
	}
	// A pin that does not pass the filter is not there, nor counted.
	a = ask(t, searcher, "北京大学", only(catalog.KindOrg), filter(catalog.FacetCity, "北京"))
	if names := orgNames(a); !slices.Equal(names, []string{"北京大学"}) || a.Orgs.Total != 1 {
		t.Errorf("orgs of 北京 are %q of %d", names, a.Orgs.Total)
	}
	for _, v := range a.Orgs.Facets[catalog.FacetCity] {
		if v.Count != 1 {
			t.Errorf("city %s counts %d", v.Value, v.Count)
		}
	}
	// In another order it stands where that puts it.
	a = ask(t, searcher, "北京大学", only(catalog.KindOrg), func(q *catalog.Query) { q.Sort = catalog.SortStudents })
	if names := orgNames(a); !slices.Equal(names, []string{"北京大学", "南京大学"}) || !a.Orgs.Hits[1].Pinned {
		t.Errorf("orgs by learners are %q", names)
	}
}

func testCuratedHidden(t *testing.T, s *shelf) {
	plain := ask(t, s.searcher(), "数据结构", only(catalog.KindCourse))
	hidden := plain.Courses.Hits[0].ID
	searcher := s.withCurations(map[string]curation.Set{"数据结构": {Hidden: courseKeys(hidden)}, "图论": {Hidden: courseKeys(idOf(t, s, "算法导论"))}})
	for _, by := range catalog.Sorts(catalog.KindCourse) {
		a := ask(t, searcher, "数据结构", only(catalog.KindCourse), func(q *catalog.Query) { q.Sort = by })
		if slices.Contains(idsOf(a), hidden) || a.Courses.Total != plain.Courses.Total-1 {
			t.Errorf("by %s: %v of %d", by, idsOf(a), a.Courses.Total)
		}
		if was, is := countOf(plain, catalog.FacetCategory, "工学"), countOf(a, catalog.FacetCategory, "工学"); is != was-1 {
			t.Errorf("by %s: 工学 counts %d, it was %d", by, is, was)
		}
	}
	suggested := func(by *search.Searcher) bool {
		list, err := by.Suggest(t.Context(), "数据结构", 10)
		if err != nil {
			t.Fatal(err)
		}
		return slices.ContainsFunc(list, func(s catalog.Suggestion) bool { return s.Type == "course" && s.ID == hidden })
	}
	if !suggested(s.searcher()) || suggested(searcher) {
		t.Error("what is hidden is suggested, or nothing is")
	}
	// The other ways to find something do not find it either.
	if a := ask(t, searcher, "图论", only(catalog.KindCourse)); a.Courses.Total != 0 {
		t.Errorf("what is hidden is found another way: %q", courseNames(a))
	}
	if a := ask(t, searcher, "图 论 ", only(catalog.KindCourse)); a.Courses.Total != 0 {
		t.Errorf("what is hidden is found otherwise: %q", courseNames(a))
	}
}

func countOf(a catalog.Answer, f catalog.Facet, value string) int64 {
	for _, v := range a.Courses.Facets[f] {
		if v.Value == value {
			return v.Count
		}
	}
	return 0
}

// testCuratedBoosts multiplies scores, of documents that match and of no others.
func testCuratedBoosts(t *testing.T, s *shelf) {
	plain := ask(t, s.searcher(), "程序设计", only(catalog.KindCourse))
	last := len(plain.Courses.Hits) - 1
	boosted := plain.Courses.Hits[last]
	for factor, furthest := range map[float64]int{10: 0, 2: last, 0.1: last} {
		a := ask(t, s.withCurations(map[string]curation.Set{"程序设计": {Boosts: []curation.Boosted{
			{Item: catalog.Key{Kind: catalog.KindCourse, ID: boosted.ID}, Factor: factor},
			{Item: catalog.Key{Kind: catalog.KindCourse, ID: idOf(t, s, "音乐欣赏")}, Factor: 10},
		}}}), "程序设计", only(catalog.KindCourse))
		if a.Courses.Total != plain.Courses.Total || len(pinnedOf(a)) > 0 {
			t.Errorf("by %g: finds %d, without the boost %d", factor, a.Courses.Total, plain.Courses.Total)
		}
		at := slices.Index(idsOf(a), boosted.ID)
		if got := a.Courses.Hits[at].Score / boosted.Score; got < factor*0.999 || got > factor*1.001 {
			t.Errorf("by %g: the score is multiplied by %g", factor, got)
		}
		if at > furthest {
			t.Errorf("by %g: it is at %d", factor, at)
		}
	}
}

// testCuratedFallback: pins take nothing away from a query that only other ways answer,
// and keep it from being corrected as long as they are shown.
func testCuratedFallback(t *testing.T, s *shelf) {
	music := idOf(t, s, "音乐欣赏")
	searcher := s.withCurations(map[string]curation.Set{
		"sjjg": {Pins: courseKeys(music)}, "lader": {Pins: courseKeys(music)}, "钢禽作品": {Pins: courseKeys(music)}, "machien learning": {Hidden: courseKeys(music)},
		"journalism": {Pins: courseKeys(music)}, "machine learning": {Pins: courseKeys(music)},
	})
	plain := idsOf(ask(t, s.searcher(), "sjjg", only(catalog.KindCourse)))
	if got := idsOf(ask(t, searcher, "sjjg", only(catalog.KindCourse))); !slices.Equal(got, append([]int64{music}, plain...)) {
		t.Errorf("initials find %v, without the pin %v", got, plain)
	}
	if a := ask(t, searcher, "钢禽作品"); a.CorrectedQuery != nil || !slices.Equal(pinnedOf(a), []int64{music}) {
		t.Errorf("with a pin: %v, corrected %v", courseNames(a), a.CorrectedQuery)
	}
	if a := ask(t, searcher, "钢禽作品", only(catalog.KindCourse), filter(catalog.FacetLanguage, "es")); len(pinnedOf(a)) > 0 {
		t.Errorf("a pin that does not pass the filter is shown: %v", courseNames(a))
	}
	if a := ask(t, searcher, "lader"); a.CorrectedQuery != nil || !slices.Equal(pinnedOf(a), []int64{music}) {
		t.Errorf("with a pin and little else: %v, corrected %v", courseNames(a), a.CorrectedQuery)
	}
	// A correction has its own curations, unless the words as typed have some.
	if a := ask(t, searcher, "journajlism"); a.CorrectedQuery == nil || !slices.Equal(pinnedOf(a), []int64{music}) || a.Courses.Hits[0].ID != music {
		t.Errorf("the correction has %v, pinned %v", courseNames(a), pinnedOf(a))
	}
	if a := ask(t, searcher, "machien learning"); a.CorrectedQuery == nil || len(pinnedOf(a)) > 0 {
		t.Errorf("curations of both: corrected %v, pinned %v", a.CorrectedQuery, pinnedOf(a))
	}
}

func testCuratedExplain(t *testing.T, s *shelf) {
	music := idOf(t, s, "音乐欣赏")
	searcher := s.withCurations(map[string]curation.Set{"数据结构": {Query: "数据结构", Pins: courseKeys(music)}})
	a := ask(t, searcher, "数据结构", func(q *catalog.Query) { q.Explain = true })
	raw, err := json.Marshal(a.Plan)
	if want := fmt.Sprintf(`"curation":{"boosted":{},"hidden":[],"pinned":["course:%d"],"query":"数据结构"}`, music); err != nil || !strings.Contains(string(raw), want) {
		t.Errorf("the plan is %s, %v; want %s", raw, err, want)
	}
	a = ask(t, searcher, "算法", func(q *catalog.Query) { q.Explain = true })
	if raw, err := json.Marshal(a.Plan); err != nil || strings.Contains(string(raw), "curation") {
		t.Errorf("the plan is %s, %v", raw, err)
	}
}

// testCuratedCrowd pins, hides and boosts many, and checks that facets promise what they
// give and that pages and cursors reach everything once, in one order.
func testCuratedCrowd(t *testing.T, s *shelf) {
	matching := allIDs(t, s.searcher(), "数据", catalog.KindCourse, nil)
	everything := allIDs(t, s.searcher(), "", catalog.KindCourse, nil)
	others := slices.DeleteFunc(slices.Clone(everything), func(id int64) bool { return slices.Contains(matching, id) })
	pins := slices.Concat(others[:20], matching[len(matching)-10:], []int64{1 << 40})
	set := curation.Set{Pins: courseKeys(pins...), Hidden: courseKeys(matching[:9]...)}
	for i, id := range matching[9:19] {
		set.Boosts = append(set.Boosts, curation.Boosted{Item: catalog.Key{Kind: catalog.KindCourse, ID: id}, Factor: float64(1 + i)})
	}
	if set.Len() != curation.MaxItems {
		t.Fatalf("%d items are curated", set.Len())
	}
	searcher := s.withCurations(map[string]curation.Set{"数据": set})
	shown := pins[:30]
	total := len(matching) + 20 - 9
	for _, by := range catalog.Sorts(catalog.KindCourse) {
		for _, size := range []int{7, 30} {
			paged, followed := readAll(t, searcher, "数据", by, size)
			if len(paged) != total || !slices.Equal(paged, followed) {
				t.Errorf("by %s in pages of %d: %d of %d; pages give %v, cursors %v", by, size, len(paged), total, paged, followed)
			}
			if first := slices.Equal(paged[:30], shown); first != (by == catalog.SortRelevance) {
				t.Errorf("by %s the first are %v, pinned are %v", by, paged[:30], shown)
			}
			if slices.Contains(paged, matching[0]) {
				t.Errorf("by %s what is hidden is there", by)
			}
		}
	}
	for _, chosen := range []map[catalog.Facet][]string{nil, {catalog.FacetLevel: {"beginner"}}, {catalog.FacetCity: {"北京"}, catalog.FacetLanguage: {"zh"}}} {
		a := askWith(t, searcher, "数据", catalog.KindCourse, chosen)
		if ids := allIDs(t, searcher, "数据", catalog.KindCourse, chosen); int64(len(ids)) != a.Courses.Total {
			t.Errorf("with %v the total is %d of %d", chosen, a.Courses.Total, len(ids))
		}
		checkPromises(t, searcher, "数据", catalog.KindCourse, chosen)
	}
}

// readAll reads a list of courses by page numbers and by cursors.
func readAll(t *testing.T, s *search.Searcher, text string, by catalog.Sort, size int) (paged, followed []int64) {
	t.Helper()
	for page := 1; ; page++ {
		ids := idsOf(ask(t, s, text, only(catalog.KindCourse), func(q *catalog.Query) { q.Sort, q.PerPage, q.Page = by, size, page }))
		if paged = append(paged, ids...); len(ids) < size {
			break
		}
	}
	var cursor *catalog.Cursor
	for {
		a := ask(t, s, text, only(catalog.KindCourse), func(q *catalog.Query) { q.Sort, q.PerPage, q.Cursor = by, size, cursor })
		followed = append(followed, idsOf(a)...)
		if cursor = nextOf(a); cursor == nil {
			return paged, followed
		}
	}
}

// TestCuratedKindThatHasOnlyPins: a kind in which nothing matches shows its pins.
func TestCuratedKindThatHasOnlyPins(t *testing.T) {
	s := newShelf(t)
	s.course(t, mappings.Course{Name: "数据结构"})
	org := s.org(t, mappings.Org{Name: "北京大学"})
	s.flush(t)
	searcher := s.withCurations(map[string]curation.Set{"数据结构": {Pins: []catalog.Key{{Kind: catalog.KindOrg, ID: org.ID}}}})
	a := ask(t, searcher, "数据结构")
	if !slices.Equal(courseNames(a), []string{"数据结构"}) || !slices.Equal(orgNames(a), []string{"北京大学"}) || a.Orgs.Total != 1 {
		t.Errorf("found %q and %q", courseNames(a), orgNames(a))
	}
}
