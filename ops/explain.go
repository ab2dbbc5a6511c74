package ops

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/indexer/binlog"
	"github.com/xunke/xunke/indexer/touch"
	"github.com/xunke/xunke/internal/table"
	"github.com/xunke/xunke/verify"
)

// ExplanationText is an explanation of one item for a person: a table, what differs, and a
// sentence that says how things are and what to do.
func ExplanationText(e verify.Explanation) string {
	var b strings.Builder
	t := table.Rows{{"row", rowLine(e)}}
	for _, c := range e.Documents {
		t = append(t, []string{string(c.Stage), copyLine(c)})
	}
	if len(e.Documents) == 0 {
		t = append(t, []string{"index", "there is none yet (run: xunke index)"})
	}
	t = append(t, []string{"MySQL", fmt.Sprintf("%d transactions, %d of them not indexed yet, %d fan-outs to %s wait", e.Executed, e.Waiting, e.FanOut, e.Kind.Plural())})
	t = append(t, []string{"touched last", touchedLine(e)})
	if e.Last != nil {
		t = append(t, []string{"indexed up to", fmt.Sprintf("%s:%d of all transactions, committed %s ago", e.Last.UUID, e.Last.Number, ago(e.Last.Committed))})
	}
	b.WriteString(t.String())
	for _, l := range e.DeadLetters {
		fmt.Fprintf(&b, "! refused by %s at %s: %s\n", l.Index, l.At, l.Reason)
	}
	for _, c := range e.Documents {
		if c.Problem != "" {
			d := verify.Difference{Kind: e.Kind, ID: e.ID, Problem: c.Problem, Fields: c.Fields}
			fmt.Fprintf(&b, "! in %s: %s\n", c.Index, strings.ReplaceAll(d.String(), "\n", "\n! in "+c.Index+": "))
		}
	}
	b.WriteString(verdict(e) + "\n")
	return b.String()
}

func rowLine(e verify.Explanation) string {
	switch {
	case e.Row == nil:
		return "there is none"
	case !e.Visible:
		return fmt.Sprintf("%v, hidden, changed %v", e.Row["name"], e.Row["updated_at"])
	default:
		return fmt.Sprintf("%v, changed %v", e.Row["name"], e.Row["updated_at"])
	}
}

func copyLine(c verify.Copy) string {
	if c.Version == 0 {
		return c.Index + ": no document"
	}
	line := fmt.Sprintf("%s: version %d, read at transaction %d of epoch %d", c.Index, c.Version, c.Executed, c.Epoch)
	if c.Problem != "" {
		line += ", " + string(c.Problem)
	}
	return line
}

// verdict says in a sentence how things are and what to do.
func verdict(e verify.Explanation) string {
	wrong := false
	for _, c := range e.Documents {
		wrong = wrong || c.Problem != ""
	}
	switch {
	case !wrong && e.Visible:
		return "The document is what the row says."
	case !wrong:
		return "There is nothing to be found, and nothing is."
	case e.InFlight:
		return "It may be on its way: look again in a moment."
	case len(e.DeadLetters) > 0:
		return "Elasticsearch refused the document: mend the row or the mapping, then run: xunke deadletters retry " + string(e.Kind) + " " + strconv.FormatInt(e.ID, 10)
	case e.Waiting > 0:
		return "No indexer leads: start one with: xunke index"
	default:
		return "Nothing is on its way that would mend it: run: xunke verify --kind " + string(e.Kind) + " --fix"
	}
}

// touchedLine tells which transaction touched the item last, or why that is not known.
func touchedLine(e verify.Explanation) string {
	if e.Touched == nil {
		return "not known: " + e.TouchedUnknown
	}
	t := e.Touched
	line := fmt.Sprintf("%s:%d, committed %s ago: %s", t.UUID, t.Number, ago(t.Committed), touchText(t.Touch, e.Kind))
	if !t.Indexed {
		line += " (not indexed yet)"
	}
	return line
}

func touchText(t touch.Touch, k catalog.Kind) string {
	f, fans := t.FanOut()
	switch {
	case t.How == touch.ByCourse:
		return fmt.Sprintf("course %d, which counts in its figures", t.Of)
	case !fans:
		return "its own row or a row of it"
	case f.Relation == binlog.Every(k):
		return "all " + k.Plural() + ", by a table that was altered or emptied, or by rows without the row before"
	default:
		return fmt.Sprintf("%s %d, which it shows something of", f.Relation.Parent(), f.ID)
	}
}
