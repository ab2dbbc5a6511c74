package plan

import (
	"strings"
	"unicode"

	"github.com/xunke/xunke/internal/hanzi"
)

// class is what a rune of normalised text may be part of.
type class int

const (
	sign class = iota
	letter
	digit
	ideograph // without spaces between words
)

func classOf(r rune) class {
	switch {
	case hanzi.IsUnspaced(r):
		return ideograph
	case unicode.IsDigit(r):
		return digit
	case unicode.IsLetter(r), unicode.IsMark(r):
		return letter
	default:
		return sign
	}
}

// split cuts normalised text into parts. Letters next to Hanzi are cut off; letters next
// to digits stay one term, because the index holds such a term both whole and split.
func split(text string) []Part {
	runes := []rune(text)
	var parts []Part
	for i := 0; i < len(runes); {
		start := i
		switch {
		case classOf(runes[i]) == ideograph:
			for i < len(runes) && classOf(runes[i]) == ideograph {
				i++
			}
		case startsTerm(runes, i):
			i = termEnd(runes, i)
		default:
			i++
			continue
		}
		parts = append(parts, Part{Text: string(runes[start:i]), Script: scriptOf(runes[start:i])})
	}
	return parts
}

// startsTerm says whether a word or a term starts at i: a letter, a digit, or the point
// of .net.
func startsTerm(runes []rune, i int) bool {
	if c := classOf(runes[i]); c == letter || c == digit {
		return true
	}
	return strings.HasPrefix(string(runes[i:min(len(runes), i+4)]), ".net")
}

// termEnd is where the term that starts at i ends. A point or an apostrophe between
// letters or digits belongs to it, and so do the signs of c++ and c#.
func termEnd(runes []rune, i int) int {
	i++
	for ; i < len(runes); i++ {
		c := classOf(runes[i])
		if c == letter || c == digit {
			continue
		}
		inside := i+1 < len(runes) && (classOf(runes[i+1]) == letter || classOf(runes[i+1]) == digit)
		if !inside || !strings.ContainsRune(".'’", runes[i]) {
			break
		}
	}
	for i < len(runes) && strings.ContainsRune("+#♯", runes[i]) {
		i++
	}
	return i
}

func scriptOf(runes []rune) Script {
	letters, digits, signs := false, false, false
	for _, r := range runes {
		switch classOf(r) {
		case ideograph:
			return Hanzi
		case letter:
			letters = true
		case digit:
			digits = true
		default:
			signs = signs || !strings.ContainsRune("'’", r)
		}
	}
	switch {
	case letters && !digits && !signs:
		return Word
	case digits && !letters && !signs:
		return Number
	default:
		return Term
	}
}
