package catalog

import (
	"bytes"
	"html"
	"regexp"
	"strings"

	tokens "golang.org/x/net/html"
)

// elements are those that rich text editors write, and whether one ends a line. Whatever else
// stands in angle brackets, List<String> or #include <vector>, is text.
var elements = func() map[string]bool {
	all := map[string]bool{}
	for _, name := range strings.Fields(`a abbr address audio b big center cite code col colgroup del dl em embed figure font footer
		header i iframe img ins kbd label mark o:p object ol q s samp script small source span strike strong style sub sup table
		tbody td tfoot th thead tt u ul var video`) {
		all[name] = false
	}
	for _, name := range strings.Fields("article blockquote br dd div dt figcaption h1 h2 h3 h4 h5 h6 hr li p pre section tr") {
		all[name] = true
	}
	return all
}()

// Elements that say of a text that it is HTML: those that nobody closes, and blocks with
// which a text begins.
var (
	voids  = map[string]bool{"br": true, "hr": true, "img": true}
	blocks = map[string]bool{
		"p": true, "div": true, "h1": true, "h2": true, "h3": true, "h4": true, "h5": true, "h6": true,
		"ul": true, "ol": true, "table": true, "section": true, "article": true, "blockquote": true,
	}
)

var wideSpace = regexp.MustCompile(`[ \t\r\x{00A0}]+`)

// PlainText is what somebody reads of a text that may be HTML of a rich text editor: a line
// for each block, entities as characters, no tags. A text that is none is returned as it is,
// with its a < b, List<String> and entities. HTML is what has a pair of tags or a line break,
// or begins with a block. The time that it takes grows with the text's length only.
func PlainText(s string) string {
	if strings.IndexByte(s, '<') < 0 {
		return s
	}
	r := reader{open: map[string]bool{}}
	z := tokens.NewTokenizer(strings.NewReader(s))
	for at := 0; ; {
		kind := z.Next()
		if kind == tokens.ErrorToken {
			r.text([]byte(s[at:])) // of a tag that never ends
			break
		}
		raw := z.Raw()
		at += len(raw)
		switch kind {
		case tokens.StartTagToken, tokens.SelfClosingTagToken, tokens.EndTagToken:
			name, _ := z.TagName()
			r.tag(string(name), kind, s[at-len(raw):at])
		case tokens.CommentToken:
			if !bytes.HasPrefix(raw, []byte("<!--")) {
				r.text(raw)
			}
		default:
			r.text(raw)
		}
	}
	if !r.html {
		return s
	}
	var lines []string
	for line := range strings.Lines(html.UnescapeString(r.out.String())) {
		if line = strings.TrimSpace(wideSpace.ReplaceAllString(line, " ")); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

// reader collects the text between tags, and learns whether they are HTML.
type reader struct {
	out    strings.Builder
	html   bool
	begun  bool            // something came before
	open   map[string]bool // names of start tags
	unseen string          // the element whose text nobody sees
}

// text adds a text, whose line ends are spaces as in a browser.
func (r *reader) text(raw []byte) {
	if r.unseen != "" {
		return
	}
	r.begun = r.begun || len(bytes.TrimSpace(raw)) > 0
	r.out.Write(bytes.ReplaceAll(raw, []byte("\n"), []byte(" ")))
}

// tag takes a tag of a name, as it stands in the text.
func (r *reader) tag(name string, kind tokens.TokenType, raw string) {
	endsLine, known := elements[name]
	if !known {
		r.text([]byte(raw))
		return
	}
	switch {
	case voids[name]:
		r.html = true
	case kind == tokens.EndTagToken:
		r.html = r.html || r.open[name]
		if r.unseen == name {
			r.unseen = ""
		}
	default:
		r.html = r.html || !r.begun && kind == tokens.StartTagToken && blocks[name]
		r.open[name] = true
		if name == "script" || name == "style" {
			r.unseen = name
		}
	}
	r.begun = true
	if endsLine && (kind == tokens.EndTagToken || name == "br" || name == "hr") {
		r.out.WriteByte('\n')
	}
}
