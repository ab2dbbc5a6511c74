package mxonline

import (
	"html"
	"regexp"
	"strings"
	"unicode"

	"github.com/xunke/xunke/catalog"
)

var (
	spaces = regexp.MustCompile(`[ \t\x{00A0}\x{3000}]+`)
	blanks = regexp.MustCompile(`\s*\n\s*`)
)

// plain is the text of a description, which the platform's rich text editor keeps as
// HTML: a line for each block, entities as characters, nothing that cannot be shown.
// A text that has no tags keeps its lines.
func plain(s string) string {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	if text := catalog.PlainText(s); text != s {
		s = text
	} else {
		s = html.UnescapeString(s) // the editor escapes whatever has no tags, too
	}
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	s = spaces.ReplaceAllString(s, " ")
	s = blanks.ReplaceAllString(s, "\n")
	return strings.TrimSpace(s)
}

// line is a text of one line: control characters and line ends become spaces.
func line(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "")))
}
