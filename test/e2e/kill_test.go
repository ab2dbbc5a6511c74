package e2e

import (
	"fmt"
	"testing"
	"time"

	"github.com/xunke/xunke/test/harness"
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
	w.Seed()
	seeds := harness.Random(t, 7)
	first := w.StartIndexer("indexer 0", nil)
	w.Serving()
	first.Kill()

	stopWriters := w.Writers(3, 20, seeds)
	saved := harness.Request("PUT", "/*/_doc/*")
	moments := []harness.Moment{
		harness.Before("a bulk", harness.Bulk), harness.After("a bulk", harness.Bulk), harness.Before("the state is saved", saved), harness.After("the state is saved", saved),
	}
	for i := range kills {
		m, nth := moments[i%len(moments)], 1+seeds.IntN(12)
		t.Logf("kill %d: %s, number %d", i+1, m.Name, nth)
		l := w.NewLink()
		p := w.StartIndexer(fmt.Sprintf("indexer %d", i+1), l)
		harness.WaitFor(t, l.KillStalled(m, nth, p, stall), m.Name)
		if !p.WasKilled() {
			t.Fatalf("the indexer was not killed but ended: %s", p.Outcome())
		}
	}
	commits := stopWriters()
	t.Logf("%d transactions were committed meanwhile", commits)
	last := w.StartIndexer("the last indexer", nil)
	w.Leads(last)
	w.MustBeEqual()
	w.Tidy()
	last.Stop()
}
