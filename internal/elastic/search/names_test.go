package search_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/hanzi"
	"github.com/xunke/xunke/mappings"
)

// oddNames are names that folding, or cutting into words, could keep from being found.
var oddNames = []string{
	"ﾌﾟﾛｸﾞﾗﾐﾝｸﾞ", "データベース", "ｶﾞｲﾄﾞ", "数据\u200b结构", "Ａ／Ｂ測試", "TCP/IP", "ISO 9001 質量", "3ds Max", "㍿会社", "½杯", "ﬁnance",
	"𝐌𝐚𝐭𝐡 數學", "Straße", "İstanbul", "𰻝𰻝面", "हिन्दी क़लम", "한국어 강의", "שלום", "العربية", "ǅungla", "ㄅㄆㄇ", "C＃", "？！", "...", "№5", "x²+y²",
	"\ue000图标", "⽔⼒學", "Ωmega", "Ёлка", "ゔァイオリン", "〆切", "々", "①②③", "Ⅷ世", "e\u0301tude", "+-", "the who", "how to", "怎么学", "U.S.", "l'été",
}

// forms are the ways in which people, keyboards, files and copied pages write a name.
var forms = map[string]func(string) string{
	"as it is": func(s string) string { return s }, "NFD": norm.NFD.String, "NFKC": norm.NFKC.String, "NFKD": norm.NFKD.String,
	"capitals": strings.ToUpper, "small letters": strings.ToLower, "folded": hanzi.Fold, "normal": hanzi.Normalize,
	"full width": fullWidth,
	"spaced":     func(s string) string { return " \u3000" + strings.ReplaceAll(s, " ", "\t\u00a0 ") + "\n" },
	"invisible":  func(s string) string { return "\ufeff" + strings.ReplaceAll(s, " ", " \u200b") + "\u200e\ufe0f" },
}

func fullWidth(s string) string {
	return strings.Map(func(r rune) rune {
		if r > ' ' && r <= '~' {
			return r - '!' + '！'
		}
		return r
	}, s)
}

// randomNames are names of characters out of all of Unicode's letters, numbers, marks and
// signs, the same at each run.
func randomNames(n int) []string {
	source := rand.New(rand.NewPCG(13, 1))
	var names []string
	for len(names) < n {
		var b strings.Builder
		for b.Len() < 12 {
			r := rune(source.IntN(0x32000))
			if source.IntN(3) > 0 {
				r = rune(source.IntN(0x3400))
			}
			if utf8.ValidRune(r) && unicode.In(r, unicode.L, unicode.M, unicode.N, unicode.P, unicode.S, unicode.Zs, unicode.Cf) {
				b.WriteRune(r)
			}
		}
		names = append(names, strings.TrimSpace(b.String()))
	}
	return names
}

// TestEveryNameFindsItself has each name be the first of what it finds, in every form in
// which it may be typed.
func TestEveryNameFindsItself(t *testing.T) {
	s := newShelf(t)
	names := append(oddNames, randomNames(60)...)
	for _, name := range names {
		s.course(t, mappings.Course{Name: name})
	}
	for _, k := range []string{"A", "数据", "Math"} { // others with the same words and more learners
		s.course(t, mappings.Course{Name: k + " 数据结构 Max TCP 测试 5", Students: 900_000, Description: strings.Join(names, " ")})
	}
	s.flush(t)
	searcher := s.searcher()
	for _, name := range names {
		for form, write := range forms {
			typed := write(name)
			if hanzi.Fold(typed) != hanzi.Fold(name) {
				continue // a sign that has become a letter, as ʼn in capitals
			}
			a := ask(t, searcher, typed, only(catalog.KindCourse), func(q *catalog.Query) { q.PerPage = 3 })
			if got := courseNames(a); len(got) == 0 || hanzi.Fold(got[0]) != hanzi.Fold(name) {
				t.Errorf("%+q (%s), typed %s as %+q, finds %+q", name, name, form, typed, got)
			}
		}
	}
}

// TestHalfWidthKanaAreMarked checks that what is folded from two characters is marked whole.
func TestHalfWidthKanaAreMarked(t *testing.T) {
	s := newShelf(t)
	s.course(t, mappings.Course{Name: "入門ﾌﾟﾛｸﾞﾗﾐﾝｸﾞ2", Description: "ここでﾃﾞｰﾀﾍﾞｰｽを読む"})
	s.flush(t)
	for query, want := range map[string]struct{ field, text string }{
		"プログラミング": {"name", "入門<em>ﾌﾟﾛｸﾞﾗﾐﾝｸﾞ</em>2"},
		"データベース":  {"description", "ここで<em>ﾃﾞｰﾀﾍﾞｰｽ</em>を読む"},
		"ﾍﾞｰｽ":    {"description", "ここでﾃﾞｰﾀ<em>ﾍﾞｰｽ</em>を読む"},
	} {
		a := ask(t, s.searcher(), query, only(catalog.KindCourse))
		if len(a.Courses.Hits) != 1 {
			t.Fatalf("%q finds %q", query, courseNames(a))
		}
		if got := a.Courses.Hits[0].Highlight[want.field]; len(got) != 1 || got[0] != want.text {
			t.Errorf("%q is marked as %q, want %q", query, got, want.text)
		}
	}
}

// TestJoinedWordsAreFound checks words of a name that are typed as one, and the other way round.
func TestJoinedWordsAreFound(t *testing.T) {
	s := newShelf(t)
	for _, name := range []string{"网络TCP/IP详解", "A/B测试实战", "ISO 9001质量体系", "3ds Max建模", "Photoshop入门", "After Effects特效", "ab", "测试"} {
		s.course(t, mappings.Course{Name: name})
	}
	s.flush(t)
	for query, want := range map[string]string{
		"tcpip": "网络<em>TCP/IP</em>详解", "ab测试": "<em>A/B测试</em>实战", "iso9001": "<em>ISO 9001</em>质量体系", "3dsmax": "<em>3ds Max</em>建模",
		"photo shop": "", "aftereffects": "<em>After Effects</em>特效", "ＡＢ測試實戰": "<em>A/B测试实战</em>",
	} {
		a := ask(t, s.searcher(), query, only(catalog.KindCourse))
		if a.CorrectedQuery != nil || len(a.Courses.Hits) != 1 {
			t.Errorf("%q finds %q, corrected to %v", query, courseNames(a), a.CorrectedQuery)
			continue
		}
		if got := a.Courses.Hits[0].Highlight["name"]; want != "" && !slices.Equal(got, []string{want}) {
			t.Errorf("%q is marked as %q, want %q", query, got, want)
		}
	}
}
