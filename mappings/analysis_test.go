package mappings_test

import (
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/elastic"
	"github.com/xunke/xunke/internal/hanzi"
	"github.com/xunke/xunke/internal/testenv"
	"github.com/xunke/xunke/mappings"
)

// newIndex creates an empty index of a kind and returns its name.
func newIndex(t *testing.T, c *elastic.Client, k catalog.Kind) string {
	t.Helper()
	body, err := mappings.Body(k, mappings.Options{Shards: 1})
	if err != nil {
		t.Fatal(err)
	}
	index := c.Index(k, 1, 1)
	if err := c.Do(t.Context(), "PUT", "/"+index, body, nil); err != nil {
		t.Fatalf("create index: %v", err)
	}
	return index
}

// analyze returns the terms of a text, those of one position joined by "|".
func analyze(t *testing.T, c *elastic.Client, index, analyzer, text string) string {
	t.Helper()
	var answer struct {
		Tokens []struct {
			Token    string `json:"token"`
			Position int    `json:"position"`
		} `json:"tokens"`
	}
	if err := c.Do(t.Context(), "GET", "/"+index+"/_analyze", map[string]string{"analyzer": analyzer, "text": text}, &answer); err != nil {
		t.Fatalf("analyze %q: %v", text, err)
	}
	var b strings.Builder
	for i, token := range answer.Tokens {
		switch {
		case i == 0:
		case token.Position == answer.Tokens[i-1].Position:
			b.WriteByte('|')
		default:
			b.WriteByte(' ')
		}
		b.WriteString(token.Token)
	}
	return b.String()
}

func TestAnalysis(t *testing.T) {
	c := testenv.Elasticsearch(t, testenv.Config(t))
	index := newIndex(t, c, catalog.KindCourse)
	for _, tt := range []struct{ analyzer, text, want string }{
		{"text", "数据结构", "数据 据结 结构"},
		{"text", "數據結構", "数据 据结 结构"},
		{"text", "数", "数"},
		{"name", "数据", "数|数据 据"},
		{"text", "Ｐｙｔｈｏｎ　３", "python 3"},
		{"text", "C++从入门", "cpp 从入 入门"},
		{"text", "Ｃ＋＋11", "cpp 11"},
		{"text", "c#/F#", "csharp fsharp"},
		{"text", "C/C++", "c cpp"},
		{"text", "VC++", "v cpp"},
		{"text", ".NET", "dotnet net"},
		{"text", "ASP.NET", "asp dotnet net"},
		{"text", "end.Network", "end network"},
		{"text", "Objective-C", "objectivec objective"},
		{"text", "Node.js", "node.js|node js"},
		{"text", "Vue3", "vue3|vue 3"},
		{"text", "Python3", "python3|python 3"},
		{"text", "5G", "5g|5 g"},
		{"text", "Python全栈", "python 全栈"},
		{"text", "chenkai168", "chenkai168|chenkai 168"},
		{"text", "Revit2019建筑", "revit2019|revit 2019 建筑"},
		{"text", "TCP/IP", "tcp ip"},
		{"text", "García Programación", "garcia programacion"},
		{"text", "classes courses", "class course"},
		{"text", "iOS AWS JS", "ios aws js"},
		{"name", "Becoming 数", "becoming 数"},
		{"name", "Courses", "courses|course"},
		{"context", "Courses 北京", "courses|course 北京"},
		{"plain", "Courses 北京", "courses 北 京"},
		{"syllables", "^ zeng|ceng xiang min $", "^ zeng|ceng xiang min $"},
	} {
		if got := analyze(t, c, index, tt.analyzer, tt.text); got != tt.want {
			t.Errorf("%s of %q is %q, want %q", tt.analyzer, tt.text, got, tt.want)
		}
	}
}

// TestAnalysisFoldsLikeNormalize has every character that queries fold, and kana that
// combine, give the terms of its normal form, in names, context and body.
func TestAnalysisFoldsLikeNormalize(t *testing.T) {
	c := testenv.Elasticsearch(t, testenv.Config(t))
	index := newIndex(t, c, catalog.KindCourse)
	texts := []string{"ﾌﾟﾛｸﾞﾗﾐﾝｸﾞ", "数か\u3099据", "数か\u200b\u3099据", "क\u093cx", "Ｃ＋＋とＣ♯", "ﾃﾞｰﾀﾍﾞｰｽ入門", ".nEt与Objective-C"}
	for r := rune(0); r <= 0xF00FF; r++ { // beyond it everything is private
		if text := "x" + string(r) + "y 数" + string(r) + "据"; utf8.ValidRune(r) && !unicode.Is(unicode.Co, r) && hanzi.Normalize(text) != text {
			texts = append(texts, text)
		}
	}
	for _, analyzer := range []string{"name", "context", "text"} {
		wrong := 0
		for some := range slices.Chunk(texts, 800) {
			normal := make([]string, len(some))
			for i, text := range some {
				normal[i] = hanzi.Normalize(text)
			}
			if slices.Equal(terms(t, c, index, analyzer, some...), terms(t, c, index, analyzer, normal...)) {
				continue
			}
			for i, text := range some {
				got, want := terms(t, c, index, analyzer, text), terms(t, c, index, analyzer, normal[i])
				if wrong < 10 && !slices.Equal(got, want) {
					wrong++
					t.Errorf("%s of %+q is %q, of its normal form %+q %q", analyzer, text, got, normal[i], want)
				}
			}
		}
	}
}

// terms returns the terms of texts, sorted. What ½ is split into has an order of its own.
func terms(t *testing.T, c *elastic.Client, index, analyzer string, texts ...string) []string {
	t.Helper()
	var answer struct {
		Tokens []struct {
			Token string `json:"token"`
		} `json:"tokens"`
	}
	if err := c.Do(t.Context(), "GET", "/"+index+"/_analyze", map[string]any{"analyzer": analyzer, "text": texts}, &answer); err != nil {
		t.Fatalf("analyze %d texts: %v", len(texts), err)
	}
	out := make([]string, len(answer.Tokens))
	for i, token := range answer.Tokens {
		out[i] = token.Token
	}
	slices.Sort(out)
	return out
}

// TestQueriesMeetNames checks for each pair that the terms of a query are among the terms
// of the name, so that the one can find the other.
func TestQueriesMeetNames(t *testing.T) {
	c := testenv.Elasticsearch(t, testenv.Config(t))
	index := newIndex(t, c, catalog.KindCourse)
	for _, pair := range []struct{ name, query string }{
		{"ＡＳＰ．ＮＥＴ程序設計", "asp.net程序设计"},
		{"ASP.NET程序设计", "NET程序设计"},
		{"C＋＋語言", "c++语言"},
		{"Dev-C++", "C++"},
		{"Node.js 实战", "node 实战"},
		{"Vue3+TypeScript", "vue typescript"},
		{"CS50's Introduction", "CS50"},
		{"L'histoire de l'art", "histoire"},
		{"第①章 Ⅱ", "第1章 II"},
	} {
		have := strings.FieldsFunc(analyze(t, c, index, "name", pair.name), func(r rune) bool { return r == ' ' || r == '|' })
		for position := range strings.FieldsSeq(analyze(t, c, index, "text", pair.query)) {
			if !slices.ContainsFunc(strings.Split(position, "|"), func(term string) bool { return slices.Contains(have, term) }) {
				t.Errorf("%q has none of %s, which %q asks for", pair.name, position, pair.query)
			}
		}
	}
}
