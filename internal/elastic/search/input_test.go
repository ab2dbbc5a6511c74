package search_test

import (
	"context"
	"strings"
	"testing"

	"github.com/xunke/xunke/catalog"
)

// badInput is text that has broken searches before.
var badInput = []string{
	`"`, `'`, `\`, `\\"`, "AND", "OR NOT", "(", "a AND (b", "name:*", "foo~2 bar^9", "[1 TO *]", "{!x}", "/re(/", "_exists_:name",
	"<script>alert(1)</script>", "%27%20OR%201=1", "'; DROP TABLE courses; --", "\x00", "a\x00b", "\x1b[31m", "\xff\xfe", "数\xc3据",
	"😀", "👩‍👩‍👧", "a\u0301\u0301\u0301", "\u202eabc", "\ufeff", "\u200b数据\u200b", "ﷺ", "𠮷野家", "１２３", "①②", "……", "-", "--", "+-&&||!",
	strings.Repeat("a", 10_000), strings.Repeat("数", 10_000), strings.Repeat("a ", 5_000), strings.Repeat("x1", 200),
	strings.Repeat("\"", 300), strings.Repeat("zhang", 60), strings.Repeat("xian ", 60), strings.Repeat("c++ ", 100), "^", "$", "^ shu $", "a|b",
}

// testBadInput checks that no text makes a body that Elasticsearch refuses.
func testBadInput(t *testing.T, s *shelf) {
	searcher := s.searcher()
	for _, text := range badInput {
		for _, edit := range []func(*catalog.Query){func(*catalog.Query) {}, func(q *catalog.Query) { q.Sort = catalog.SortHot; q.Exact = true }} {
			ask(t, searcher, text, edit)
		}
		if _, err := searcher.Suggest(t.Context(), text, 8); err != nil {
			t.Errorf("suggest %.40q: %v", text, err)
		}
	}
	for name, values := range map[string][]string{
		"signs": {`"`, `\`, "*", ".*"}, "regular expressions": {"1|2", "(", "1) .*|("}, "empty": {""}, "long": {strings.Repeat("x", 5000)},
	} {
		for _, f := range catalog.Facets(catalog.KindCourse) {
			if a := ask(t, searcher, "", only(catalog.KindCourse), filter(f, values...)); a.Courses.Total != 0 {
				t.Errorf("%s: filter %s by %.40q finds %d", name, f, values, a.Courses.Total)
			}
		}
	}
}

func testExplain(t *testing.T, s *shelf) {
	a := ask(t, s.searcher(), "数据结构", func(q *catalog.Query) { q.Explain = true })
	if a.Plan == nil || a.Courses.Hits[0].Explanation == nil {
		t.Errorf("plan is %v, explanation %v", a.Plan, a.Courses.Hits[0].Explanation)
	}
	if a := ask(t, s.searcher(), "数据结构"); a.Plan != nil || a.Courses.Hits[0].Explanation != nil {
		t.Error("explained without being asked")
	}
}

// FuzzSearch asks for whatever the fuzzer makes up.
func FuzzSearch(f *testing.F) {
	for _, text := range badInput {
		f.Add(text)
	}
	searcher := newShelf(f).searcher()
	f.Fuzz(func(t *testing.T, text string) {
		q := catalog.Query{Text: text, Kinds: catalog.Kinds(), Sort: catalog.SortRelevance, Page: 1, PerPage: 5}
		if _, err := searcher.Search(context.Background(), q); err != nil {
			t.Errorf("search %q: %v", text, err)
		}
		if _, err := searcher.Suggest(context.Background(), text, 5); err != nil {
			t.Errorf("suggest %q: %v", text, err)
		}
	})
}
