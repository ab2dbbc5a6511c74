package hanzi

import "testing"

// A word that could not be pinyin in the first place would never be asked for.
func TestEnglishWordsCutIntoSyllables(t *testing.T) {
	for word := range englishWords() {
		if len(SplitPinyin(word)) == 0 {
			t.Errorf("%q does not cut into syllables", word)
		}
	}
}
