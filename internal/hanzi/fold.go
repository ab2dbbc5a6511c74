package hanzi

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Normalize makes width, case, accents and script of s plain but keeps its words apart:
// compatibility forms become plain ones (Ｐ, ①, Ⅱ), letters lower-case and without accents,
// traditional Hanzi simplified, white space single, control and zero-width characters go.
// A private character stands for nothing that is known, and so it parts words like a space.
// Punctuation stays. Kana, Hangul and other scripts are kept as they are. The index folds
// what is in it by the same rules: see FoldingRules.
func Normalize(s string) string {
	if isPlainASCII(s) {
		return s
	}
	s = norm.NFKC.String(withoutBrackets(strings.ToValidUTF8(s, "")))
	var b strings.Builder
	b.Grow(len(s))
	space := false // a space is due before the next visible character
	for _, r := range s {
		switch {
		case isGap(r):
			space = b.Len() > 0
			continue
		case isInvisible(r):
			continue
		}
		if space {
			b.WriteByte(' ')
			space = false
		}
		writePlain(&b, r)
	}
	// What was taken out may have stood between characters that combine (か, ゛).
	return norm.NFKC.String(b.String())
}

// Fold returns the form in which names are compared with each other and with queries: that
// of Normalize without spaces and punctuation. The signs of technical terms stay: + and #
// directly after a letter, digit or each other (c++, c#), and a point directly before a
// letter or digit (.net, node.js, 2.0) unless a single letter is before it (U.S. is us).
// A name of nothing but signs keeps them. Fold(Fold(s)) == Fold(s).
func Fold(s string) string {
	normal := Normalize(s)
	folded := foldSigns(normal)
	if folded == "" {
		return strings.ReplaceAll(normal, " ", "")
	}
	return folded
}

// foldSigns drops spaces and signs from normalised text.
func foldSigns(s string) string {
	runes := []rune(s)
	kept := runes[:0:0]
	for i, r := range runes {
		var before, after rune
		if i > 0 {
			before = runes[i-1]
		}
		if i+1 < len(runes) {
			after = runes[i+1]
		}
		switch {
		case unicode.IsLetter(r), unicode.IsNumber(r), unicode.IsMark(r):
			kept = append(kept, r)
		case r == '+' || r == '#':
			wasKept := len(kept) > 0 && kept[len(kept)-1] == before
			if wasKept && (isAlnum(before) || before == '+' || before == '#') {
				kept = append(kept, r)
			}
		case r == '.' && isAlnum(after):
			kept = append(kept, r)
		}
	}
	var b strings.Builder
	for i, r := range kept {
		if r != '.' || keepsPoint(kept, i) {
			b.WriteRune(r)
		}
	}
	return norm.NFKC.String(b.String()) // marks that have met are put in order
}

// keepsPoint says whether the point at i belongs to a term, judged by what is before it.
func keepsPoint(runes []rune, i int) bool {
	start := i
	for start > 0 && isAlnum(runes[start-1]) {
		start--
	}
	if i == start { // .net, or after Hanzi or a sign
		return runes[i+1] < '0' || runes[i+1] > '9'
	}
	return i-start > 1 || runes[start] <= '9'
}

func isAlnum(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= '0' && r <= '9'
}

// isPlainASCII says whether Normalize would change nothing: lower case, single spaces.
func isPlainASCII(s string) bool {
	for i := range len(s) {
		c := s[i]
		if c < ' ' || c > '~' || c >= 'A' && c <= 'Z' {
			return false
		}
		if c == ' ' && (i == 0 || i == len(s)-1 || s[i-1] == ' ') {
			return false
		}
	}
	return true
}

// IsUnspaced says whether r belongs to a run of Hanzi, kana or Hangul, which have no spaces
// between words. Some marks of no script of their own stand only in such runs: the long
// vowel ー, the voiced marks, marks of repetition, 〆.
func IsUnspaced(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul) ||
		r == 'ー' || r == '\u3099' || r == '\u309A' || r >= '\u3031' && r <= '\u3035' || r == '〆'
}

// isBracketed covers Hanzi and Hangul in brackets that are one character, as ㈠ and 🉀.
func isBracketed(r rune) bool { return r >= 0x3200 && r <= 0x3243 || r >= 0x1F240 && r <= 0x1F248 }

// withoutBrackets leaves out the brackets that are part of a character. In the index what
// such a character stands for goes on with what is around it.
func withoutBrackets(s string) string {
	if !strings.ContainsFunc(s, isBracketed) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if isBracketed(r) {
			b.WriteString(strings.Trim(norm.NFKC.String(string(r)), "()〔〕"))
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// isGap covers what parts words and is written as a space.
func isGap(r rune) bool { return unicode.IsSpace(r) || unicode.Is(unicode.Co, r) }

// isInvisible covers control and format characters, variation selectors and the accents
// that stand alone after NFKC. The accents of kana (U+3099) and other scripts are letters.
func isInvisible(r rune) bool {
	switch {
	case unicode.Is(unicode.Cc, r), unicode.Is(unicode.Cf, r):
		return true
	case r >= 0xFE00 && r <= 0xFE0F, r >= 0xE0100 && r <= 0xE01EF, r == 0x115F, r == 0x1160, r == 0x3164:
		return true
	}
	return isAccent(r)
}

func isAccent(r rune) bool {
	return r >= 0x300 && r <= 0x36F || r >= 0x1AB0 && r <= 0x1AFF || r >= 0x1DC0 && r <= 0x1DFF ||
		r >= 0x20D0 && r <= 0x20FF || r >= 0xFE20 && r <= 0xFE2F
}

// strokes lists the Latin letters whose stroke or ligature is not a combining accent.
var strokes = map[rune]string{
	'ø': "o", 'ł': "l", 'đ': "d", 'ð': "d", 'þ': "th", 'ß': "ss", 'ẞ': "ss", 'æ': "ae", 'œ': "oe",
	'ı': "i", 'ħ': "h", 'ŧ': "t", 'ŋ': "n", 'ſ': "s",
}

// writePlain writes r in lower case, without accents, simplified.
func writePlain(b *strings.Builder, r rune) {
	switch {
	case r < 0x80:
		b.WriteRune(unicode.ToLower(r))
		return
	case r >= 0x3400:
		s, _ := Simplify(r)
		b.WriteRune(unicode.ToLower(s))
		return
	}
	r = unicode.ToLower(r)
	if !unicode.In(r, unicode.Latin, unicode.Greek, unicode.Cyrillic) {
		b.WriteRune(r)
		return
	}
	for _, part := range norm.NFD.String(string(r)) {
		part = unicode.ToLower(part)
		if plain, ok := strokes[part]; ok {
			b.WriteString(plain)
		} else if !isAccent(part) {
			b.WriteRune(part)
		}
	}
}
