package hanzi

import (
	_ "embed"
	"strings"
	"sync"
	"unicode/utf8"
)

//go:embed data/traditional.txt
var traditionalFile string

//go:embed data/polyphones.txt
var polyphonesFile string

//go:embed data/phrases.txt
var phrasesFile string

//go:embed data/course_phrases.txt
var coursePhrasesFile string

//go:embed data/surnames.txt
var surnamesFile string

// eachLine calls f with every line of a data file that is neither empty nor a comment.
func eachLine(file string, f func(line string)) {
	for line := range strings.Lines(file) {
		line = strings.TrimRight(line, "\r\n")
		if line == "" || line[0] == '#' {
			continue
		}
		f(line)
	}
}

// polyphones maps a character to its curated readings, the default one first.
var polyphones = sync.OnceValue(func() map[rune][]string {
	table := make(map[rune][]string, 320)
	eachLine(polyphonesFile, func(line string) {
		fields := strings.Fields(line)
		char, _ := utf8.DecodeRuneInString(fields[0])
		table[char] = fields[1:]
	})
	return table
})

// phraseTable holds phrases of several characters whose readings are known together.
type phraseTable struct {
	// readings maps a phrase to one field a character, "a/b" for two readings. An empty
	// value means that every character has its default reading: such a phrase is listed
	// only to keep a shorter or overlapping one from matching.
	readings map[string]string
	// longest is the number of characters of the longest phrase by first character, so
	// that most positions of a name need no look-up at all.
	longest map[rune]int
}

func newPhraseTable(files ...string) phraseTable {
	table := phraseTable{readings: make(map[string]string, 8192), longest: make(map[rune]int, 2048)}
	for _, file := range files {
		eachLine(file, func(line string) {
			phrase, readings, _ := strings.Cut(line, " ")
			table.readings[phrase] = readings
			first, _ := utf8.DecodeRuneInString(phrase)
			table.longest[first] = max(table.longest[first], utf8.RuneCountInString(phrase))
		})
	}
	return table
}

// phrases is the general list with the project's own on top: a later file wins.
var phrases = sync.OnceValue(func() phraseTable {
	return newPhraseTable(phrasesFile, coursePhrasesFile)
})

// surnames lists surnames whose reading is their own, and those of several characters.
var surnames = sync.OnceValue(func() phraseTable { return newPhraseTable(surnamesFile) })

// match returns the longest phrase that text starts with: the number of its characters and
// its readings, one element a character (nil element: the default). It returns 0 for none.
// The byte offsets of the characters of text are given, so that nothing is allocated for
// positions without a phrase.
func (t phraseTable) match(text string, offsets []int) (int, [][]string) {
	first, _ := utf8.DecodeRuneInString(text[offsets[0]:])
	for n := min(t.longest[first], len(offsets)-1); n > 0; n-- {
		readings, ok := t.readings[text[offsets[0]:offsets[n]]]
		if !ok {
			continue
		}
		result := make([][]string, n)
		for i, field := range strings.Fields(readings) {
			if i < n {
				result[i] = strings.Split(field, "/")
			}
		}
		return n, result
	}
	return 0, nil
}
