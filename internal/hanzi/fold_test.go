package hanzi_test

import (
	"testing"
	"unicode/utf8"

	"github.com/xunke/xunke/internal/hanzi"
)

func TestFold(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"Hanzi stay", "数据结构与算法", "数据结构与算法"},
		{"an accented ligature", "Ǽ", "ae"},
		{"full width", "Ｐｙｔｈｏｎ　数据", "python数据"},
		{"half-width kana", "ﾌﾟﾛｸﾞﾗﾐﾝｸﾞ", "プログラミング"},
		{"voiced kana stay", "がぎぐ", "がぎぐ"},
		{"accents", "Análisis de España, Français, Übung, Łódź, Straße", "analisisdeespanafrancaisubunglodzstrasse"},
		{"traditional", "機電傳動與數據結構", "机电传动与数据结构"},
		{"merged characters", "瞭解著作", "了解着作"},
		{"乾 in all its uses", "乾燥乾隆幹部", "干燥干隆干部"},
		{"a chain of variants", "薴", "苎"},
		{"white space", " 数据 \t 结构\u3000\n", "数据结构"},
		{"zero width and controls", "数\u200b据\u00ad结\ufeff构\x00\x1b", "数据结构"},
		{"bidi controls", "\u202eabc\u202c", "abc"},
		{"punctuation", "眼科学——探索眼睛的构造（上）！", "眼科学探索眼睛的构造上"},
		{"middle dot", "艾萨克·牛顿", "艾萨克牛顿"},
		{"roman and circled", "大学物理学Ⅱ①", "大学物理学ii1"},
		{"C++", "C++ 程序设计", "c++程序设计"},
		{"C# and F#", "C# 与 F＃", "c#与f#"},
		{".NET", ".NET 开发", ".net开发"},
		{".NET after Hanzi", "学.NET", "学.net"},
		{"ASP.NET", "ASP.NET Core", "asp.netcore"},
		{"Node.js", "Node.js 实战", "node.js实战"},
		{"a version", "Vue 3.5", "vue3.5"},
		{"a sentence's point", "Intro. Data Science.", "introdatascience"},
		{"an abbreviation", "U.S. History", "ushistory"},
		{"signs that stand alone", "# 标题 + 副标题", "标题副标题"},
		{"a plus between Hanzi", "语文+数学", "语文数学"},
		{"an ampersand", "R&D", "rd"},
		{"nothing but signs", "？！ ……", "?!......"},
		{"emoji go if there is more", "🎉数据", "数据"},
		{"empty", "", ""},
		{"invalid UTF-8", "数\xff据", "数据"},
		{"compatibility ideographs", "\uf914\u2f08", "乐人"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := hanzi.Fold(tt.in); got != tt.want {
				t.Errorf("Fold(%q) = %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}

func TestNormalizeKeepsWords(t *testing.T) {
	if got, want := hanzi.Normalize("  Ｄａｔａ   Sciénce,\u200b 數據！ "), "data science, 数据!"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func FuzzFold(f *testing.F) {
	for _, s := range []string{"C++ .NET", "u.s.army", "a .net", "か\u200d\u3099", "e\u0301\u200b", "..1", "1.a.bb.c", "İ", "\u1100\u200b\u1161", "ǅ"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once := hanzi.Fold(s)
		if !utf8.ValidString(once) {
			t.Errorf("Fold(%q) = %q is not UTF-8", s, once)
		}
		if twice := hanzi.Fold(once); twice != once {
			t.Errorf("Fold(%q) = %q, folded again %q", s, once, twice)
		}
		if normal := hanzi.Normalize(s); hanzi.Normalize(normal) != normal {
			t.Errorf("Normalize(%q) = %q, again %q", s, normal, hanzi.Normalize(normal))
		}
		if hanzi.Fold(hanzi.Normalize(s)) != once {
			t.Errorf("Fold(Normalize(%q)) = %q, want %q", s, hanzi.Fold(hanzi.Normalize(s)), once)
		}
	})
}
