package searchapi

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/xunke/xunke/catalog"
)

// cleanQuery is what a visitor typed as it is searched for: control characters are white
// space, runs of white space are one space, none at the ends, and at most
// catalog.MaxQueryRunes runes are kept. Everything else, operators and emoji included,
// is text. s has to be valid UTF-8.
func cleanQuery(s string) (cleaned string, cut bool) {
	s = strings.Join(strings.FieldsFunc(s, isBlank), " ")
	if utf8.RuneCountInString(s) <= catalog.MaxQueryRunes {
		return s, false
	}
	runes := 0
	for i := range s {
		if runes == catalog.MaxQueryRunes {
			s = s[:i]
			break
		}
		runes++
	}
	return strings.TrimRight(s, " "), true
}

func isBlank(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }

func queryCut() catalog.Notice {
	return catalog.Notice{
		Code: catalog.NoticeQueryCut,
		Message: fmt.Sprintf("查询太长，只用了前 %d 个字符。The query was too long: only its first %d characters were used.",
			catalog.MaxQueryRunes, catalog.MaxQueryRunes),
	}
}
