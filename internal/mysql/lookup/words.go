package lookup

import (
	"strings"
	"unicode"

	"github.com/xunke/xunke/internal/mysql"
	"github.com/xunke/xunke/internal/plan"
)

// mostWords bounds the statement; what is typed beyond them is not looked for.
const mostWords = 4

// sameLetters compares without regard to case, width and accents. No index is ordered by
// it: names are scanned.
const sameLetters = " COLLATE utf8mb4_0900_ai_ci"

// words are what a text asks for.
type words struct {
	typed string   // the text without spaces around it
	all   []string // at most mostWords, folded
}

func wordsOf(text string) words {
	w := words{typed: strings.TrimSpace(text)}
	for _, part := range plan.Parts(text) {
		if len(w.all) < mostWords {
			w.all = append(w.all, part.Text)
		}
	}
	return w
}

// rest are the words without one of them.
func (w words) rest(but int) []string {
	var rest []string
	for i, word := range w.all {
		if i != but {
			rest = append(rest, word)
		}
	}
	return rest
}

// has is the condition that a column has some of the words; none: always true. A text of
// one word may also stand there just as it was typed, in traditional characters say, which
// the folded word does not have.
func (w words) has(column string, some []string) fragment {
	conditions := []fragment{sqlOf("TRUE")}
	for _, word := range some {
		one := sqlOf(column+sameLetters+" LIKE ?", "%"+mysql.EscapeLike(word)+"%")
		if len(w.all) == 1 && word != w.typed {
			one = sqlOf("(").and(one.text, one.args...).and(" OR "+column+sameLetters+" LIKE ?)", "%"+mysql.EscapeLike(w.typed)+"%")
		}
		conditions = append(conditions, one)
	}
	return join(conditions, " AND ")
}

// begins is the condition that a column begins with the text, in any of the usual
// spellings, which an index on the column answers.
func (w words) begins(column string) fragment {
	var conditions []fragment
	for _, s := range spellings(w.typed) {
		conditions = append(conditions, sqlOf(column+" LIKE ?", mysql.EscapeLike(s)+"%"))
	}
	return sqlOf("(").and(join(conditions, " OR ").text, join(conditions, " OR ").args...).and(")")
}

// spellings are a text as typed, in small and in capital letters, and with a capital first.
func spellings(text string) []string {
	lower := strings.ToLower(text)
	title := []rune(lower)
	if len(title) > 0 {
		title[0] = unicode.ToUpper(title[0])
	}
	var out []string
	seen := map[string]bool{}
	for _, s := range []string{text, lower, strings.ToUpper(text), string(title)} {
		if !seen[s] {
			out = append(out, s)
		}
		seen[s] = true
	}
	return out
}
