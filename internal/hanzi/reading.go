package hanzi

import (
	"maps"
	"strings"
	"sync"

	"github.com/mozillazg/go-pinyin"
)

// toneless maps the accented letters of written pinyin to plain ones; ü becomes v.
var toneless = strings.NewReplacer(
	"ā", "a", "á", "a", "ǎ", "a", "à", "a",
	"ē", "e", "é", "e", "ě", "e", "è", "e", "ê", "e", "ế", "e", "ề", "e", "ê̄", "e", "ê̌", "e",
	"ī", "i", "í", "i", "ǐ", "i", "ì", "i",
	"ō", "o", "ó", "o", "ǒ", "o", "ò", "o",
	"ū", "u", "ú", "u", "ǔ", "u", "ù", "u",
	"ü", "v", "ǖ", "v", "ǘ", "v", "ǚ", "v", "ǜ", "v",
	"ń", "n", "ň", "n", "ǹ", "n", "ḿ", "m",
	"\u0300", "", "\u0301", "", "\u0304", "", "\u030c", "", "\u0302", "",
)

// Toneless returns written pinyin in lower case without its tone marks, with ü as v.
func Toneless(reading string) string { return toneless.Replace(strings.ToLower(reading)) }

// DefaultReading returns the toneless reading that r has when no phrase settles it, or ""
// if r is not a Hanzi of the table.
func DefaultReading(r rune) string {
	if known := readingsOf(r); known != nil {
		return known[0]
	}
	return ""
}

// readings maps every Hanzi to its default reading and the plausible others: the curated
// ones, or the one of the go-pinyin table that is a syllable of Mandarin. It is made whole
// on first use, because an indexer asks for every character of every name.
var readings = sync.OnceValue(func() map[rune][]string {
	table := make(map[rune][]string, len(pinyin.PinyinDict))
	single := make(map[string][]string, len(syllables().whole))
	for code, list := range pinyin.PinyinDict {
		base := baseReading(list)
		if base == "" || code < 0x3007 {
			continue
		}
		if single[base] == nil {
			single[base] = []string{base}
		}
		table[rune(code)] = single[base]
	}
	maps.Copy(table, polyphones())
	return table
})

// readingsOf returns the default reading of r and the plausible others, nil if r is not a
// Hanzi of the table. The slice is shared: it must not be changed.
func readingsOf(r rune) []string {
	if r < 0x3007 {
		return nil
	}
	return readings()[r]
}

// baseReading is the first of a list of written readings that is a syllable of Mandarin.
func baseReading(list string) string {
	for reading := range strings.SplitSeq(list, ",") {
		if plain := Toneless(reading); IsSyllable(plain) {
			return plain
		}
	}
	return ""
}

// isHanzi says whether r has a reading.
func isHanzi(r rune) bool { return readingsOf(r) != nil }

// initial returns the first sound of a syllable: zh, ch and sh as two letters if long.
func initial(syllable string, long bool) string {
	if len(syllable) > 1 && syllable[1] == 'h' && long {
		return syllable[:2]
	}
	return syllable[:1]
}
