package chaos

import (
	"maps"
	"slices"

	"github.com/xunke/xunke/test/harness"
)

// spare is how many goroutines more than a fresh indexer one may have that has been through
// everything: idle connections come and go. What leaks at each failure leaks more.
const spare = 24

// atRest compares the goroutines of the indexer that has led with those of one that has
// just begun to. Both are ended for it: SIGQUIT makes a Go program list its goroutines.
func (s *site) atRest() {
	s.T.Helper()
	for _, o := range s.slots[1:] {
		if p := o.running(); p != nil {
			p.Stop()
		}
	}
	first := s.slots[0]
	worn := first.start()
	s.Leads(worn)
	s.settle()
	before := worn.Goroutines()
	fresh := first.start()
	s.Leads(fresh)
	s.settle()
	baseline := fresh.Goroutines()
	s.T.Logf("%d goroutines in an indexer that has seen everything, %d in a fresh one", total(before), total(baseline))
	if total(before) <= total(baseline)+spare {
		return
	}
	s.T.Errorf("an indexer that has seen everything has %d goroutines, and a fresh one %d", total(before), total(baseline))
	for _, name := range slices.Sorted(maps.Keys(before)) {
		if more := before[name] - baseline[name]; more > 0 {
			s.T.Logf("%d more of %s", more, name)
		}
	}
}

func total(goroutines harness.Goroutines) int {
	n := 0
	for _, count := range goroutines {
		n += count
	}
	return n
}
