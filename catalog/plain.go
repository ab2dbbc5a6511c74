package catalog

import (
	"html"
	"regexp"
	"strings"
)

// elements are those that rich text editors write. Whatever else stands in angle brackets,
// List<String> or #include <vector>, is text.
const (
	blocks = `address|article|blockquote|center|dd|div|dl|dt|figcaption|figure|footer|h[1-6]|header|hr|li|ol|p|pre|section|table|tbody|td|tfoot|th|thead|tr|ul`
	inline = `a|abbr|audio|b|big|br|cite|code|col|colgroup|del|em|embed|font|i|iframe|img|ins|kbd|label|mark|o:p|object|q|s|samp|script|small|source|span|strike|strong|style|sub|sup|tt|u|var|video`
	// attributes may have > in their quotes.
	attributes = `(?:\s+[^\s"'<>/=]+(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'<>]+))?)*`
)

var (
	anyTag    = regexp.MustCompile(`(?i)<(/?)(` + blocks + `|` + inline + `)` + attributes + `\s*/?>`)
	voidTag   = regexp.MustCompile(`(?i)<br\s*/?>|<(?:hr|img)` + attributes + `\s*/?>`)
	firstTag  = regexp.MustCompile(`(?i)^\s*<(?:p|div|h[1-6]|ul|ol|table|section|article|blockquote)` + attributes + `\s*>`)
	unseen    = regexp.MustCompile(`(?is)<script\b[^>]*>.*?</script\s*>|<style\b[^>]*>.*?</style\s*>|<!--.*?-->`)
	lineEnd   = regexp.MustCompile(`(?i)<(?:br\s*/?|/(?:p|div|li|tr|h[1-6]|blockquote|pre|dd|dt|section|article|figcaption)\s*|hr` + attributes + `\s*/?)>`)
	wideSpace = regexp.MustCompile(`[ \t\r\x{00A0}]+`)
	blankLine = regexp.MustCompile(`\s*\n\s*`)
)

// PlainText is what somebody reads of a text that may be HTML of a rich text editor: a line
// for each block, entities as characters, no tags. A text that is none is returned as it is,
// with its a < b, List<String> and entities. HTML is what has a pair of tags or a line break,
// or begins with a block.
func PlainText(s string) string {
	if !isHTML(s) {
		return s
	}
	s = unseen.ReplaceAllString(s, "")
	s = strings.ReplaceAll(s, "\n", " ")
	s = lineEnd.ReplaceAllString(s, "\n")
	s = anyTag.ReplaceAllString(s, "")
	s = html.UnescapeString(s)
	s = wideSpace.ReplaceAllString(s, " ")
	return strings.TrimSpace(blankLine.ReplaceAllString(s, "\n"))
}

func isHTML(s string) bool {
	if strings.IndexByte(s, '<') < 0 {
		return false
	}
	if voidTag.MatchString(s) || firstTag.MatchString(s) {
		return true
	}
	open := map[string]bool{}
	for _, tag := range anyTag.FindAllStringSubmatch(s, -1) {
		name := strings.ToLower(tag[2])
		if tag[1] == "" {
			open[name] = true
		} else if open[name] {
			return true
		}
	}
	return false
}
