// Package chaos lets things go wrong: indexers, servers and the ways between them fail in
// the middle of what they do, while writers change rows. In the end Elasticsearch has to be
// equal to MySQL, field by field, checkpoints must never have gone back, and the indexers
// must hold no more memory and goroutines than at rest. docs/CHAOS.md says how to use it.
package chaos

import (
	"math/rand/v2"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/xunke/xunke/test/harness"
)

func TestMain(m *testing.M) {
	zerolog.SetGlobalLevel(zerolog.Disabled) // toxiproxy's
	harness.Main(m)
}

// TestFaults has one fault of each sort happen, in an order of its own, while writers go
// on.
func TestFaults(t *testing.T) {
	seeds := harness.Random(t, 5)
	s := newSite(t, 2)
	s.brisk = true
	stop := s.Hire(harness.Crew{Writers: 3, PerSecond: 20, Changes: changes(), Hardy: true}, seeds)
	for _, f := range slices.Concat(oneOfEachSort(), momentsOfReindexes(1, 5, 8), wayFaults(), leaseFaults()) {
		s.strike(f, seeds)
	}
	work := stop()
	s.settle()
	s.atRest()
	s.summary(work)
}

// oneOfEachSort is what also happens at random.
func oneOfEachSort() []fault {
	named := map[string]fault{}
	for _, f := range slices.Concat(indexerFaults(), answerFaults(), indexFaults()) {
		named[f.name] = f
	}
	var list []fault
	for _, name := range []string{"kill an indexer at a request", "put some documents off", "lose answers of what was carried out",
		"answer 429", "block writes to an index", "lose answers of saves", "answer 503", "kill every indexer",
		"make an index read-only, as when disks are full", "delete an index"} {
		list = append(list, named[name])
	}
	return append(list, fault{name: "a transaction of 100,000 rows", run: func(s *site, r *rand.Rand) { s.huge(r, false) }})
}

// momentsOfReindexes kills the leader at some of the steps of a reindex.
func momentsOfReindexes(which ...int) []fault {
	var list []fault
	for _, i := range which {
		m := reindexMoments()[i]
		list = append(list, fault{name: "kill the leader " + m.Name, run: func(s *site, r *rand.Rand) {
			o := s.leader()
			p := o.running()
			s.ask("reindex", r)
			s.killAt(o, p, m)
			o.start()
		}})
	}
	return list
}

// wayFaults cut and slow down each of the leader's ways.
func wayFaults() []fault {
	var list []fault
	for i, server := range []string{"Elasticsearch", "MySQL", "the binlog", "Redis"} {
		way := func(s *site) *wire {
			o := s.leader()
			return []*wire{o.elastic, o.mysql, o.stream, o.redis}[i]
		}
		list = append(list, fault{name: "cut the way to " + server, run: func(s *site, _ *rand.Rand) {
			mend := way(s).cut()
			s.pause(500 * time.Millisecond)
			mend()
		}}, fault{name: "slow the way to " + server, run: func(s *site, _ *rand.Rand) {
			mend := way(s).slow(100)
			s.pause(time.Second)
			mend()
		}})
	}
	return list
}

// leaseFaults keep the leader away for longer than its lease lasts.
func leaseFaults() []fault {
	return []fault{
		{name: "swallow what goes to MySQL for longer than the lease", run: func(s *site, _ *rand.Rand) {
			mend := s.leader().mysql.swallow()
			s.pause(12 * time.Second)
			mend()
		}},
		{name: "stop the leader for longer than its lease", run: func(s *site, _ *rand.Rand) {
			p := s.leader().running()
			s.watch.away(p.PID(), "stopped")
			p.Signal(syscall.SIGSTOP)
			s.pause(12 * time.Second)
			p.Signal(syscall.SIGCONT)
		}},
	}
}

// summary says what a test did.
func (s *site) summary(work harness.Work) {
	s.T.Logf("%d transactions were committed, %d were in each other's way, %d were cut short by a fault", work.Commits, work.Refused, work.Cut)
	s.T.Logf("faults: %s", s.tally)
	starts := 0
	for _, o := range s.slots {
		starts += o.starts
	}
	s.T.Logf("%d starts of indexers; %s", starts, s.watch)
}
