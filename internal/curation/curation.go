// Package curation knows what admins have decided about the answers to single queries:
// which items come first, which are left out, and whose scores are multiplied. It is
// looked up at search time, so that a change needs no reindex.
package curation

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/plan"
)

// MaxItems is how many items one query may have curated, which bounds the searches that
// are made of them.
const MaxItems = 50

// What the score of a boosted item may be multiplied by.
const (
	MinFactor     = 0.1
	MaxFactor     = 10.0
	DefaultFactor = 2.0
)

// maxKeyRunes is what the table can hold. A key is longer than its query only where one
// character stands for several words.
const maxKeyRunes = 256

// Action is what is done with an item. An item has at most one for each query.
type Action string

// The actions.
const (
	Pin   Action = "pin"   // it comes first, whether or not it matches the query
	Hide  Action = "hide"  // it is left out
	Boost Action = "boost" // its score is multiplied
)

// Query is a query as it is curated.
type Query struct {
	Text string // as it was typed, white space made plain
	Key  string // the same for every way to type it
}

// ParseQuery reads what was typed. Its key is that of a search for the same text: width,
// case, accents, script, white space and punctuation make no difference. Errors:
// CodeInvalid for the field "query".
func ParseQuery(text string) (Query, error) {
	if !utf8.ValidString(text) {
		return Query{}, catalog.Invalidf("query", "%q is not valid UTF-8", text)
	}
	blank := func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }
	q := Query{Text: strings.Join(strings.FieldsFunc(text, blank), " ")}
	q.Key = plan.Key(q.Text)
	switch {
	case q.Key == "":
		return Query{}, catalog.Invalidf("query", "%q has nothing to search for; lists without a query cannot be curated", text)
	case utf8.RuneCountInString(q.Text) > catalog.MaxQueryRunes, utf8.RuneCountInString(q.Key) > maxKeyRunes:
		return Query{}, catalog.Invalidf("query", "%.40q… is longer than %d characters", q.Text, catalog.MaxQueryRunes)
	}
	return q, nil
}

// CheckFactor refuses a factor that a score may not be multiplied by, with CodeInvalid
// for the field "by".
func CheckFactor(factor float64) error {
	if !(factor >= MinFactor && factor <= MaxFactor) { // NaN is neither
		return catalog.Invalidf("by", "%g is not between %g and %g", factor, MinFactor, MaxFactor)
	}
	return nil
}

// Set is everything that is curated for one query. It is never changed once made.
type Set struct {
	Query  string        // as an admin typed it last
	Pins   []catalog.Key // in their order
	Hidden []catalog.Key
	Boosts []Boosted
}

// Boosted is an item with what its score is multiplied by.
type Boosted struct {
	Item   catalog.Key
	Factor float64
}

// Len is the number of items.
func (s *Set) Len() int { return len(s.Pins) + len(s.Hidden) + len(s.Boosts) }

// Lookup returns what is curated for a query's key, nil if nothing is. It must be quick:
// it is asked with every search.
type Lookup func(key string) *Set
