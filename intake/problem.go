package intake

import (
	"fmt"
	"strconv"
	"unicode/utf8"
)

// Problem is one thing that is wrong with an item of a source.
type Problem struct {
	Position Position
	Field    string // empty: the item as a whole
	Reason   string
	Value    string // as it was given, shortened; empty where there is none
	Warning  bool   // the item went in all the same, without that value
}

// String is the problem as a line for a terminal:
//
//	courses.jsonl:12: level: is not one of beginner, intermediate, advanced ("expert")
func (p Problem) String() string {
	s := p.Position.String() + ": "
	if p.Field != "" {
		s += p.Field + ": "
	}
	s += p.Reason
	if p.Value != "" {
		s += " (" + p.Value + ")"
	}
	return s
}

// MarshalText is String, so that JSON has the same line.
func (p Problem) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// maxShown is how many characters of a wrong value a message repeats.
const maxShown = 40

// quote shows a text in a message: shortened, with what is invisible escaped.
func quote(s string) string { return strconv.Quote(shorten(s)) }

// display is a JSON value in a message: as it is, unless white space in it would break
// the line.
func display(raw []byte) string {
	if hasControl(string(raw), false) {
		return quote(string(raw))
	}
	return shorten(string(raw))
}

// shorten cuts a text after maxShown characters.
func shorten(s string) string {
	if utf8.RuneCountInString(s) <= maxShown {
		return s
	}
	n := 0
	for i := range s {
		if n == maxShown {
			return s[:i] + "…"
		}
		n++
	}
	return s
}

// Count says what became of the items of one kind.
type Count struct {
	Created   int64 `json:"created"`
	Updated   int64 `json:"updated"`
	Unchanged int64 `json:"unchanged"`
}

// Total is how many items there were.
func (c Count) Total() int64 { return c.Created + c.Updated + c.Unchanged }

func (c *Count) add(o Count) {
	c.Created += o.Created
	c.Updated += o.Updated
	c.Unchanged += o.Unchanged
}

// Tally is what a store did with a batch. Made counts orgs and teachers that a reference
// named and that nothing defined; they are in no Count.
type Tally struct {
	Orgs         Count
	Teachers     Count
	Courses      Count
	Enrolments   Count
	Ratings      Count
	OrgsMade     int64
	TeachersMade int64
	Dangling     []Dangling
}

// Add joins the numbers of another tally to this one, not its dangling references.
func (t *Tally) Add(o Tally) {
	t.Orgs.add(o.Orgs)
	t.Teachers.add(o.Teachers)
	t.Courses.add(o.Courses)
	t.Enrolments.add(o.Enrolments)
	t.Ratings.add(o.Ratings)
	t.OrgsMade += o.OrgsMade
	t.TeachersMade += o.TeachersMade
}

// Dangling is a reference by key alone that found nothing. It was left out.
type Dangling struct {
	Item  int    // index in the batch
	Field string // "org" or "teachers"
	Key   string
}

func (d Dangling) problem(at Position) Problem {
	return Problem{
		Position: at, Field: d.Field, Value: quote(d.Key), Warning: true,
		Reason: fmt.Sprintf("left out, because no usable %s has this key", map[string]string{"org": "org", "teachers": "teacher"}[d.Field]),
	}
}
