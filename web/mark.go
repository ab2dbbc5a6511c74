package web

import (
	"html"
	"html/template"
	"strings"

	"github.com/xunke/xunke/catalog"
)

// keepMarks is what may go into a page of a highlighted fragment: its <em> and </em>, and
// text. Fragments come escaped from the index, but a page does not stake its safety on
// that: everything between the marks is escaped here, once.
func keepMarks(fragment string) template.HTML {
	var b strings.Builder
	open := false
	for fragment != "" {
		tag, at := nextMark(fragment)
		b.WriteString(template.HTMLEscapeString(html.UnescapeString(fragment[:at])))
		if tag == "" {
			break
		}
		fragment = fragment[at+len(tag):]
		if opens := tag == "<em>"; opens != open {
			b.WriteString(tag)
			open = opens
		}
	}
	if open {
		b.WriteString("</em>")
	}
	return template.HTML(b.String()) //nolint:gosec // every part is escaped or one of two tags
}

// nextMark finds the first <em> or </em>: which it is and where. Without one the tag is
// empty and the place is the end.
func nextMark(s string) (tag string, at int) {
	at = len(s)
	for _, t := range []string{"<em>", "</em>"} {
		if i := strings.Index(s, t); i >= 0 && i < at {
			tag, at = t, i
		}
	}
	return tag, at
}

// highlight is the highlight of a field of a hit, or else the plain text.
func highlight(h catalog.Hit, field, plain string) template.HTML {
	fragments := h.Highlight[field]
	if len(fragments) == 0 {
		return template.HTML(template.HTMLEscapeString(plain)) //nolint:gosec // escaped
	}
	parts := make([]string, len(fragments))
	for i, f := range fragments {
		parts[i] = string(keepMarks(f))
	}
	return template.HTML(strings.Join(parts, " … ")) //nolint:gosec // each part is safe
}
