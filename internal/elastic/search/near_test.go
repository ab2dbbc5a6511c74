package search_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/elastic/search"
	"github.com/xunke/xunke/mappings"
)

func nearNames(a catalog.Answer) []string {
	names := []string{}
	for _, h := range a.Courses.Near {
		names = append(names, h.Name)
	}
	return names
}

// nearShelf has courses to be asked for in other words than theirs. Words that many names
// have say little about any.
func nearShelf(t *testing.T) (*shelf, mappings.Ref) {
	t.Helper()
	s := newShelf(t)
	school := s.org(t, mappings.Org{Name: "山海学院"})
	for _, name := range []string{
		"情商与沟通", "家庭教育", "劳作教育", "学前教育学", "教育心理学", "教育技术", "高等教育学", "羽毛球", "羽毛球裁判法", "托福写作",
		"中国茶道", "临床肿瘤学", "机器学习", "大学体育", "Docker in Practice", "Gardening for Everyone",
	} {
		level := catalog.LevelBeginner
		if name == "羽毛球裁判法" {
			level = catalog.LevelAdvanced
		}
		s.course(t, mappings.Course{Name: name, Level: string(level), Org: &school})
	}
	s.course(t, mappings.Course{Name: "亲子沟通", Summary: "孩子不听话，爸妈怎么说"})
	s.flush(t)
	return s, school
}

// TestNear: where hardly anything has all words, the rare ones count, beside the totals.
func TestNear(t *testing.T) {
	shelf, _ := nearShelf(t)
	s := search.NewSearcher(shelf.client, func(key string) []string {
		return map[string][]string{"癌症": {"肿瘤"}, "孩子": {"家庭教育"}}[key]
	})
	for _, tt := range []struct {
		query, first string
		total        int64
		leftOut      []string
	}{
		{"提高情商", "情商与沟通", 0, nil},
		{"准备托福考试", "托福写作", 0, []string{"考试"}},
		{"成年人打羽毛球", "羽毛球", 0, nil},
		{"喝懂一杯茶", "中国茶道", 0, []string{"喝懂"}},
		{"癌症预防和筛查", "临床肿瘤学", 0, []string{"预防", "筛查"}},
		{"how can I deploy docker containers", "Docker in Practice", 0, []string{"deploy", "containers"}},
	} {
		a := ask(t, s, tt.query)
		near := nearNames(a)
		if len(near) == 0 || near[0] != tt.first || a.Total() != tt.total {
			t.Errorf("near %q are %q beside %d hits; want %q first", tt.query, near, a.Total(), tt.first)
		}
		if !slices.Equal(a.LeftOut, tt.leftOut) {
			t.Errorf("%q leaves out %q, want %q", tt.query, a.LeftOut, tt.leftOut)
		}
		if n := len(a.Courses.Facets[catalog.FacetLevel]); n != 0 {
			t.Errorf("facets of %q count %d levels", tt.query, n)
		}
	}
	near := nearNames(ask(t, s, "孩子不听话爸妈应该怎么教育"))
	if len(near) == 0 || near[0] != "家庭教育" || !slices.Contains(near, "亲子沟通") {
		t.Errorf("what has two of the words is not before what has one: %q", near)
	}
}

// TestNearStandsAside: hits keep their place, and what is known by its name has nothing beside it.
func TestNearStandsAside(t *testing.T) {
	shelf, _ := nearShelf(t)
	s := shelf.searcher()
	for _, query := range []string{
		"家庭教育", "羽毛球裁判法 山海学院", "托福写作 山海学院", "docker", "qingshangyugoutong", "教育", "Dokcer", "张三丰", "塔罗牌", "?!",
	} {
		if a := ask(t, s, query); len(a.Courses.Near) > 0 || a.LeftOut != nil {
			t.Errorf("near %q are %q", query, nearNames(a))
		}
	}
	// One hit, by its long text alone: it stays the hit, and others stand beside it.
	a := ask(t, s, "孩子不听话爸妈")
	if got := courseNames(a); !slices.Equal(got, []string{"亲子沟通"}) || a.Courses.Total != 1 {
		t.Fatalf("hits are %q of %d", got, a.Courses.Total)
	}
	if near := nearNames(a); slices.Contains(near, "亲子沟通") {
		t.Errorf("a hit is near as well: %q", near)
	}
}

