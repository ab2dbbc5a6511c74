package searchlog

import (
	"strings"
	"unicode/utf8"
)

// manyTimes is how often a text says a thing before it is no question that others would ask.
const manyTimes = 3

// repeats says whether a query says the same again and again, as those do that are made to
// begin like what others type: a word three times, or two characters or more three times in
// a row. 哈哈哈 and "aaa" do not.
func repeats(text string) bool {
	times := map[string]int{}
	for _, word := range strings.Fields(text) {
		if times[word]++; times[word] == manyTimes && utf8.RuneCountInString(word) > 1 {
			return true
		}
	}
	runes := []rune(strings.Join(strings.Fields(text), ""))
	for size := 2; size*manyTimes <= len(runes); size++ {
		same := 0 // characters in a row that are those so many before
		for i := size; i < len(runes); i++ {
			if runes[i] != runes[i-size] {
				same = 0
			} else if same++; same == size*(manyTimes-1) {
				return true
			}
		}
	}
	return false
}
