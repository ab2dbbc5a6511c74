// Package english knows which words are English, and so no typing errors.
package english

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
)

// words.txt is sorted; its source and licence are in README.md.
//
//go:embed words.txt
var wordsFile string

var words = sync.OnceValue(func() []string { return strings.Fields(wordsFile) })

// IsWord says whether a word in lower-case letters is a common English one, American or British, in
// any of its forms. Words of fewer than four letters are not known.
func IsWord(word string) bool {
	_, found := slices.BinarySearch(words(), word)
	return found
}
