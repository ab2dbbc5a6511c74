package accounts

import (
	_ "embed"
	"math"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// commonWords are what people make passwords of: words, names, numbers that mean something.
//
//go:embed passwords.txt
var commonWords string

var wordsOnce = sync.OnceValue(func() map[string]bool {
	words := map[string]bool{}
	for line := range strings.Lines(commonWords) {
		if line = strings.TrimSpace(line); strings.HasPrefix(line, "#") {
			continue
		}
		for w := range strings.FieldsSeq(line) {
			words[w] = true
		}
	}
	return words
})

// keyRows are rows of keys and of the alphabet along which fingers run.
var keyRows = []string{
	"abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop[]", "asdfghjkl;'", "zxcvbnm,./", "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p;/", "!@#$%^&*()",
	"147258369", "159357", "qazwsxedcrfvtgbyhnujmikolp",
}

// leet are letters as they are written by who thinks of it as a secret.
var leet = strings.NewReplacer("@", "a", "4", "a", "3", "e", "1", "i", "!", "i", "0", "o", "$", "s", "5", "s", "7", "t", "|", "l")

const (
	// fewPieces: who guesses tries combinations of so many words before anything else, and
	// of one more where the whole is short.
	fewPieces    = 3
	shortRunes   = 15
	maxPieceRune = 40
	// fewDigits: 16 digits that nobody knows are as many as 10 letters of both cases.
	fewDigits = 16
)

// isCommon says whether a password is made of few pieces that all who guess know: words of
// the list or of the account, dates, rows of keys, one character repeated. A few rules stand
// for a list of millions: woaini1314520 is woaini, 1314 and 520.
func isCommon(password string, about ...string) bool {
	own := map[string]bool{"xunke": true, "寻课": true}
	for _, text := range about {
		for _, w := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) }) {
			if utf8.RuneCountInString(w) >= 3 {
				own[w] = true
			}
		}
	}
	lower := strings.ToLower(strings.Join(strings.Fields(normalPassword(password)), ""))
	limit := fewPieces
	if utf8.RuneCountInString(lower) < shortRunes {
		limit++
	}
	if isDigits(lower) && len(lower) < fewDigits { // a telephone number, an account of QQ
		return true
	}
	return countPieces([]rune(unit(lower)), own) <= limit
}

func isDigits(s string) bool { return strings.Trim(s, "0123456789") == "" }

// unit is what a text repeats, or the text.
func unit(s string) string {
	for n := 1; n <= len(s)/2; n++ {
		if len(s)%n == 0 && strings.Repeat(s[:n], len(s)/n) == s {
			return s[:n]
		}
	}
	return s
}

// countPieces is the least number of known pieces that make up a text; any single character
// is a piece as well.
func countPieces(text []rune, own map[string]bool) int {
	least := make([]int, len(text)+1)
	for end := 1; end <= len(text); end++ {
		least[end] = math.MaxInt
		for begin := max(0, end-maxPieceRune); begin < end; begin++ {
			if least[begin]+1 < least[end] && (end-begin == 1 || isPiece(string(text[begin:end]), own)) {
				least[end] = least[begin] + 1
			}
		}
	}
	return least[len(text)]
}

func isPiece(s string, own map[string]bool) bool {
	if wordsOnce()[s] || own[s] || isDate(s) || wordsOnce()[leet.Replace(s)] {
		return true
	}
	if len(s) < 3 {
		return len(s) == 2 && s[0] == s[1]
	}
	if strings.Count(s, s[:1]) == len(s) {
		return true
	}
	reversed := []byte(s)
	for i := range len(s) / 2 {
		reversed[i], reversed[len(s)-1-i] = s[len(s)-1-i], s[i]
	}
	for _, row := range keyRows {
		if strings.Contains(row, s) || strings.Contains(row, string(reversed)) {
			return true
		}
	}
	return false
}

// isDate says whether digits are a year, a day of it, or a whole date in an order that is
// written somewhere.
func isDate(s string) bool {
	if !isDigits(s) {
		return false
	}
	two := func(at int) int { return int(s[at]-'0')*10 + int(s[at+1]-'0') }
	year := func(at int) bool { return two(at) == 19 || two(at) == 20 }
	day := func(at int) bool {
		a, b := two(at), two(at+2)
		return a >= 1 && b >= 1 && (a <= 12 && b <= 31 || a <= 31 && b <= 12)
	}
	switch len(s) {
	case 4:
		return year(0) || day(0)
	case 6:
		return day(2) || day(0)
	case 8:
		return year(0) && day(4) || year(4) && day(0)
	}
	return false
}
