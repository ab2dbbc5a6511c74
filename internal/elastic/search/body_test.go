package search_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/curation"
	"github.com/xunke/xunke/internal/elastic/search"
)

var update = flag.Bool("update", false, "write the golden files")

var day = time.Date(2026, 11, 23, 15, 4, 5, 0, time.UTC)

// synonyms is a small dictionary by folded keys.
func synonyms(key string) []string {
	return map[string][]string{"机器学习": {"machine learning", "ML"}}[key]
}

// curations has one query.
func curations(key string) *curation.Set {
	if key != "python" {
		return nil
	}
	course := func(id int64) catalog.Key { return catalog.Key{Kind: catalog.KindCourse, ID: id} }
	return &curation.Set{
		Query:  "Python",
		Pins:   []catalog.Key{course(7), {Kind: catalog.KindOrg, ID: 1}, course(3)},
		Hidden: []catalog.Key{course(5), {Kind: catalog.KindTeacher, ID: 5}},
		Boosts: []curation.Boosted{{Item: course(8), Factor: 2}, {Item: course(9), Factor: 0.5}},
	}
}

// TestBodies compares what is sent to Elasticsearch with what was approved.
func TestBodies(t *testing.T) {
	course := []catalog.Kind{catalog.KindCourse}
	for name, q := range map[string]catalog.Query{
		"hanzi":     {Text: "数据结构 王伟", Kinds: course, Sort: catalog.SortRelevance},
		"pinyin":    {Text: "shujujiegou", Kinds: course, Sort: catalog.SortRelevance},
		"initials":  {Text: "zhjs", Kinds: []catalog.Kind{catalog.KindTeacher}, Sort: catalog.SortRelevance},
		"synonyms":  {Text: "机器学习入门", Kinds: course, Sort: catalog.SortRelevance},
		"question":  {Text: "想学做网站应该看什么", Kinds: course, Sort: catalog.SortRelevance},
		"misspelt":  {Text: "the machien learning", Kinds: []catalog.Kind{catalog.KindOrg}, Sort: catalog.SortRelevance},
		"signs":     {Text: "?!", Kinds: course, Sort: catalog.SortRelevance},
		"no_text":   {Kinds: []catalog.Kind{catalog.KindOrg}, Sort: catalog.SortRelevance, Page: 3},
		"filtered":  {Text: "C++", Kinds: course, Sort: catalog.SortNewest, Filters: map[catalog.Facet][]string{"level": {"advanced", "beginner"}, "org_id": {"7"}}},
		"by_cursor": {Kinds: course, Sort: catalog.SortHot, Cursor: &catalog.Cursor{After: []string{"1.5", "20", "3"}}},
		"curated":   {Text: "ＰＹＴＨＯＮ ", Kinds: []catalog.Kind{catalog.KindCourse, catalog.KindTeacher}, Sort: catalog.SortRelevance, Filters: map[catalog.Facet][]string{"city": {"北京"}}},
		"by_newest": {Text: "python", Kinds: course, Sort: catalog.SortNewest},
	} {
		t.Run(name, func(t *testing.T) {
			q.PerPage, q.Page = 10, max(q.Page, 1)
			bodies, err := search.Bodies(q, synonyms, curations, day)
			if err != nil {
				t.Fatal(err)
			}
			var got bytes.Buffer
			enc := json.NewEncoder(&got)
			enc.SetEscapeHTML(false)
			enc.SetIndent("", " ")
			if err := enc.Encode(bodies); err != nil {
				t.Fatal(err)
			}
			golden := filepath.Join("testdata", "bodies", name+".json")
			if *update {
				if err := os.WriteFile(golden, got.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got.Bytes(), want) {
				t.Errorf("%s differs (-update writes it):\n%s", golden, firstDifference(got.String(), string(want)))
			}
		})
	}
}

// TestBodiesAreBounded checks that a long query makes no long body.
func TestBodiesAreBounded(t *testing.T) {
	for _, text := range []string{strings.Repeat("机器学习 ", 100), strings.Repeat("zhongguo ", 100), strings.Repeat("数", 256), strings.Repeat("a1 ", 85), strings.Repeat("茶怎么学", 60)} {
		bodies, err := search.Bodies(catalog.Query{Text: text, Kinds: catalog.Kinds(), Sort: catalog.SortRelevance, Page: 1, PerPage: 10}, synonyms, curations, day)
		if err != nil {
			t.Fatal(err)
		}
		for name, body := range bodies {
			raw, err := json.Marshal(body)
			if err != nil {
				t.Fatal(err)
			}
			if clauses := bytes.Count(raw, []byte(`"match`)) + bytes.Count(raw, []byte(`"multi_match`)); len(raw) > 64<<10 || clauses > 200 {
				t.Errorf("%s of %.30q has %d bytes and %d clauses", name, text, len(raw), clauses)
			}
		}
	}
}

func firstDifference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			return "got  " + strings.Join(g[i:min(len(g), i+5)], "\n") + "\nwant " + strings.Join(w[i:min(len(w), i+5)], "\n")
		}
	}
	return "one is longer"
}
