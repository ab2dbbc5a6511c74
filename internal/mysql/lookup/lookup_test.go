package lookup_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/mysql/lookup"
	"github.com/xunke/xunke/internal/testenv"
)

var rows = []string{
	`INSERT INTO cities (id, name) VALUES (1, '北京'), (2, '上海')`,
	`INSERT INTO categories (id, name) VALUES (1, '计算机'), (2, '数学')`,
	`INSERT INTO tags (id, name) VALUES (1, '编程'), (2, '算法')`,
	`INSERT INTO orgs (id, name, category, city_id, hidden) VALUES
		(1, '清华大学', 'university', 1, FALSE), (2, '寻课学堂', 'training', 2, FALSE), (3, '隐身大学', 'university', 1, TRUE)`,
	`INSERT INTO teachers (id, name, org_id, hidden) VALUES (1, '凌若溪', 1, FALSE), (2, '曾老师', 2, FALSE), (3, '隐身人', 1, TRUE)`,
	"INSERT INTO courses (id, `key`, name, org_id, category_id, level, language, starting_students, enrolments, ratings, rating_stars, hidden, created_at) VALUES" + `
		(1, 'ds', '数据结构', 1, 1, 'intermediate', 'zh', 900, 5, 2, 9, FALSE, '2020-01-01'),
		(2, NULL, 'C++ 程序设计', 1, 1, 'beginner', 'zh', 500, 0, 0, 0, FALSE, '2021-01-01'),
		(3, NULL, 'C# 入门', 2, 1, 'beginner', 'zh', 100, 0, 50, 240, FALSE, '2022-01-01'),
		(4, NULL, 'Python 数据分析', 2, 2, NULL, 'en', 0, 0, 0, 0, FALSE, '2023-01-01'),
		(5, NULL, '藏起来的数据结构', 1, 1, NULL, 'zh', 9999, 0, 0, 0, TRUE, '2024-01-01'),
		(6, NULL, '數據結構導論', 3, 1, NULL, 'zh', 1, 0, 0, 0, FALSE, '2019-01-01'),
		(7, NULL, '100%_的人', NULL, NULL, NULL, '', 2, 0, 0, 0, FALSE, '2018-01-01')`,
	`INSERT INTO course_teachers (course_id, teacher_id, position) VALUES (1, 1, 1), (1, 3, 0), (2, 1, 0), (3, 2, 0), (4, 3, 0)`,
	`INSERT INTO course_tags (course_id, tag_id) VALUES (1, 2), (2, 1), (3, 1)`,
}

// TestLookup has one database for all its parts.
func TestLookup(t *testing.T) {
	db := testenv.MySQL(t, testenv.Config(t))
	testenv.Exec(t, db, rows...)
	s := lookup.New(db)
	t.Run("search", func(t *testing.T) { testSearch(t, s) })
	t.Run("pages and kinds", func(t *testing.T) { testPages(t, s) })
	t.Run("suggest", func(t *testing.T) { testSuggest(t, s) })
	t.Run("ends in time", func(t *testing.T) {
		testenv.Exec(t, db, "RENAME TABLE tags TO all_tags",
			"CREATE VIEW tags AS SELECT id, CONCAT(name, SLEEP(1)) AS name, created_at, updated_at FROM all_tags")
		// MySQL itself ends it, and says so as a server that is not available.
		_, err := s.Search(t.Context(), catalog.Query{Text: "慢", Kinds: []catalog.Kind{catalog.KindCourse}, Page: 1, PerPage: 5})
		if catalog.CodeOf(err) != catalog.CodeUnavailable {
			t.Errorf("a statement that takes a second a tag: %v", err)
		}
	})
}

func ids(a catalog.Answer, k catalog.Kind) []int64 {
	part, _ := a.Part(k)
	found := []int64{}
	for _, h := range part.Hits {
		found = append(found, h.ID)
	}
	return found
}

