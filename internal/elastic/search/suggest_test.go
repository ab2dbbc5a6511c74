package search_test

import (
	"slices"
	"testing"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/mappings"
)

func testSuggest(t *testing.T, s *shelf) {
	searcher := s.searcher()
	tests := []struct{ typed, text, highlight string }{
		{"数", "数据结构", "<em>数</em>据结构"},
		{"据结", "数据结构", "数<em>据结</em>构"},
		{"s", "数据结构", "<em>数</em>据结构"},
		{"sj", "数据结构", "<em>数据</em>结构"},
		{"shuj", "数据结构", "<em>数据</em>结构"},
		{"jiegou", "数据结构", "数据<em>结构</em>"},
		{"pyt", "Python全栈工程师", "<em>Pyt</em>hon全栈工程师"},
		{"多线", "Java多线程编程", "Java<em>多线</em>程编程"},
		{"c+", "C++程序设计", "<em>C+</em>+程序设计"},
		{"北", "北京大学", "<em>北</em>京大学"},
		{"zeng", "曾祥民", "<em>曾</em>祥民"},
		{"zxm", "曾祥民", "<em>曾祥民</em>"},
		{"kyo", "Kyoto University", "<em>Kyo</em>to University"},
		{"univ", "Kyoto University", "Kyoto <em>Univ</em>ersity"},
		{"python jich", "Python3 基础教程", "<em>Python</em>3 <em>基础</em>教程"},
		{"pythno", "Python全栈工程师", "Python全栈工程师"}, // nothing else: a typing error
	}
	for _, tt := range tests {
		t.Run(tt.typed, func(t *testing.T) {
			found, err := searcher.Suggest(t.Context(), tt.typed, 8)
			if err != nil {
				t.Fatal(err)
			}
			i := slices.IndexFunc(found, func(s catalog.Suggestion) bool { return s.Text == tt.text })
			if i < 0 {
				t.Fatalf("%q is not among %v", tt.text, found)
			}
			s := found[i]
			k, err := catalog.ParseKind(s.Type)
			if err != nil || s.Highlight != tt.highlight || s.URL != catalog.ItemURL(k, s.ID) {
				t.Errorf("suggestion is %+v (%v), want highlight %q", s, err, tt.highlight)
			}
		})
	}
	// Initials of what begins the name come before those of what stands in the middle.
	if found, err := searcher.Suggest(t.Context(), "yyxs", 8); err != nil || len(found) == 0 || found[0].Text != "音乐欣赏" {
		t.Errorf("yyxs suggests %v, %v", found, err)
	}
	for _, typed := range []string{"", " ", "?!", "\u200b"} {
		if found, err := searcher.Suggest(t.Context(), typed, 8); err != nil || found == nil || len(found) != 0 {
			t.Errorf("%q suggests %v, %v", typed, found, err)
		}
	}
}

func TestSuggestNamesOnce(t *testing.T) {
	s := newShelf(t)
	var popular int64
	for i := range 20 {
		if id := s.course(t, mappings.Course{Name: "概率论", Students: int64(i * 1000)}); i == 19 {
			popular = id
		}
	}
	s.course(t, mappings.Course{Name: "概率论与数理统计"})
	s.flush(t)
	found, err := s.searcher().Suggest(t.Context(), "概率", 5)
	if err != nil || len(found) != 2 || found[0].ID != popular {
		t.Errorf("suggestions are %v, %v; want the two names, first %d", found, err, popular)
	}
}

func TestSuggestQueriesAmongNames(t *testing.T) {
	s := newShelf(t)
	for _, name := range []string{"概率论", "概率论与数理统计", "概率图模型", "概率编程", "高等概率", "概率思维"} {
		s.course(t, mappings.Course{Name: name})
	}
	s.flush(t)
	var asked int
	searcher := s.searcher().WithQueries(func(typed string, limit int) []string {
		asked = limit
		if typed != "gailv" {
			return []string{"概率 <入门>", "概率论"}
		}
		return []string{"概率 C++"}
	})
	found, err := searcher.Suggest(t.Context(), "概率", 6)
	if err != nil || asked != 2 || len(found) != 6 || found[0].Type != "course" {
		t.Fatalf("%d asked for, suggestions %v, %v", asked, found, err)
	}
	want := catalog.Suggestion{Text: "概率 <入门>", Type: "query", URL: "/?q=%E6%A6%82%E7%8E%87+%3C%E5%85%A5%E9%97%A8%3E", Highlight: "<em>概率</em> &lt;入门&gt;"}
	if found[1] != want {
		t.Errorf("the query is %+v, want %+v", found[1], want)
	}
	// A query that is a name already is not there twice.
	if queries := slices.DeleteFunc(found, func(s catalog.Suggestion) bool { return s.Type != "query" }); len(queries) != 1 {
		t.Errorf("queries are %v", queries)
	}
	found, err = searcher.Suggest(t.Context(), "gailv", 3)
	if err != nil || len(found) != 3 || found[1].Highlight != "<em>概率</em> C++" || found[1].URL != "/?q=%E6%A6%82%E7%8E%87+C%2B%2B" {
		t.Errorf("by pinyin %v, %v", found, err)
	}
	if found, err = searcher.Suggest(t.Context(), "概率", 2); err != nil || asked != 0 || len(found) != 2 {
		t.Errorf("two suggestions have room for %d queries: %v, %v", asked, found, err)
	}
}

func testRelated(t *testing.T, s *shelf) {
	searcher := s.searcher()
	course := ask(t, searcher, "算法导论").Courses.Hits[0]
	hits, err := searcher.Alike(t.Context(), course.ID, 5)
	if err != nil || len(hits) == 0 || hits[0].Name != "数据结构与算法" {
		t.Fatalf("alike %s are %v, %v", course.Name, hits, err)
	}
	reasons := map[catalog.Because]bool{}
	for _, h := range hits {
		if len(h.Because) == 0 {
			t.Errorf("%s is there for no reason", h.Name)
		}
		for _, why := range h.Because {
			reasons[why] = true
		}
		if shares := slices.ContainsFunc(h.Tags, func(tag string) bool { return slices.Contains(course.Tags, tag) }); shares != slices.Contains(h.Because, catalog.BecauseTags) {
			t.Errorf("%s with tags %v is there because of %v", h.Name, h.Tags, h.Because)
		}
	}
	if !reasons[catalog.BecauseTags] || !reasons[catalog.BecauseText] {
		t.Errorf("the reasons are %v", reasons)
	}
	for _, h := range hits {
		if h.ID == course.ID {
			t.Error("a course is related to itself")
		}
	}
	if _, err := searcher.Alike(t.Context(), 1<<40, 5); catalog.CodeOf(err) != catalog.CodeNotFound {
		t.Errorf("related to nothing: %v", err)
	}
	// In the order of the ids, and nothing for what is not there.
	asked := []int64{hits[0].ID, 1 << 40, course.ID}
	read, err := searcher.Courses(t.Context(), asked)
	if err != nil || len(read) != 2 || read[0].ID != hits[0].ID || read[1].Name != course.Name {
		t.Errorf("courses %v are %v, %v", asked, read, err)
	}
}
