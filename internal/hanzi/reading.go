package hanzi

import (
	"strings"

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
	if r < 0x3007 {
		return ""
	}
	if known := polyphones()[r]; known != nil {
		return known[0]
	}
	return baseReading(r)
}

// baseReading is the first reading of the go-pinyin table that is a syllable of Mandarin.
func baseReading(r rune) string {
	rest := pinyin.PinyinDict[int(r)]
	for rest != "" {
		var reading string
		reading, rest, _ = strings.Cut(rest, ",")
		if plain := Toneless(reading); IsSyllable(plain) {
			return plain
		}
	}
	return ""
}

// isHanzi says whether r has a reading.
func isHanzi(r rune) bool {
	if r < 0x3007 {
		return false
	}
	if _, ok := polyphones()[r]; ok {
		return true
	}
	return baseReading(r) != ""
}

// initial returns the first sound of a syllable: zh, ch and sh as two letters if long.
func initial(syllable string, long bool) string {
	if len(syllable) > 1 && syllable[1] == 'h' && long {
		return syllable[:2]
	}
	return syllable[:1]
}
