package hanzi

import (
	"fmt"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// lastRule is the last character that Normalize may change, a variation selector.
const lastRule = 0xE01EF

// FoldingRules returns what Normalize does to each single character, in the form of an
// Elasticsearch mapping char filter ("萬 => 万", "\u200B => "), sorted by code point. Text
// that has gone through these and ComposingRules gives the terms that its normal form
// gives, so that names, people and descriptions are found in whatever form they are typed.
func FoldingRules() []string { return foldingRules() }

var foldingRules = sync.OnceValue(func() []string {
	var rules []string
	for r := rune(0); r <= lastRule; r++ {
		if r >= 0xAC00 && r <= 0xF8FF { // syllables of Hangul, surrogates, private
			r = 0xF8FF
			continue
		}
		if r < 0x80 && unicode.IsSpace(r) {
			continue // parts words as it is
		}
		if plain := plainForm(r); plain != string(r) {
			rules = append(rules, rule(string(r), plain))
		}
	}
	return rules
})

// plainForm is what Normalize writes for r between other characters.
func plainForm(r rune) string {
	var b strings.Builder
	for _, part := range norm.NFKC.String(withoutBrackets(string(r))) {
		switch {
		case isGap(part):
			b.WriteByte(' ')
		case !isInvisible(part):
			writePlain(&b, part)
		}
	}
	return norm.NFKC.String(b.String())
}

// ComposingRules returns, in the same form, what Normalize makes of two or three folded
// characters that combine: フ and ゚ are プ, so that half-width kana and decomposed text
// become what is typed. Accents are gone by then, and so Latin needs none. Syllables of Hangul that are written letter by letter, 11,172 rules,
// are left out.
func ComposingRules() []string { return composingRules() }

var composingRules = sync.OnceValue(func() []string {
	var rules []string
	done := map[string]bool{}
	for r := rune(0x80); r <= 0x1FFFF; r++ {
		if r >= 0xAC00 && r <= 0xF8FF {
			r = 0xF8FF
			continue
		}
		parts := norm.NFD.String(string(r))
		if parts == string(r) || norm.NFC.String(parts) != string(r) || strings.ContainsFunc(parts, isInvisible) {
			continue
		}
		var folded strings.Builder
		for _, part := range parts {
			folded.WriteString(plainForm(part))
		}
		if from, to := folded.String(), plainForm(r); from != to && !done[from] {
			done[from] = true
			rules = append(rules, rule(from, to))
		}
	}
	return rules
})

// rule writes a rule of a mapping char filter. Everything but letters and digits is
// escaped, because the syntax gives some signs a meaning of their own.
func rule(from, to string) string { return escape(from) + " => " + escape(to) }

func escape(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			b.WriteRune(r)
		case r > 0xFFFF:
			high, low := (r-0x10000)>>10+0xD800, (r-0x10000)&0x3FF+0xDC00
			fmt.Fprintf(&b, `\u%04X\u%04X`, high, low)
		default:
			fmt.Fprintf(&b, `\u%04X`, r)
		}
	}
	return b.String()
}
