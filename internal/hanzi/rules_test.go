package hanzi_test

import (
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/xunke/xunke/internal/hanzi"
)

// charFilter is a mapping char filter as Elasticsearch runs it: at each place the longest
// rule that fits.
type charFilter struct {
	rules   map[string]string
	longest int
}

func newCharFilter(t *testing.T, rules []string) charFilter {
	t.Helper()
	f := charFilter{rules: make(map[string]string, len(rules))}
	for _, rule := range rules {
		from, to, ok := strings.Cut(rule, " => ")
		from, to = unescape(t, from), unescape(t, to)
		if _, twice := f.rules[from]; !ok || from == "" || from == to || twice {
			t.Fatalf("rule %q is no rule, changes nothing or is there twice", rule)
		}
		f.rules[from] = to
		f.longest = max(f.longest, len([]rune(from)))
	}
	return f
}

// unescape reads one side of a rule.
func unescape(t *testing.T, s string) string {
	t.Helper()
	var units []uint16
	for s != "" {
		if rest, ok := strings.CutPrefix(s, `\u`); ok {
			unit, err := strconv.ParseUint(rest[:4], 16, 16)
			if err != nil {
				t.Fatalf("read %q: %v", s, err)
			}
			units, s = append(units, uint16(unit)), rest[4:]
			continue
		}
		r, size := utf8.DecodeRuneInString(s)
		units, s = utf16.AppendRune(units, r), s[size:]
	}
	return string(utf16.Decode(units))
}

func (f charFilter) apply(s string) string {
	runes := []rune(s)
	var b strings.Builder
	for i := 0; i < len(runes); {
		n := min(f.longest, len(runes)-i)
		for ; n > 0; n-- {
			if to, ok := f.rules[string(runes[i:i+n])]; ok {
				b.WriteString(to)
				break
			}
		}
		if n == 0 {
			b.WriteRune(runes[i])
		}
		i += max(n, 1)
	}
	return b.String()
}

// TestRulesFoldLikeNormalize has every character between others, and every pair of one
// that combines, be folded by the rules as Normalize folds it, but for white space.
func TestRulesFoldLikeNormalize(t *testing.T) {
	fold, compose := newCharFilter(t, hanzi.FoldingRules()), newCharFilter(t, hanzi.ComposingRules())
	wrong := 0
	check := func(text string) {
		got := strings.Join(strings.FieldsFunc(compose.apply(fold.apply(text)), separates), " ")
		if want := hanzi.Normalize(text); got != want {
			if wrong++; wrong <= 20 {
				t.Errorf("%+q is folded to %+q by the rules, by Normalize to %+q", text, got, want)
			}
		}
	}
	for r := rune(0); r <= 0xF00FF; r++ { // beyond it everything is private
		if unicode.In(r, unicode.L, unicode.M, unicode.N, unicode.P, unicode.S, unicode.Z, unicode.C) && utf8.ValidRune(r) && !unicode.Is(unicode.Hangul, r) {
			check("x" + string(r) + "y数" + string(r) + "据")
		}
	}
	for _, base := range kana {
		for _, mark := range []string{"\u3099", "\u309A", "ﾞ", "ﾟ"} {
			check("数" + string(base) + mark + "据")
		}
	}
	for _, text := range []string{"ﾌﾟﾛｸﾞﾗﾐﾝｸﾞ", "ﾃﾞｰﾀﾍﾞｰｽ", "か\u200b\u3099", "क\u093c", "한국어 강의", "Ｃ＋＋とＣ＃"} {
		check(text)
	}
}

// separates says whether white space or a private character is at r.
func separates(r rune) bool { return unicode.IsSpace(r) || unicode.Is(unicode.Co, r) }

// kana are those that may be followed by a voiced mark, in both widths.
var kana = []rune("うかきくけこさしすせそたちつてとはひふへほウカキクケコサシスセソタチツテトハヒフヘホワヰヱヲヽゝｳｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾊﾋﾌﾍﾎﾜｦ")
