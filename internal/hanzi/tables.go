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
	phrases map[string]phrase
	// longest is the number of characters of the longest phrase by first character, so
	// that most positions of a name need no look-up at all.
	longest map[rune]int
}

// phrase is one entry of a phraseTable.
type phrase struct {
	// readings has one field a character, "a/b" for two readings. Empty, every character has
	// its default reading: such a phrase is listed only to keep an overlapping one away.
	readings string
	cost     int
}

// Costs of the pieces into which a run of Hanzi is cut: the cheapest cut is taken. Fewer
// pieces win, and of as many those with the project's own phrases: 与会计 is 与 and 会计.
const (
	costPiece     = 10
	costOwnPhrase = 9
)

func newPhraseTable() phraseTable {
	return phraseTable{phrases: make(map[string]phrase, 16384), longest: make(map[rune]int, 4096)}
}

// add reads a data file; what it says wins over what is there.
func (t phraseTable) add(file string, cost int) {
	eachLine(file, func(line string) {
		text, readings, _ := strings.Cut(line, " ")
		t.phrases[text] = phrase{readings: readings, cost: cost}
		first, _ := utf8.DecodeRuneInString(text)
		t.longest[first] = max(t.longest[first], utf8.RuneCountInString(text))
	})
}

// phrases is the general list with the project's own on top.
var phrases = sync.OnceValue(func() phraseTable {
	table := newPhraseTable()
	table.add(phrasesFile, costPiece)
	table.add(coursePhrasesFile, costOwnPhrase)
	return table
})

// surnames lists surnames whose reading is their own, and those of several characters.
var surnames = sync.OnceValue(func() phraseTable {
	table := newPhraseTable()
	table.add(surnamesFile, costPiece)
	return table
})

// prefix returns the readings of the longest phrase that a run starts with, one element a
// character, nil if there is none.
func (t phraseTable) prefix(run []rune) [][]string {
	for n := min(t.longest[run[0]], len(run)); n > 0; n-- {
		if found, ok := t.phrases[string(run[:n])]; ok {
			return found.characters(n)
		}
	}
	return nil
}

// characters returns the readings of n characters; a nil element means the default.
func (p phrase) characters(n int) [][]string {
	result := make([][]string, n)
	for i, field := range strings.Fields(p.readings) {
		if i < n {
			result[i] = strings.Split(field, "/")
		}
	}
	return result
}

// cut divides a run into phrases and single characters at the least cost; where two cuts
// cost the same, the one with the longer first piece is taken. It returns the readings of
// every character; a nil element means that no phrase settles it.
func (t phraseTable) cut(run []rune) [][]string {
	text, offsets := string(run), byteOffsets(run)
	cost := make([]int, len(run)+1) // of the best cut from here to the end
	length := make([]int, len(run)) // of its first piece
	for i := len(run) - 1; i >= 0; i-- {
		cost[i], length[i] = costPiece+cost[i+1], 1
		for n := 2; n <= min(t.longest[run[i]], len(run)-i); n++ {
			found, ok := t.phrases[text[offsets[i]:offsets[i+n]]]
			if ok && found.cost+cost[i+n] <= cost[i] {
				cost[i], length[i] = found.cost+cost[i+n], n
			}
		}
	}
	result := make([][]string, 0, len(run))
	for i := 0; i < len(run); i += length[i] {
		if length[i] == 1 {
			result = append(result, nil)
			continue
		}
		readings := t.phrases[text[offsets[i]:offsets[i+length[i]]]].characters(length[i])
		for j, known := range readings {
			if known == nil {
				readings[j] = readingsOf(run[i+j])[:1]
			}
		}
		result = append(result, readings...)
	}
	return result
}
