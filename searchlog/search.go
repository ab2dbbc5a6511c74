// Package searchlog knows what visitors look for and what came of it: the form in which a
// query is counted, the report for admins, and the queries that many have asked. It keeps
// no personal data: not who asked, and no text that looks personal.
package searchlog

import (
	"strings"

	"github.com/xunke/xunke/catalog"
)

// Search is what a visitor asked and was shown, as whoever answered reports it.
type Search struct {
	ID   string // search_id of the answer; a click names it
	Text string // as typed
	Page
}

// Page is what a page of hits was like.
type Page struct {
	From      int                  `json:"from"`  // position of its first hits, from 1
	Shown     map[catalog.Kind]int `json:"shown"` // hits of each kind on it
	Total     int64                `json:"total"` // hits of all kinds on all pages
	Narrowed  bool                 `json:"narrowed,omitempty"`
	Corrected bool                 `json:"corrected,omitempty"` // the hits are those of a correction
	Relaxed   bool                 `json:"relaxed,omitempty"`   // the hits lack some of the words
	Shortened bool                 `json:"shortened,omitempty"` // something of the text was not looked for, or is not kept
}

// Entry is a search as it is counted.
type Entry struct {
	Query    string `json:"query"`         // the form that is counted; empty: the text is not kept
	Spelling string `json:"spelling"`      // the form that is shown
	New      bool   `json:"new,omitempty"` // the visitor's first with this query on the day

	NewNetwork bool `json:"new_network,omitempty"` // the first with this query on the day out of the visitor's network
	Page
}

// Counts says whether an entry is a search of its own. A further page is not, nor is a
// narrowed question of who has asked the same before.
func (e Entry) Counts() bool { return e.From == 1 && (e.New || !e.Narrowed) }

// Of makes a Search of a question and its answer. ok is false for what is not looked at:
// no text, nothing but signs, or a page reached by a cursor, whose position is not known.
func Of(q catalog.Query, a catalog.Answer) (s Search, ok bool) {
	if strings.TrimSpace(q.Text) == "" || q.Cursor != nil || a.SearchID == "" {
		return Search{}, false
	}
	s = Search{ID: a.SearchID, Text: q.Text, Page: Page{
		From: (max(q.Page, 1)-1)*q.PerPage + 1, Shown: map[catalog.Kind]int{},
		// Without all of the servers' answers the total says nothing about the catalogue.
		Narrowed: a.Degraded, Corrected: a.CorrectedQuery != nil,
	}}
	for _, n := range a.Notices {
		switch n.Code {
		case catalog.NoticeNoWords:
			return Search{}, false
		case catalog.NoticeRelaxed:
			s.Relaxed = true
		case catalog.NoticeQueryCut:
			s.Shortened = true
		}
	}
	for _, values := range q.Filters {
		s.Narrowed = s.Narrowed || len(values) > 0
	}
	for k, part := range a.Parts() {
		s.Shown[k] = len(part.Hits)
		s.Total += part.Total
	}
	return s, true
}
