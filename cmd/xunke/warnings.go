package main

import (
	"fmt"
	"time"

	"github.com/xunke/xunke/internal/progress"
	"github.com/xunke/xunke/searchapi"
)

// behindTooLong is how old a change that is not in the index may be before /readyz warns.
const behindTooLong = time.Minute

// warnings are what /readyz tells beside: what a status finds wrong with the index and with
// what stands behind it.
func warnings(s status) []searchapi.Warning {
	var all []searchapi.Warning
	warn := func(component, hint, format string, args ...any) *searchapi.Warning {
		all = append(all, searchapi.Warning{Component: component, Message: fmt.Sprintf(format, args...), Hint: hint})
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
		found := foundLast(f.all)
		warn("freshness", "run: xunke status", "searches do not find what is changed").Oldest = &found
	}
	for _, k := range s.Kinds {
		if k.NeedsReindex {
			warn("mapping", "run: xunke reindex --kind "+string(k.Kind), "the index of %s has an old mapping", k.Kind.Plural())
		}
	}
	if s.Reconciled != nil {
		if sum := s.Reconciled.Sum(); sum.Found() > sum.Repaired {
			n := sum.Found() - sum.Repaired
			warn("drift", "run: xunke verify --fix", "%s documents are not as their rows", progress.Thousands(n)).Count = &n
		}
	}
	for _, server := range s.Servers {
		if server.Name == "redis" && !server.Reachable && server.Address != "" {
			warn("redis", "run: xunke doctor", "Redis does not answer: rankings are read from Elasticsearch")
		}
	}
	return all
}
