package catalog_test

import (
	"html"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/xunke/xunke/catalog"
)

func TestPlainText(t *testing.T) {
	for in, want := range map[string]string{
		"<p>一</p>\r\n<p>二<br/>三</p>":                     "一\n二\n三",
		"<ul><li>C++</li><li>C#</li></ul>":               "C++\nC#",
		"<STYLE>p{}</STYLE><!-- x --><b>粗</b>体":          "粗体",
		"<p>a&nbsp;&nbsp;b&amp;c&lt;d&gt;</p>":           "a b&c<d>",
		"<a href='http://x' title=\"1 > 0\">链接\n换行</a>":  "链接 换行",
		"第一行<br>第二行":                                     "第一行\n第二行",
		`图：<img src="a.png" alt="x">`:                    "图：",
		"<p>没有写完":                                        "没有写完",
		"<div><script>alert(1)</script>好</div>":          "好",
		"<p>List&lt;String&gt; 与 Map<String, User></p>":  "List<String> 与 Map<String, User>",
		"<p class=\"MsoNormal\"><o:p></o:p>从 Word 来</p>": "从 Word 来",
		"学 <div> 和 <span>":                               "学 <div> 和 <span>",
		"if (a<b && b>c)":                                "if (a<b && b>c)",
		"vector<i> 与 map<a, b>":                          "vector<i> 与 map<a, b>",
		"A&nbsp;B &lt;p&gt;":                             "A&nbsp;B &lt;p&gt;",
	} {
		if got := catalog.PlainText(in); got != want {
			t.Errorf("PlainText(%q) = %q, want %q", in, got, want)
		}
	}
}

// TestPlainTextOfText: what is no HTML stays to the byte, whatever is in angle brackets.
func TestPlainTextOfText(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	parts := []string{
		"a < b", "x<y>z", "List<String>", "Map<String, List<Integer>>", "std::vector<int>", "#include <stdio.h>", "for(i=0;i<n;i++)", "<-", "->", "=>", "<>",
		"<div>", "<T extends Comparable<T>>", "3 <5 > 2", "&amp;", "&nbsp;", "\n", "\t  ", "数据结构", "C++", "</String>", "<", ">", "<3", "<!DOCTYPE>", "</p>", "<iostream>",
	}
	for range 5000 {
		text := "课"
		for range 1 + random.IntN(6) {
			text += parts[random.IntN(len(parts))]
		}
		// A pair of tags is HTML: that order does not come about here.
		if strings.Contains(text, "<div>") && strings.Contains(text, "</div>") {
			continue
		}
		if got := catalog.PlainText(text); got != text {
			t.Fatalf("PlainText(%q) = %q", text, got)
		}
	}
}

// TestPlainTextOfEditors: whatever an editor makes of a text, the text comes out of it.
func TestPlainTextOfEditors(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	words := []string{"数据结构", "a < b", "List<String>", "R&D", "\"引号\"", "C++", "<p>", "&lt;", "x>y", "it's"}
	inline := []string{"b", "em", "span", "strong", "a", "u", "font", "code"}
	attributes := []string{"", "", ` class="x"`, ` style='color: red; content: ">"'`, ` data-x=1`, ` href="?a=1&b=2"`}
	pick := func(from []string) string { return from[random.IntN(len(from))] }
	for range 5000 {
		var page, want []string
		for range 1 + random.IntN(4) {
			var line, marked []string
			for range 1 + random.IntN(4) {
				word := pick(words)
				line = append(line, word)
				escaped := html.EscapeString(word)
				if random.IntN(2) == 0 {
					tag := pick(inline)
					escaped = "<" + tag + pick(attributes) + ">" + escaped + "</" + tag + ">"
				}
				marked = append(marked, escaped)
			}
			want = append(want, strings.Join(line, " "))
			block := pick([]string{"p", "div", "li", "h2", "td><tr", "P"})
			end := strings.Split(block, "><")
			page = append(page, "<"+strings.Join(end, "><")+pick(attributes)+">"+strings.Join(marked, pick([]string{" ", "&nbsp;", "\n"}))+"</"+end[len(end)-1]+">")
		}
		text := strings.Join(page, pick([]string{"", "\n", "\r\n\r\n", "<!-- <b> -->", "<style>p > b { }</style>"}))
		if got := catalog.PlainText(text); got != strings.Join(want, "\n") {
			t.Fatalf("PlainText(%q) = %q, want %q", text, got, strings.Join(want, "\n"))
		}
	}
}

// TestPlainTextOfLongTexts: what looks like the beginning of a tag again and again loses none
// of the text before it. Patterns took minutes for such texts; here no time is checked.
func TestPlainTextOfLongTexts(t *testing.T) {
	for _, part := range []string{"<p a ", "<", "<b ", "<b x='", "<!--", "<script>", "< p", "\f<b>", "<a href=\"", "</", "很长 "} {
		text := "<b>粗</b>" + strings.Repeat(part, 1<<17/len(part))
		if got := catalog.PlainText(text); !strings.HasPrefix(got, "粗") || len(got) > len(text) {
			t.Errorf("%q again and again became %.40q", part, got)
		}
	}
}
