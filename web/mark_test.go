package web

import (
	"strings"
	"testing"
)

func TestMarked(t *testing.T) {
	for fragment, want := range map[string]string{
		"":                                  "",
		"plain":                             "plain",
		"<em>数据</em>结构":                     "<em>数据</em>结构",
		"C<em>++</em> &amp; C#":             "C<em>++</em> &amp; C#",
		"a & b":                             "a &amp; b",
		"&lt;script&gt;":                    "&lt;script&gt;",
		"<script>x</script>":                "&lt;script&gt;x&lt;/script&gt;",
		"<em>never closed":                  "<em>never closed</em>",
		"never opened</em>":                 "never opened",
		"<em>a<em>b</em>c</em>":             "<em>ab</em>c",
		`<em onclick="x()">a</em>`:          "&lt;em onclick=&#34;x()&#34;&gt;a",
		"<em>&lt;img src=x onerror=1></em>": "<em>&lt;img src=x onerror=1&gt;</em>",
	} {
		if got := string(keepMarks(fragment)); got != want {
			t.Errorf("marked(%q) = %q, want %q", fragment, got, want)
		}
	}
}

func FuzzMarkedLetsNothingThroughButMarks(f *testing.F) {
	for _, s := range []string{"<em>a</em>", "<<em>em>", "&lt;em&gt;", "</em><em>", "<em><script>"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, fragment string) {
		got := string(keepMarks(fragment))
		rest := strings.NewReplacer("<em>", "", "</em>", "").Replace(got)
		if strings.ContainsAny(rest, `<>"`) {
			t.Errorf("marked(%q) = %q lets more through than marks", fragment, got)
		}
		if strings.Count(got, "<em>") != strings.Count(got, "</em>") {
			t.Errorf("marked(%q) = %q is not balanced", fragment, got)
		}
	})
}