// TestMostWordsAreNoneWithoutTheOneThatMatters: what has most of the words is found, unless the word
// that it lacks is in nothing at all: then it is near. A filter takes no word out of the catalogue.
func TestMostWordsAreNoneWithoutTheOneThatMatters(t *testing.T) {
	s := newShelf(t)
	s.course(t, mappings.Course{Name: "Scratch for Kids", Summary: "Games, tips and tricks", Level: string(catalog.LevelBeginner)})
	s.course(t, mappings.Course{Name: "Skating", Level: string(catalog.LevelAdvanced)})
	s.flush(t)
	beginner := filter(catalog.FacetLevel, string(catalog.LevelBeginner))
	for _, tt := range []struct {
		query string
		edits []func(*catalog.Query)
		total int64
		near  []string
	}{
		{"skating tricks for kids", nil, 1, []string{}},
		{"skating tricks for kids", []func(*catalog.Query){beginner}, 1, []string{}},
		{"skateboard tricks for kids", nil, 0, []string{"Scratch for Kids"}},
		{"skateboard tricks for kids", []func(*catalog.Query){beginner}, 0, []string{"Scratch for Kids"}},
	} {
		a := ask(t, s.searcher(), tt.query, tt.edits...)
		if a.Total() != tt.total || len(tt.near) > 0 && !slices.Equal(nearNames(a), tt.near) {
			t.Errorf("%q with %d filters: %d hits and near %q, want %d and %q", tt.query, len(tt.edits), a.Total(), nearNames(a), tt.total, tt.near)
		}
	}
}

// TestNearIsOfTheFirstPage: filters, what is hidden and the place on the page hold for it.
func TestNearIsOfTheFirstPage(t *testing.T) {
	shelf, _ := nearShelf(t)
	s := shelf.searcher()
	const query = "退休以后打羽毛球"
	if near := nearNames(ask(t, s, query, filter(catalog.FacetLevel, "advanced"))); !slices.Equal(near, []string{"羽毛球裁判法"}) {
		t.Errorf("of the advanced courses near are %q", near)
	}
	if near := nearNames(ask(t, s, query, func(q *catalog.Query) { q.PerPage = 1 })); len(near) != 1 {
		t.Errorf("a page of one hit has near %q", near)
	}
	for name, edit := range map[string]func(*catalog.Query){
		"the second page": func(q *catalog.Query) { q.Page = 2 },
		"another order":   func(q *catalog.Query) { q.Sort = catalog.SortHot },
	} {
		if near := nearNames(ask(t, s, query, edit)); len(near) > 0 {
			t.Errorf("%s has near %q", name, near)
		}
	}
	if a := ask(t, s, query, only(catalog.KindTeacher)); a.Courses != nil || a.LeftOut != nil {
		t.Errorf("a search for teachers has courses: %+v", a)
	}
}

// TestWordsThatAreSpeltRightStay: a word that nothing has is no slip for another one where there is
// something near it; what is no word is corrected all the same.
func TestWordsThatAreSpeltRightStay(t *testing.T) {
	shelf := newShelf(t)
	for _, name := range []string{"Understand Your Start", "Astronomy", "Python at Work"} {
		shelf.course(t, mappings.Course{Name: name})
	}
	shelf.flush(t)
	near := shelf.searcher().WithNearWords(func(key string) []string {
		return map[string][]string{"stars": {"astronomy"}}[key]
	})
	corrections := map[string]string{}
	for query, s := range map[string]*search.Searcher{
		"understand stars": near, "understend start": near, "understend stars": near, "pythom stars": near,
		"understand starr": near, "understand stare": shelf.searcher(),
	} {
		if a := ask(t, s, query); a.CorrectedQuery != nil {
			corrections[query] = *a.CorrectedQuery
		}
	}
	want := map[string]string{"understend start": "understand start", "understand starr": "understand start", "understand stare": "understand start"}
	if !maps.Equal(corrections, want) {
		t.Errorf("corrected are %q, want %q", corrections, want)
	}
	if names := nearNames(ask(t, near, "understand stars")); !slices.Equal(names, []string{"Astronomy"}) {
		t.Errorf("near are %q", names)
	}
}

// TestWordsThatRulesKnowTogether: of words that rules know as one, one alone is no match.
func TestWordsThatRulesKnowTogether(t *testing.T) {
	shelf := newShelf(t)
	for _, name := range []string{"Internet of Things", "Time Management"} {
		shelf.course(t, mappings.Course{Name: name})
	}
	shelf.flush(t)
	known := func(key string) []string {
		return map[string][]string{"puttingthingsoff": {"time management"}}[key]
	}
	s := search.NewSearcher(shelf.client, nil).WithNearWords(known)
	if near := nearNames(ask(t, s, "stop putting things off")); !slices.Equal(near, []string{"Time Management"}) {
		t.Errorf("near are %q", near)
	}
}
