package chaos

import (
	"fmt"
	"math/rand/v2"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/xunke/xunke/internal/elastic"
	"github.com/xunke/xunke/test/harness"
)

// TestRandom has whatever can go wrong happen at random for as long as XUNKE_CHAOS_FOR
// says (`make chaos`: half an hour). Indexers, wires, answers and indices fail one after the
// other, and beside that, more slowly, the servers. XUNKE_TEST_SEED repeats the order.
func TestRandom(t *testing.T) {
	lasts := chaosFor(t)
	v := ownServers(t)
	seeds := harness.Random(t, rand.Uint64N(1_000_000))
	s := newSite(t, 2)
	endKeep := s.keep()
	stop := s.Hire(harness.Crew{Writers: 4, PerSecond: 15, Changes: changes(), Hardy: true}, seeds)
	near := append(indexerFaults(), wireFaults()...)
	near = append(near, answerFaults()...)
	near = append(near, indexFaults()...)
	near = append(near, reindexFaults()...)
	far := append(serverFaults(v), fault{"a transaction of 100,000 counts", 3, func(s *site, r *rand.Rand) { s.huge(r, false) }},
		fault{"three transactions of 100,000 courses", 1, func(s *site, r *rand.Rand) { s.huge(r, true) }})

	until := time.Now().Add(lasts)
	var lanes sync.WaitGroup
	lane := func(faults []fault, least, most time.Duration) {
		r := rand.New(rand.NewPCG(seeds.Uint64(), 0))
		lanes.Go(func() {
			for time.Now().Before(until) && !t.Failed() {
				s.strike(pick(faults, r), r)
				s.pause(s.between(r, least, most))
			}
		})
	}
	lane(near, 0, 3*time.Second)
	lane(far, 4*time.Second, 16*time.Second)
	lanes.Wait()
	work := stop()
	s.again()
	s.dismiss()
	s.startAll()
	s.settle()
	endKeep()
	s.atRest()
	s.summary(work)
	s.T.Logf("dead letters: %s", s.deadLetters())
	if t.Failed() {
		t.Log("not everything was as it should be")
	} else {
		t.Log("in the end every document is as in MySQL")
	}
}

// chaosFor is how long faults are to happen at random.
func chaosFor(t *testing.T) time.Duration {
	t.Helper()
	text := os.Getenv("XUNKE_CHAOS_FOR")
	if text == "" {
		return 30 * time.Second
	}
	lasts, err := time.ParseDuration(text)
	if err != nil {
		t.Fatalf("XUNKE_CHAOS_FOR: %v", err)
	}
	return lasts
}

// deadLetters is how many documents Elasticsearch has refused for good; any is a failure.
func (s *site) deadLetters() string {
	s.T.Helper()
	var found struct {
		Count int `json:"count"`
	}
	err := s.Client.Do(s.T.Context(), "GET", "/"+s.Client.DeadLetters()+"/_count", nil, &found)
	if elastic.IsStatus(err, 404) {
		return "none"
	}
	if err != nil || found.Count > 0 {
		s.T.Errorf("%d dead letters (%v)", found.Count, err)
	}
	return fmt.Sprint(found.Count)
}
