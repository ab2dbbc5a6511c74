package page

import "strings"

// Choice is a link out of several, one of which is current.
type Choice struct {
	Label   string
	Count   string // empty: not known
	URL     string
	Current bool
}

// Notice is a sentence above the results, perhaps with a link.
type Notice struct {
	Class    string
	Text     string
	Strong   string // stands in the place of %s in Text
	LinkText string
	LinkURL  string
}

// Before and After are the parts of the text around Strong.
func (n Notice) Before() string { before, _, _ := strings.Cut(n.Text, "%s"); return before }

// After is the part of the text behind Strong.
func (n Notice) After() string { _, after, _ := strings.Cut(n.Text, "%s"); return after }
