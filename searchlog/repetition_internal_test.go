package searchlog

import (
	"strings"
	"testing"
)

func TestRepeats(t *testing.T) {
	for text, want := range map[string]bool{
		strings.Repeat("数据", 16) + " 骗子学校": true,
		"数据 骗子 数据 学校 数据":                   true,
		"abcabcabc":                        true,
		"骗数据数据数据":                          true,
		"数据结构 数据库 数据分析":                    false,
		"哈哈哈":                              false,
		"aaa":                              false,
		"python python":                    false,
		"c c c":                            false,
		"go":                               false,
		"":                                 false,
	} {
		if got := repeats(text); got != want {
			t.Errorf("repeats(%q) = %v", text, got)
		}
	}
}
