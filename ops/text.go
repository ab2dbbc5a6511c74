package ops

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/xunke/xunke/indexer"
	"github.com/xunke/xunke/internal/progress"
	"github.com/xunke/xunke/internal/table"
)

// String is the status for a person, in tables and sentences.
func (s *Status) String() string {
	var b strings.Builder
	b.WriteString(s.servers().String() + "\n")
	if len(s.Kinds) > 0 {
		b.WriteString(s.kinds().String() + "\n")
	}
	t := table.Rows{{"lag", s.Lag.String()}}
	t = append(t, []string{"leader", s.Leader.String()})
	if n := len(s.FanOut); n > 0 {
		t = append(t, []string{"fan-out", fanOutLine(s.FanOut[0], n, s.SavedAt)})
	}
	if s.Parents > 0 {
		t = append(t, []string{"sums", fmt.Sprintf("those of %s orgs and teachers wait to be read again", progress.Thousands(int64(s.Parents)))})
	}
	if s.Freshness != nil {
		t = append(t, []string{"freshness", s.Freshness.String()})
	}
	if !s.SavedAt.IsZero() {
		t = append(t, []string{"vectors", vectorsLine(s.Vectors)})
	}
	if s.Meaning != "" {
		t = append(t, []string{"meaning", "searches go by words: " + s.Meaning})
	}
	if s.Reindex != nil {
		t = append(t, []string{"reindex", reindexLine(s.Reindex)})
	}
	if s.Reconciled != nil {
		t = append(t, []string{"reconciled", reconciledLine(s.Reconciled)})
	}
	if s.Recovery != nil {
		t = append(t, []string{"recovery", recoveryLine(s.Recovery)})
	}
	if s.DeadLetters != nil {
		line := progress.Thousands(*s.DeadLetters)
		if s.OldestLetter != nil {
			line += ", the oldest of " + ago(*s.OldestLetter) + " ago"
		}
		t = append(t, []string{"dead letters", line})
	}
	if s.LastError != "" {
		t = append(t, []string{"last error", fmt.Sprintf("%s (%s ago)", s.LastError, ago(s.ErrorAt))})
	}
	b.WriteString(t.String())
	for i, p := range s.Problems {
		if i == 0 {
			b.WriteString("\n")
		}
		b.WriteString("! " + p + "\n")
	}
	return b.String()
}

func (s *Status) servers() table.Rows {
	t := table.Rows{{"server", "state", "version", "address"}}
	for _, one := range s.Servers {
		state := "ok"
		if !one.Reachable {
			state = "DOWN"
		}
		t = append(t, []string{one.Name, state, one.Version, strings.TrimSpace(one.Address + "  " + one.Error)})
	}
	for _, p := range s.Processes {
		state := "ok"
		if !p.Alive {
			state = "not running"
		}
		pid := ""
		if p.PID != 0 {
			pid = "pid " + strconv.Itoa(p.PID)
		}
		t = append(t, []string{p.Name, state, "", pid})
	}
	return t
}

func (s *Status) kinds() table.Rows {
	t := table.Rows{{"kind", "alias", "index", "mapping", "documents", "fan-outs"}}
	for _, k := range s.Kinds {
		documents := "?"
		if k.Documents != nil {
			documents = progress.Thousands(*k.Documents)
		}
		index, mapping := k.Index, strconv.Itoa(k.Mapping)
		if index == "" {
			index, mapping, documents = "none", "", ""
		}
		if k.NeedsReindex {
			mapping += " (needs reindex: " + strconv.Itoa(k.Wants) + ")"
		}
		t = append(t, []string{string(k.Kind), k.Alias, index, mapping, documents, strconv.Itoa(k.FanOut)})
	}
	return t
}

// String is the lag in words.
func (l LagStatus) String() string {
	if l.Transactions == nil {
		return "unknown"
	}
	if *l.Transactions == 0 {
		return "none: everything that is committed is indexed"
	}
	age := "of unknown age"
	if l.OldestAge != nil {
		age = progress.Duration(time.Duration(*l.OldestAge*float64(time.Second))) + " old"
		if l.AtMost {
			age = "at most " + age
		}
	}
	return fmt.Sprintf("%s transactions, the oldest %s", progress.Thousands(int64(*l.Transactions)), age)
}

// String is the leader in words.
func (l LeaderStatus) String() string {
	who := fmt.Sprintf("%s, pid %d", l.Host, l.PID)
	switch {
	case l.Leads == nil && l.Host == "":
		return "unknown"
	case l.Leads == nil:
		return who + " (when the state was last saved)"
	case !*l.Leads && l.Host == "":
		return "none"
	case !*l.Leads:
		return "none (the last was " + who + ")"
	case l.Host == "":
		return "an indexer that has not saved its state yet"
	default:
		return who
	}
}

// fanOutLine tells how far the first of some fan-outs was at a time.
func fanOutLine(f indexer.Task, waiting int, at time.Time) string {
	line := fmt.Sprintf("%d wait; now %s of %d, %s", waiting, f.Relation, f.ID, progress.Thousands(f.Done))
	if f.Total > 0 {
		line += " of " + progress.Thousands(f.Total)
	}
	line += " documents"
	if took := at.Sub(f.BegunAt).Seconds(); f.Done > 0 && !f.BegunAt.IsZero() && took > 0 {
		rate := float64(f.Done) / took
		line += fmt.Sprintf(", %s/s", progress.Thousands(int64(rate)))
		if left := float64(f.Total - f.Done); left > 0 {
			line += fmt.Sprintf(", about %s left", progress.Duration(time.Duration(left/rate*float64(time.Second))))
		}
	}
	if f.Page > 0 {
		line += fmt.Sprintf(", %d at a time", f.Page)
	}
	return line
}

func reindexLine(r *indexer.Reindex) string {
	kinds := make([]string, len(r.Kinds))
	for i, k := range r.Kinds {
		kinds[i] = k.Plural()
	}
	line := fmt.Sprintf("%s: %s, %s of %s rows", strings.Join(kinds, ", "), r.Phase, progress.Thousands(r.Done), progress.Thousands(r.Total))
	if r.Finished.IsZero() {
		line += ", began " + ago(r.Started) + " ago"
	} else {
		line += fmt.Sprintf(" in %s, %s ago", progress.Duration(r.Finished.Sub(r.Started)), ago(r.Finished))
	}
	if r.Message != "" {
		line += ": " + r.Message
	}
	return line
}

func reconciledLine(r *indexer.Reconciled) string {
	sum := r.Sum()
	line := fmt.Sprintf("%s rows, %s ago: ", progress.Thousands(sum.Rows), ago(r.Finished))
	if sum.Total() == 0 {
		return line + "all equal"
	}
	return line + fmt.Sprintf("%s missing, %s surplus, %s different, %s repaired", progress.Thousands(sum.Missing),
		progress.Thousands(sum.Surplus), progress.Thousands(sum.Different), progress.Thousands(sum.Repaired))
}

func recoveryLine(r *indexer.Recovery) string {
	line := fmt.Sprintf("%s, epoch %d: %s; ", r.Reason, r.Epoch, r.Why)
	if r.Running() {
		return line + "under way for " + ago(r.Began)
	}
	return line + fmt.Sprintf("made good in %s, %s ago", progress.Duration(r.Ended.Sub(r.Began)), ago(r.Ended))
}

func ago(t time.Time) string { return progress.Duration(time.Since(t)) }
