// Package events carries what visitors did, views, clicks and searches, to the daily counts
// in MySQL: each is accepted, waits in a queue or, while the queue does not answer, in a
// file, and is counted once. It knows no server: where events wait and who counts them are
// interfaces.
package events

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/searchlog"
)

// Type says what a visitor did.
type Type string

// The events. A view counts in the rankings; a search, and a click that says which of its
// hits was opened, count in the report on searches only.
const (
	View   Type = "view"
	Click  Type = "click"
	Search Type = "search"
)

// Types lists the events.
func Types() []Type { return []Type{View, Click, Search} }

// Event is one thing that a visitor did. It holds no personal data.
type Event struct {
	Type     Type
	Item     catalog.Key      // of a view or a click
	Visitor  string           // a hash that changes every day; decides what is a repetition, and is not kept
	Network  string           // a daily hash of the network that it comes from; empty: not known, and so not limited
	SearchID string           // of a search or a click
	Position int              // of a click, from 1
	Search   *searchlog.Entry `json:",omitempty"` // of a search
	At       time.Time
	// Capped says that the event is beyond what counts of its network. Only the queue says so.
	Capped bool `json:"-"`
}

// Limits of what a click may say.
const (
	maxSearchID = 64 // bytes
	maxPosition = 1_000_000
)

// Validate returns nil, or a catalog.Error of CodeInvalid that names every field at fault
// as the API calls it.
func (e Event) Validate() error {
	var wrong []catalog.FieldError
	add := func(field, format string, args ...any) {
		wrong = append(wrong, catalog.FieldError{Field: field, Message: fmt.Sprintf(format, args...)})
	}
	search := e.Type == Search && e.Search != nil // clients cannot say what was searched for
	if !search && !slices.Contains(catalog.Kinds(), e.Item.Kind) {
		add("kind", "is not one of course, org, teacher")
	}
	if !search && e.Item.ID < 1 {
		add("id", "%d is not an id: ids begin at 1", e.Item.ID)
	}
	switch {
	case search:
		if e.SearchID == "" {
			add("search_id", "is missing")
		}
	case e.Type == View:
		if e.SearchID != "" || e.Position != 0 {
			add("type", "a view has neither search_id nor position; those belong to a click")
		}
	case e.Type == Click:
		if !validSearchID(e.SearchID) {
			add("search_id", "is not the search_id of an answer")
		}
		if e.Position < 1 || e.Position > maxPosition {
			add("position", "%d is not a place in a list, from 1", e.Position)
		}
	default:
		add("type", "is not one of view, click")
	}
	if len(wrong) == 0 {
		return nil
	}
	return &catalog.Error{Code: catalog.CodeInvalid, Message: "invalid event", Fields: wrong}
}

// validSearchID says whether a click may name a search so: it stands in keys and logs.
func validSearchID(id string) bool {
	const allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."
	return id != "" && len(id) <= maxSearchID && strings.Trim(id, allowed) == ""
}