func testSearch(t *testing.T, s *lookup.Searcher) {
	for _, c := range []struct {
		about   string
		kind    catalog.Kind
		text    string
		filters map[catalog.Facet][]string
		sort    catalog.Sort
		want    []int64
	}{
		{"a name comes before names that go on", catalog.KindCourse, "数据结构", nil, "", []int64{1}},
		{"typed in traditional characters, both spellings", catalog.KindCourse, "數據結構", nil, "", []int64{6, 1}},
		{"in any case", catalog.KindCourse, "python", nil, "", []int64{4}},
		{"full width", catalog.KindCourse, "Ｐｙｔｈｏｎ", nil, "", []int64{4}},
		{"signs", catalog.KindCourse, "C++", nil, "", []int64{2}},
		{"words in any order", catalog.KindCourse, "数据分析 python", nil, "", []int64{4}},
		{"signs that LIKE would take for its own", catalog.KindCourse, "0%_的", nil, "", []int64{7}},
		{"by their org", catalog.KindCourse, "清华", nil, "", []int64{1, 2}},
		{"by their teacher", catalog.KindCourse, "凌若溪", nil, "", []int64{1, 2}},
		{"by their tag", catalog.KindCourse, "编程", nil, "", []int64{2, 3}},
		{"one word in the name and one in the org's", catalog.KindCourse, "清华 程序", nil, "", []int64{2}},
		{"hidden orgs and teachers lead to nothing", catalog.KindCourse, "隐身", nil, "", []int64{}},
		{"nothing has it", catalog.KindCourse, "烹饪", nil, "", []int64{}},
		{"no word", catalog.KindCourse, "！？", nil, "", []int64{}},
		{"a list by learners", catalog.KindCourse, "", nil, catalog.SortHot, []int64{1, 2, 3, 7, 6, 4}},
		{"a list by ratings", catalog.KindCourse, "", nil, catalog.SortRating, []int64{3, 1, 2, 4, 6, 7}},
		{"the newest", catalog.KindCourse, "", nil, catalog.SortNewest, []int64{4, 3, 2, 1, 6, 7}},
		{"of a category", catalog.KindCourse, "", map[catalog.Facet][]string{catalog.FacetCategory: {"数学", "计算机"}}, "", []int64{1, 2, 3, 6, 4}},
		{"of a level and a language", catalog.KindCourse, "", map[catalog.Facet][]string{catalog.FacetLevel: {"beginner"}, catalog.FacetLanguage: {"zh"}}, "", []int64{2, 3}},
		{"of a tag", catalog.KindCourse, "入门", map[catalog.Facet][]string{catalog.FacetTag: {"编程"}}, "", []int64{3}},
		{"of a teacher", catalog.KindCourse, "", map[catalog.Facet][]string{catalog.FacetTeacher: {"1"}}, catalog.SortNewest, []int64{2, 1}},
		{"of a hidden teacher", catalog.KindCourse, "", map[catalog.Facet][]string{catalog.FacetTeacher: {"3"}}, "", []int64{}},
		{"of an org", catalog.KindCourse, "", map[catalog.Facet][]string{catalog.FacetOrg: {"2"}}, "", []int64{3, 4}},
		{"of a hidden org", catalog.KindCourse, "", map[catalog.Facet][]string{catalog.FacetOrg: {"3"}}, "", []int64{}},
		{"of no org", catalog.KindCourse, "", map[catalog.Facet][]string{catalog.FacetOrg: {"2 OR 1=1"}}, "", []int64{}},
		{"of orgs in a city", catalog.KindCourse, "", map[catalog.Facet][]string{catalog.FacetCity: {"上海"}}, "", []int64{3, 4}},
		{"of universities", catalog.KindCourse, "", map[catalog.Facet][]string{catalog.FacetOrgCategory: {"university"}}, "", []int64{1, 2}},
		{"orgs", catalog.KindOrg, "大学", nil, "", []int64{1}},
		{"orgs of a city", catalog.KindOrg, "", map[catalog.Facet][]string{catalog.FacetCity: {"上海", "北京"}}, catalog.SortCourses, []int64{1, 2}},
		{"teachers", catalog.KindTeacher, "老师", nil, "", []int64{2}},
		{"teachers of an org", catalog.KindTeacher, "清华", nil, "", []int64{1}},
		{"a list of teachers of an org", catalog.KindTeacher, "", map[catalog.Facet][]string{catalog.FacetOrg: {"1"}}, "", []int64{1}},
	} {
		a, err := s.Search(t.Context(), catalog.Query{Text: c.text, Kinds: []catalog.Kind{c.kind}, Filters: c.filters, Sort: c.sort, Page: 1, PerPage: 10})
		if err != nil {
			t.Errorf("%s: %v", c.about, err)
			continue
		}
		part, _ := a.Part(c.kind)
		if found := ids(a, c.kind); !slices.Equal(found, c.want) || part.Total != int64(len(c.want)) || !a.Degraded || a.Query != c.text {
			t.Errorf("%s: %v of %d, want %v", c.about, found, part.Total, c.want)
		}
	}
}

