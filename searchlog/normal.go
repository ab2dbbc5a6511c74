package searchlog

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/xunke/xunke/internal/hanzi"
)

// MaxRunes is how much of a query is kept.
const MaxRunes = 64

// personalDigits is how many digits look like a number of a person's: of a telephone, an
// account, an identity card. A year or a version has fewer.
const personalDigits = 7

// Normal returns the form under which a query is counted, which is that in which names
// are compared, and one that reads better, with its words apart. Both are empty for a
// text that looks personal. ok is false for a text without any letter or digit.
func Normal(text string) (query, spelling string, ok bool) {
	normal := hanzi.Normalize(text)
	if !strings.ContainsFunc(normal, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) }) {
		return "", "", false
	}
	if personal(normal) {
		return "", "", true
	}
	spelling = strings.TrimSpace(cut(normal))
	return cut(hanzi.Fold(spelling)), spelling, true
}

// EntryOf is a search as it is counted; ok as that of Normal.
func EntryOf(s Search) (e Entry, ok bool) {
	e = Entry{Page: s.Page}
	e.Query, e.Spelling, ok = Normal(s.Text)
	e.Shortened = e.Shortened || utf8.RuneCountInString(hanzi.Normalize(s.Text)) > MaxRunes
	return e, ok
}

func cut(s string) string {
	runes := []rune(s)
	return string(runes[:min(len(runes), MaxRunes)])
}

// personal says whether a normalised text has an e-mail address in it or, with no letter
// between them, as many digits as a telephone number.
func personal(text string) bool {
	digits := 0
	var before rune
	for _, r := range text {
		switch {
		case unicode.IsNumber(r):
			if digits++; digits >= personalDigits {
				return true
			}
		case unicode.IsLetter(r):
			digits = 0 // signs are what people put between the digits of one number
		}
		if before == '@' && !unicode.IsSpace(r) {
			return true
		}
		before = r
	}
	return false
}
