package hanzi

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// maxReadings bounds the readings of one character.
const maxReadings = 4

// Syllable is one Hanzi of a name with its readings, or a run of other letters and digits.
type Syllable struct {
	Offset   int      // in runes of the original string
	Length   int      // in runes of the original string; 1 for a Hanzi
	Hanzi    rune     // simplified; 0 for a literal
	Readings []string // toneless, the chosen one first; nil for a literal
	Literal  string   // folded ASCII letters and digits; "" for a Hanzi
}

// Syllables reads s as a title: phrases settle characters with several readings, and where
// none does, the other plausible readings follow the usual one. Signs, spaces and scripts
// other than Hanzi and Latin give no syllable.
func Syllables(s string) []Syllable { return read(s, readPhrases) }

// PersonSyllables reads s as the names of people: surnames have their own readings, the
// usual ones following, and given names are read character by character. A run of more
// Hanzi than a name has is read as a title.
func PersonSyllables(s string) []Syllable { return read(s, readPerson) }

// syllablesOf chooses between the two ways of reading.
func syllablesOf(s string, person bool) []Syllable {
	if person {
		return PersonSyllables(s)
	}
	return Syllables(s)
}

// read cuts s into runs of Hanzi, read by f, and literals.
func read(s string, f func(run []rune, offset int) []Syllable) []Syllable {
	runes := []rune(s)
	var result []Syllable
	for i := 0; i < len(runes); {
		start := i
		switch {
		case isHanzi(plainHanzi(runes[i])):
			var run []rune
			for ; i < len(runes) && isHanzi(plainHanzi(runes[i])); i++ {
				run = append(run, plainHanzi(runes[i]))
			}
			result = append(result, f(run, start)...)
		case isLiteral(runes[i]):
			for ; i < len(runes) && isLiteral(runes[i]) && !isHanzi(plainHanzi(runes[i])); i++ {
			}
			if literal := asciiAlnum(Normalize(string(runes[start:i]))); literal != "" {
				result = append(result, Syllable{Offset: start, Length: i - start, Literal: literal})
			}
		default:
			i++
		}
	}
	return result
}

// plainHanzi maps radicals and compatibility ideographs to the characters that they show,
// and traditional characters to simplified ones.
func plainHanzi(r rune) rune {
	switch {
	case r < 0x2E80:
		return r
	case r <= 0x2FDF, r >= 0xF900 && r <= 0xFAFF, r >= 0x2F800 && r <= 0x2FA1F:
		r = []rune(norm.NFKC.String(string(r)))[0]
	}
	return scriptOnly(r)
}

func isLiteral(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r)
}

func asciiAlnum(s string) string {
	return strings.Map(func(r rune) rune {
		if isAlnum(r) {
			return r
		}
		return -1
	}, s)
}

// readPhrases reads a run of Hanzi as text.
func readPhrases(run []rune, offset int) []Syllable {
	result := make([]Syllable, len(run))
	for i, readings := range phrases().cut(run) {
		if readings == nil {
			readings = readingsOf(run[i])
		}
		result[i] = Syllable{Offset: offset + i, Length: 1, Hanzi: run[i], Readings: readings}
	}
	return result
}

// maxPersonName is the number of Hanzi of the longest run that is read as a person's name:
// two surnames and two given names.
const maxPersonName = 4

func readPerson(run []rune, offset int) []Syllable {
	if len(run) > maxPersonName {
		return readPhrases(run, offset)
	}
	surname := surnames().prefix(run)
	result := make([]Syllable, 0, len(run))
	for i, r := range run {
		usual := readingsOf(r)
		if i < len(surname) {
			usual = joinReadings(surname[i], usual)
		} else if i == 0 {
			usual = usual[:1]
		}
		result = append(result, Syllable{Offset: offset + i, Length: 1, Hanzi: r, Readings: usual})
	}
	return result
}

func joinReadings(first, then []string) []string {
	result := slices.Clone(first)
	for _, reading := range then {
		if !slices.Contains(result, reading) && len(result) < maxReadings {
			result = append(result, reading)
		}
	}
	return result
}

// byteOffsets returns where each rune starts in string(run), and where it ends.
func byteOffsets(run []rune) []int {
	offsets := make([]int, 0, len(run)+1)
	at := 0
	for _, r := range run {
		offsets = append(offsets, at)
		at += len(string(r))
	}
	return append(offsets, at)
}
