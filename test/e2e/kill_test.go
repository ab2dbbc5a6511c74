package e2e

import (
	"fmt"
	"testing"
	"time"
)

// TestKilledInMidBatch kills the indexer again and again, before and after Elasticsearch
// has carried out one of its requests, while writers go on. Whatever was committed must
// be in the index in the end, and nothing else.
func TestKilledInMidBatch(t *testing.T) {
	const kills = 12
	// Longer than the indexer waits between two saves of its state, so that one that
	// acknowledges what it has not written has the time to write that down.
	const stall = 700 * time.Millisecond
	w := newWorld(t)
	w.seed()
	seeds := random(t, 7)
	first := w.startIndexer("indexer 0", nil)
	w.serving()
	first.kill()

	stopWriters := w.writers(3, 20, seeds)
	saved := request("PUT", "/*/_doc/*")
	moments := []moment{
		before("a bulk", bulk), after("a bulk", bulk), before("the state is saved", saved), after("the state is saved", saved),
	}
	for i := range kills {
		m, nth := moments[i%len(moments)], 1+seeds.IntN(12)
		t.Logf("kill %d: %s, number %d", i+1, m.name, nth)
		l := w.newLink()
		p := w.startIndexer(fmt.Sprintf("indexer %d", i+1), l)
		waitFor(t, l.killStalled(m, nth, p, stall), m.name)
		if !p.killed() {
			t.Fatalf("the indexer was not killed but ended: %s", p.outcome())
		}
	}
	commits := stopWriters()
	t.Logf("%d transactions were committed meanwhile", commits)
	last := w.startIndexer("the last indexer", nil)
	w.leads(last)
	w.mustBeEqual()
	w.tidy()
	last.stop()
}
