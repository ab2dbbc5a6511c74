package mxonline

import "testing"

func TestPlain(t *testing.T) {
	for in, want := range map[string]string{
		"":                                 "",
		"一行":                               "一行",
		"a < b && c > d":                   "a < b && c > d",
		"两\r\n行":                           "两\n行",
		"<p>一</p>\r\n<p>二<br/>三</p>":       "一\n二\n三",
		"<ul><li>C++</li><li>C#</li></ul>": "C++\nC#",
		"<STYLE>p{}</STYLE><!-- x --><b>粗</b>体":      "粗体",
		"<p>a&nbsp;&nbsp;b&amp;c&lt;d&gt;</p>":       "a b&c<d>",
		"<p style=\"x\">\x00\x07好</p>\n\n\n<p>吗</p>": "好\n吗",
		"<a href='http://x'>链接\n换行</a>":              "链接 换行",
	} {
		if got := plain(in); got != want {
			t.Errorf("plain(%q) = %q, want %q", in, got, want)
		}
	}
	if got := line(" a\tb\n "); got != "a b" {
		t.Errorf("line gives %q", got)
	}
}
