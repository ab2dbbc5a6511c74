// Package doctor holds what the preconditions of running come to: findings, each with
// why it matters and the command that mends it. The packages that talk to a server make
// the findings about it.
package doctor

import "fmt"

// Status says how good a finding is.
type Status string

// The statuses, from good to bad.
const (
	OK      Status = "ok"
	Warning Status = "warning" // it works now and will hurt one day
	Failure Status = "failure" // it does not work, or loses something
)

// Finding is one thing that was looked at.
type Finding struct {
	Area   string `json:"area"` // mysql, elasticsearch, redis, configuration
	Check  string `json:"check"`
	Status Status `json:"status"`
	Found  string `json:"found"`
	Why    string `json:"why"`           // it matters
	Fix    string `json:"fix,omitempty"` // the command that mends it; "" when it is ok
}

// Findings are made in the order in which they are shown.
type Findings []Finding

// Worst is the status of the worst finding, OK if there is none.
func (f Findings) Worst() Status {
	worst := OK
	for _, one := range f {
		if one.Status == Failure || (one.Status == Warning && worst == OK) {
			worst = one.Status
		}
	}
	return worst
}

// Area makes the findings about one server.
type Area struct {
	Name     string
	Findings Findings
}

// Check is one thing to look at: its name, why it matters and what mends it.
type Check struct{ Name, Why, Fix string }

// Good adds a finding that is ok.
func (a *Area) Good(c Check, found string, args ...any) { a.add(OK, c, found, args) }

// Warn adds a warning.
func (a *Area) Warn(c Check, found string, args ...any) { a.add(Warning, c, found, args) }

// Fail adds a failure.
func (a *Area) Fail(c Check, found string, args ...any) { a.add(Failure, c, found, args) }

// Judge adds a finding that is ok if good, and otherwise has the given status.
func (a *Area) Judge(good bool, otherwise Status, c Check, found string, args ...any) {
	if good {
		otherwise = OK
	}
	a.add(otherwise, c, found, args)
}

// Unknown adds a failure for something that could not be looked at.
func (a *Area) Unknown(c Check, err error) {
	c.Fix = "mend what the message says and run again: xunke doctor"
	a.add(Failure, c, "could not be checked: %v", []any{err})
}

func (a *Area) add(s Status, c Check, found string, args []any) {
	if len(args) > 0 {
		found = fmt.Sprintf(found, args...)
	}
	if s == OK {
		c.Fix = ""
	}
	a.Findings = append(a.Findings, Finding{Area: a.Name, Check: c.Name, Status: s, Found: found, Why: c.Why, Fix: c.Fix})
}
