package searches

import (
	"strings"

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

// distance is the share of characters to put in, take out, change or swap with their
// neighbour to make one text of another (Damerau and Levenshtein, neighbours once).
func distance(a, b string) float64 {
	x, y := []rune(a), []rune(b)
	if len(x) == 0 || len(y) == 0 {
		return 1
	}
	var rows [3][]int // the one before the last, the last, this one
	for i := range rows {
		rows[i] = make([]int, len(y)+1)
	}
	for j := range rows[1] {
		rows[1][j] = j
	}
	for i := range x {
		rows[2][0] = i + 1
		for j := range y {
			change := 1
			if x[i] == y[j] {
				change = 0
			}
			n := min(rows[1][j]+change, rows[1][j+1]+1, rows[2][j]+1)
			if i > 0 && j > 0 && x[i] == y[j-1] && x[i-1] == y[j] {
				n = min(n, rows[0][j-1]+1)
			}
			rows[2][j+1] = n
		}
		rows[0], rows[1], rows[2] = rows[1], rows[2], rows[0]
	}
	return float64(rows[1][len(y)]) / float64(max(len(x), len(y)))
}
