package web

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
)

func TestCoverText(t *testing.T) {
	for name, want := range map[string]string{
		"数据结构":                        "数据结构",
		"数据结构与算法":                     "数据结构",
		"劳动法实务教程":                     "劳动法",
		"数据结构研讨":                      "数据结构",
		"概率论与数理统计":                    "概率论",
		"机器学习导论":                      "机器学习",
		"与诗同行":                        "与诗同行",
		"大学生心理健康教育":                   "大",
		"C++ 程序设计":                    "C++",
		"C# 从零开始":                     "C#",
		".NET 实战":                     ".NET",
		"Node.js 入门":                  "Node.js",
		"Python全栈":                    "Python",
		"写给新手的Java":                   "Java",
		"深入理解 JavaScript":             "JavaScript",
		"面向设计师的设计模式":                  "设计模式",
		"数据可视化与 PyTorch":              "PyTorch",
		"英语语法 36 讲":                   "英语语法",
		"图解":                          "图解",
		"零基础的":                        "零基础",
		"《红楼梦》精读":                     "红楼梦",
		"Applied Linux":               "Linux",
		"Getting Started with DevOps": "DevOps",
		"The":                         "The",
		"Internationalisation":        "Internati…",
		"🎉 Party":                     "Party",
		"3.14":                        "",
		"🎉":                           "",
		"":                            "",
		"...":                         "",
	} {
		if got := coverText(name); got != want {
			t.Errorf("coverText(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestEmblemText(t *testing.T) {
	for name, want := range map[string]string{
		"北京大学":            "北",
		"Grace Hopper":    "GH",
		"conan o'brien":   "CO",
		"MIT":             "M",
		"张三 (Zhang San)":  "张",
		"—":               "",
		"éric de la tour": "ÉD",
	} {
		if got := emblemText(name); got != want {
			t.Errorf("emblemText(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestCoversDifferByNameAndKeepTheColourOfTheirSubject(t *testing.T) {
	first := cover("线性代数", "数学")
	if again := cover("线性代数", "数学"); again != first {
		t.Error("the same course has two covers")
	}
	if cover("线性代数", "数学") == cover("微积分", "数学") {
		t.Error("two courses have one cover")
	}
	colour := func(svg string) string { return strings.SplitN(svg, `"`, 3)[1] }
	if a, b := colour(string(cover("线性代数", "数学"))), colour(string(cover("微积分", "数学"))); a != b {
		t.Errorf("one subject has the colours %q and %q", a, b)
	}
}

func FuzzDrawingsAreWellFormed(f *testing.F) {
	for _, s := range []string{"", "数据结构", "<script>alert(1)</script>", `"&'`, "a\x00b", "\xff", "C++", strings.Repeat("长", 300)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		name = strings.ToValidUTF8(name, "") // as every name in the catalogue is
		for _, svg := range []string{string(cover(name, "")), string(emblem(name))} {
			d := xml.NewDecoder(strings.NewReader(svg))
			for {
				token, err := d.Token()
				if errors.Is(err, io.EOF) {
					break
				}
				if err != nil {
					t.Fatalf("drawing of %q: %v in %s", name, err, svg)
				}
				if e, ok := token.(xml.StartElement); ok && e.Name.Local == "script" {
					t.Fatalf("drawing of %q runs a script", name)
				}
			}
		}
	})
}
