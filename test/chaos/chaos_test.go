// Package chaos lets things go wrong: indexers, servers and the ways between them fail in
// the middle of what they do, while writers change rows. In the end Elasticsearch has to be
// equal to MySQL, field by field, checkpoints must never have gone back, and the indexers
// must hold no more memory and goroutines than at rest. docs/CHAOS.md says how to use it.
package chaos

import (
	"math/rand/v2"
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
	short := func(name string, run func(s *site, r *rand.Rand)) { s.strike(fault{name: name, run: run}, seeds) }
	named := map[string]fault{}
	for _, list := range [][]fault{indexerFaults(), answerFaults(), indexFaults()} {
		for _, f := range list {
			named[f.name] = f
		}
	}
	for _, name := range []string{"kill an indexer at a request", "put some documents off", "lose answers of what was carried out",
		"answer 429", "block writes to an index", "lose answers of saves", "answer 503", "kill every indexer",
		"make an index read-only, as when disks are full", "delete an index"} {
		s.strike(named[name], seeds)
	}
	short("a transaction of 100,000 rows", func(s *site, r *rand.Rand) { s.huge(r, false) })
	for _, m := range []int{1, 5, 8} {
		m := reindexMoments()[m]
		short("kill the leader "+m.Name, func(s *site, r *rand.Rand) {
			o := s.leader()
			p := o.running()
			s.ask("reindex", r)
			s.killAt(o, p, m)
			o.start()
		})
	}
	for i, server := range []string{"Elasticsearch", "MySQL", "the binlog", "Redis"} {
		wire := func(s *site) *wire {
			o := s.leader()
			return []*wire{o.elastic, o.mysql, o.stream, o.redis}[i]
		}
		short("cut the way to "+server, func(s *site, _ *rand.Rand) {
			mend := wire(s).cut()
			s.pause(500 * time.Millisecond)
			mend()
		})
		short("slow the way to "+server, func(s *site, _ *rand.Rand) {
			mend := wire(s).slow(100)
			s.pause(time.Second)
			mend()
		})
	}
	short("swallow what goes to MySQL for longer than the lease", func(s *site, _ *rand.Rand) {
		mend := s.leader().mysql.swallow()
		s.pause(12 * time.Second)
		mend()
	})
	short("stop the leader for longer than its lease", func(s *site, _ *rand.Rand) {
		p := s.leader().running()
		s.watch.away(p.PID(), "stopped")
		p.Signal(syscall.SIGSTOP)
		s.pause(12 * time.Second)
		p.Signal(syscall.SIGCONT)
	})
	work := stop()
	s.settle()
	s.atRest()
	s.summary(work)
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
