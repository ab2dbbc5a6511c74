package verify

import (
	"fmt"
	"strings"

	"github.com/xunke/xunke/catalog"
)

// Problem says in which way a document differs from its row.
type Problem string

// The problems.
const (
	Missing   Problem = "missing"   // a visible row without a document, or with one marked as deleted
	Surplus   Problem = "surplus"   // a document without a visible row
	Different Problem = "different" // a document whose fields are not what the row says
)

// Difference is one document that differs, however long one waits.
type Difference struct {
	Kind     catalog.Kind `json:"kind"`
	ID       int64        `json:"id"`
	Document string       `json:"document,omitempty"` // its _id, where that is no id of an item
	Problem  Problem      `json:"problem"`
	Fields   []Field      `json:"fields,omitempty"`
	Repaired bool         `json:"repaired"`

	version int64 // of the document
}

// String is the difference on as many lines as it has fields.
func (d Difference) String() string {
	name := fmt.Sprintf("%s %d", d.Kind, d.ID)
	if d.Document != "" {
		name = fmt.Sprintf("%s document %q", d.Kind, d.Document)
	}
	repaired := ""
	if d.Repaired {
		repaired = " (repaired)"
	}
	if len(d.Fields) == 0 {
		return name + ": " + string(d.Problem) + repaired
	}
	lines := make([]string, len(d.Fields))
	for i, f := range d.Fields {
		lines[i] = fmt.Sprintf("%s: %s is %s and should be %s%s", name, f.Name, orAbsent(f.Found), orAbsent(f.Expected), repaired)
	}
	return strings.Join(lines, "\n")
}

func orAbsent(value string) string {
	if value == "" {
		return "absent"
	}
	return value
}

// Totals is what the comparison of one kind came to.
type Totals struct {
	Kind        catalog.Kind `json:"kind"`
	Index       string       `json:"index"`
	Rows        int64        `json:"rows"`        // visible rows of MySQL
	Documents   int64        `json:"documents"`   // documents that are not marked as deleted
	Missing     int64        `json:"missing"`     // as found, before any repair
	Surplus     int64        `json:"surplus"`     //
	Different   int64        `json:"different"`   //
	Unconfirmed int64        `json:"unconfirmed"` // differed at first and were too many to look at again
	Moving      int64        `json:"moving"`      // changed at every look; what stood still was equal
	Repaired    int64        `json:"repaired"`
	Seconds     float64      `json:"seconds"`
}

// UnrepairedCount is how many documents differ after the repair.
func (t Totals) UnrepairedCount() int64 {
	return t.Missing + t.Surplus + t.Different + t.Unconfirmed - t.Repaired
}

func (t *Totals) count(p Problem) {
	switch p {
	case Missing:
		t.Missing++
	case Surplus:
		t.Surplus++
	case Different:
		t.Different++
	}
}

// Report is the outcome of a run. Differences holds the first of them; the totals count all.
type Report struct {
	Equal       bool         `json:"equal"`
	Kinds       []Totals     `json:"kinds"`
	Differences []Difference `json:"differences"`
	Notes       []string     `json:"notes"` // what a reader of the figures must know
	Seconds     float64      `json:"seconds"`
}

func (r *Report) note(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	for _, n := range r.Notes {
		if n == text {
			return
		}
	}
	r.Notes = append(r.Notes, text)
}
