package ops

import (
	"fmt"
	"time"

	"github.com/xunke/xunke/internal/progress"
)

// behindTooLong is how old a change that is not in the index may be before /readyz warns.
const behindTooLong = time.Minute

// Warning is something that is not as it should be and keeps no request from being answered.
type Warning struct {
	Component string     `json:"component"`
	Message   string     `json:"message"`
	Count     *int64     `json:"count"`  // of what it is about, where that is counted
	Oldest    *time.Time `json:"oldest"` // of what it is about, where that has a time
	Hint      string     `json:"hint"`   // what to do
}

// unlogged is what differences mostly come from once all that is on the binlog is indexed.
const unlogged = "rows probably changed with nothing on the binlog (a dump that mysqldump made without --set-gtid-purged=OFF, a session with sql_log_bin = 0)"

// driftWarning tells what the last comparison came to, nil when all was equal. It compares only
// what the indexer had caught up with, so lag explains nothing of it.
func (s *Status) driftWarning() *Warning {
	if s.Reconciled == nil {
		return nil
	}
	sum := s.Reconciled.Sum()
	left := sum.Total() - sum.Repaired
	w := Warning{Component: "drift", Oldest: &s.Reconciled.Finished}
	switch {
	case sum.Total() == 0:
		return nil
	case left > 0:
		w.Message = progress.Thousands(left) + " documents are not as their rows, although everything on the binlog is indexed"
		w.Hint, w.Count = unlogged+"; run: xunke verify --fix", &left
	default:
		w.Message = progress.Thousands(sum.Total()) + " documents were not as their rows, although everything on the binlog was indexed, and are repaired"
		w.Hint, w.Count = unlogged+"; find out by whom, and run: xunke rankings check --fix", &sum.Repaired
	}
	return &w
}

// Warnings are what /readyz tells as well: what a status finds wrong with the index and
// with what stands behind it.
func (s *Status) Warnings() []Warning {
	var all []Warning
	warn := func(component, hint, format string, args ...any) *Warning {
		all = append(all, Warning{Component: component, Message: fmt.Sprintf(format, args...), Hint: hint})
		return &all[len(all)-1]
	}
	if n := s.DeadLetters; n != nil && *n > 0 {
		w := warn("deadletters", "run: xunke deadletters list", "Elasticsearch refused documents")
		w.Count, w.Oldest = n, s.OldestLetter
	}
	switch age := s.Lag.OldestAge; {
	case s.Leader.Leads != nil && !*s.Leader.Leads:
		warn("indexer", "run: xunke index", "no indexer leads: changes are not indexed")
	case s.Lag.Transactions == nil:
		warn("indexer", "run: xunke status", "it is not known how far the index is behind")
	case age != nil && *age > behindTooLong.Seconds():
		n, oldest := int64(*s.Lag.Transactions), s.At.Add(-time.Duration(*age*float64(time.Second)))
		w := warn("indexer", "run: xunke status", "the index is behind")
		w.Count, w.Oldest = &n, &oldest
	}
	if f := s.Freshness; f != nil && f.FoundAge > sentinelLost.Seconds() {
		found := lastFound(f.all)
		warn("freshness", "run: xunke status", "searches do not find what is changed").Oldest = &found
	}
	for _, k := range s.Kinds {
		if k.NeedsReindex {
			warn("mapping", "run: xunke reindex --kind "+string(k.Kind), "the index of %s has an old mapping", k.Kind.Plural())
		}
	}
	if w := s.driftWarning(); w != nil {
		all = append(all, *w)
	}
	for _, server := range s.Servers {
		if server.Name == "redis" && !server.Reachable && server.Address != "" {
			warn("redis", "run: xunke doctor", "Redis does not answer: rankings are read from Elasticsearch")
		}
	}
	return all
}