func testPages(t *testing.T, s *lookup.Searcher) {
	ask := func(q catalog.Query) catalog.Answer {
		t.Helper()
		a, err := s.Search(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	for page, want := range [][]int64{1: {4, 3}, 2: {2, 1}, 3: {6, 7}, 4: {}, 5000: {}} {
		if want == nil {
			continue
		}
		a := ask(catalog.Query{Kinds: []catalog.Kind{catalog.KindCourse}, Sort: catalog.SortNewest, Page: page, PerPage: 2})
		if found := ids(a, catalog.KindCourse); !slices.Equal(found, want) || a.Courses.Total != 6 || a.Courses.Next != nil {
			t.Errorf("page %d: %v of %d", page, found, a.Courses.Total)
		}
	}
	all := ask(catalog.Query{Text: "清华", Kinds: catalog.Kinds(), Page: 1, PerPage: 5})
	if all.Courses.Total != 2 || all.Orgs.Total != 1 || all.Teachers.Total != 1 {
		t.Errorf("all kinds: %+v", all)
	}
	some := ask(catalog.Query{Kinds: catalog.Kinds(), Filters: map[catalog.Facet][]string{catalog.FacetLevel: {"beginner"}}, Page: 1, PerPage: 5})
	if some.Courses.Total != 2 || some.Orgs != nil || some.Teachers != nil {
		t.Errorf("kinds without the filter: %+v", some)
	}
	c := all.Courses.Hits[0]
	if fmt.Sprintln(*c.Key, c.Type, c.URL, *c.Org, c.Teachers, c.Category, c.Level, c.Tags, c.Students, c.Rating, c.Ratings) !=
		"ds course /courses/1 {1 清华大学} [{1 凌若溪}] 计算机 intermediate [算法] 905 4.5 2\n" {
		t.Errorf("a course: %+v", c)
	}
	if o := all.Orgs.Hits[0]; o.Courses != 2 || o.Students != 1405 || o.City != "北京" || o.Category != catalog.OrgUniversity || o.URL != "/orgs/1" {
		t.Errorf("an org: %+v", o)
	}
	if p := all.Teachers.Hits[0]; p.Courses != 2 || p.Students != 1405 || p.Org == nil || p.Org.Name != "清华大学" || p.Type != catalog.KindTeacher {
		t.Errorf("a teacher: %+v", p)
	}
}

func testSuggest(t *testing.T, s *lookup.Searcher) {
	for typed, want := range map[string][]string{
		"py": {"Python 数据分析"}, "清": {"清华大学"}, "c": {"C# 入门", "C++ 程序设计"}, "隐": {}, "藏": {}, "%": {}, " ": {}, "100%": {"100%_的人"},
	} {
		found, err := s.Suggest(t.Context(), typed, 5)
		if err != nil {
			t.Fatal(err)
		}
		names := []string{}
		for _, one := range found {
			names = append(names, one.Text)
		}
		if !slices.Equal(names, want) {
			t.Errorf("%q: %v, want %v", typed, names, want)
		}
	}
	if found, _ := s.Suggest(t.Context(), "c", 1); len(found) != 1 || found[0].ID != 3 || found[0].URL != "/courses/3" || found[0].Type != "course" {
		t.Errorf("one: %+v", found)
	}
}
