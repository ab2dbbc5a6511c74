package hanzi_test

import (
	"strings"
	"testing"

	"github.com/xunke/xunke/internal/hanzi"
)

func BenchmarkTerms(b *testing.B) {
	names := map[string]string{
		"short": "数据结构与算法",
		"mixed": "App Studio-零基础Android手机应用开发",
		"latin": "Introduction to Computational Thinking and Data Science",
		"long":  strings.Repeat("长行重乐调传", 42) + "abc",
	}
	for name, text := range names {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				hanzi.Terms(text, false)
			}
		})
	}
}

func BenchmarkFold(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		hanzi.Fold("Ｐｙｔｈｏｎ 數據結構與算法（上）")
	}
}

// BenchmarkMatchPinyin has the usual case and one made to be slow.
func BenchmarkMatchPinyin(b *testing.B) {
	cases := map[string][2]string{
		"usual": {"数据结构与算法", "shujjg"},
		"worst": {strings.Repeat("啊", 255), strings.Repeat("a", 120) + "q"},
	}
	for name, c := range cases {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				hanzi.MatchPinyin(c[0], c[1], false)
			}
		})
	}
}

func BenchmarkSplitPinyin(b *testing.B) {
	for b.Loop() {
		hanzi.SplitPinyin(strings.Repeat("xian", 30) + "v")
	}
}
