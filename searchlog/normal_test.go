package searchlog_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/xunke/xunke/searchlog"
)

func TestNormal(t *testing.T) {
	for text, want := range map[string][2]string{
		"C++":                    {"c++", "c++"},
		"Ｃ＋＋":                    {"c++", "c++"},
		" Machine   Learning ":   {"machinelearning", "machine learning"},
		"數據 結構":                  {"数据结构", "数据 结构"},
		"Vue3":                   {"vue3", "vue3"},
		"Node.js 2026":           {"node.js2026", "node.js 2026"},
		"2026-11-23":             {"", ""}, // eight digits: rather too careful
		"123456":                 {"123456", "123456"},
		"python @ decorator":     {"pythondecorator", "python @ decorator"},
		strings.Repeat("数", 100): {strings.Repeat("数", 64), strings.Repeat("数", 64)},
		"zhang.san@example.com":  {"", ""},
		"课程 ｚhang＠ｅxample．com 退款": {"", ""},
		"13812345678":         {"", ""},
		"138-1234-5678":       {"", ""},
		"138 1234 5678 李":     {"", ""},
		"+86 (010) 6552-9988": {"", ""},
		"１３８１２３４５６７８":         {"", ""},
		"11010119900307123X":  {"", ""},
		"٠١٢٣٤٥٦":             {"", ""},
	} {
		query, spelling, ok := searchlog.Normal(text)
		if !ok || query != want[0] || spelling != want[1] {
			t.Errorf("Normal(%q) = %q, %q, %v; want %q", text, query, spelling, ok, want)
		}
	}
	for _, nothing := range []string{"", "   ", "?!", "👩‍💻", "\u200b", "++"} {
		if query, spelling, ok := searchlog.Normal(nothing); ok || query != "" || spelling != "" {
			t.Errorf("Normal(%q) = %q, %q, %v", nothing, query, spelling, ok)
		}
	}
}

func FuzzNormal(f *testing.F) {
	for _, seed := range []string{"C++", "数據结构", "a@b.c", "138 1234-5678", "\xff\u0301", "ﷺ", "が", "①②③④⑤⑥⑦", "00!00000"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		query, spelling, ok := searchlog.Normal(text)
		if !ok && query+spelling != "" || (query == "") != (spelling == "") {
			t.Fatalf("%q: %q, %q, %v", text, query, spelling, ok)
		}
		for _, form := range []string{query, spelling} {
			if !utf8.ValidString(form) || utf8.RuneCountInString(form) > searchlog.MaxRunes || form != strings.TrimSpace(form) {
				t.Fatalf("%q becomes %q", text, form)
			}
			if strings.ContainsFunc(form, unicode.IsControl) {
				t.Fatalf("%q has control characters", form)
			}
			row := 0
			for _, r := range form {
				if row++; !unicode.IsDigit(r) {
					row = 0
				}
				if row >= 7 {
					t.Fatalf("%q keeps a number", text)
				}
			}
		}
		if again, _, _ := searchlog.Normal(spelling); spelling != "" && again != query {
			t.Fatalf("%q: %q is counted as %q, what is shown of it as %q", text, spelling, query, again)
		}
	})
}
