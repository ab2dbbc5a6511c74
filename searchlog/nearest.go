package searchlog

import (
	"strings"
	"unicode/utf8"

	"github.com/xunke/xunke/internal/hanzi"
)

// Nearest is the text of a list that a query may have meant: one that sounds nearly the
// same, is a part of it or differs in few characters; empty if none is near. Of several
// the nearest is taken, of these the first.
func Nearest(query string, texts []string) string {
	key, sound := hanzi.Fold(query), hanzi.NearSoundKey(query)
	best, least := "", 0.5 // half of it may differ
	for _, text := range texts {
		other := hanzi.Fold(text)
		if other == key || other == "" || key == "" {
			continue
		}
		far := distance(key, other)
		switch {
		case sound != "" && sound == hanzi.NearSoundKey(text):
			far = 0
		case len([]rune(other)) > 1 && (strings.Contains(key, other) || strings.Contains(other, key)):
			far = min(far, 0.4)
		}
		if far < least {
			best, least = text, far
		}
	}
	return best
}

// distance is the share of the longer text's characters that are not those of the other.
func distance(a, b string) float64 {
	longest := max(utf8.RuneCountInString(a), utf8.RuneCountInString(b))
	return float64(hanzi.Distance(a, b)) / float64(max(longest, 1))
}
