package hanzi_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/xunke/xunke/internal/hanzi"
)

func TestJoinedWords(t *testing.T) {
	for name, want := range map[string][]string{
		"TCP/IP协议": {"tcpip"}, "Ａ／Ｂ測試": {"ab"}, "ISO 9001 质量": {"iso9001"}, "3ds Max建模": {"3dsmax"},
		"A B C D E": {"ab", "abc", "abcd", "bc", "bcd", "bcde", "cd", "cde", "de"},
		"C语言D":      nil, "Python": nil, "数据结构": nil, "": nil, "!": nil, "l'Été": {"lete"}, "Go & C++": nil,
	} {
		if got := hanzi.JoinedWords(name); !slices.Equal(got, want) {
			t.Errorf("%q is joined to %q, want %q", name, got, want)
		}
	}
	if n := len(hanzi.JoinedWords(strings.Repeat("a b c d e f g h i j k l m n o p q r s t u v w x y z ", 9))); n > 60 {
		t.Errorf("a long name is joined to %d words", n)
	}
}
