package chaos

import (
	"math/rand/v2"
	"syscall"
	"time"

	"github.com/xunke/xunke/test/harness"
)

// fault is one thing that goes wrong, and is right again when run returns.
type fault struct {
	name   string
	weight int
	run    func(s *site, r *rand.Rand)
}

// strike has a fault happen and says so: what is logged is the order in which things
// happened, which a seed repeats.
func (s *site) strike(f fault, r *rand.Rand) {
	began := time.Now()
	f.run(s, r)
	s.tally.add(f.name)
	s.T.Logf("%s %-48s %5.1f s", began.Format("15:04:05"), f.name, time.Since(began).Seconds())
}

// pick chooses by weight.
func pick(faults []fault, r *rand.Rand) fault {
	sum := 0
	for _, f := range faults {
		sum += f.weight
	}
	at := r.IntN(sum)
	for _, f := range faults {
		if at -= f.weight; at < 0 {
			return f
		}
	}
	return faults[0]
}

// between is a random time, or the least where each fault is to be short.
func (s *site) between(r *rand.Rand, least, most time.Duration) time.Duration {
	if s.brisk {
		return least
	}
	return least + time.Duration(r.Int64N(int64(most-least)))
}

// indexerFaults happen to the indexers themselves.
func indexerFaults() []fault {
	return []fault{
		{"kill the leader", 6, func(s *site, r *rand.Rand) {
			o := s.leader()
			o.kill()
			s.pause(s.between(r, 0, 4*time.Second))
			o.start()
		}},
		{"kill every indexer", 2, func(s *site, r *rand.Rand) {
			for _, o := range s.slots {
				o.kill()
			}
			s.pause(s.between(r, 0, 3*time.Second))
			s.startAll()
		}},
		{"kill an indexer at a request", 6, killAtRequest},
		{"stop the leader for longer than its lease", 3, func(s *site, r *rand.Rand) {
			p := s.leader().running()
			if p == nil {
				return
			}
			s.watch.away(p.PID(), "stopped")
			p.Signal(syscall.SIGSTOP)
			s.pause(s.between(r, 13*time.Second, 20*time.Second))
			p.Signal(syscall.SIGCONT)
		}},
		{"stop the leader for a moment", 3, func(s *site, r *rand.Rand) {
			p := s.leader().running()
			if p == nil {
				return
			}
			p.Signal(syscall.SIGSTOP)
			s.pause(s.between(r, time.Second, 4*time.Second))
			p.Signal(syscall.SIGCONT)
		}},
		{"stop an indexer in order", 2, func(s *site, r *rand.Rand) {
			o := s.leader()
			if p := o.running(); p != nil {
				o.rest()
				s.watch.away(p.PID(), "asked to end")
				p.Signal(syscall.SIGTERM)
				p.Wait()
			}
			s.pause(s.between(r, 0, time.Second))
			o.start()
		}},
	}
}

// saved matches the requests that save the indexers' state.
var saved = harness.Request("PUT", "/*/_doc/*")

// killAtRequest kills the leader before or after one of its requests was carried out,
// which is held back for longer than the indexer waits between two saves: one that
// acknowledges what it has not written has the time to write that down.
func killAtRequest(s *site, r *rand.Rand) {
	moments := []harness.Moment{
		harness.Before("a bulk", harness.Bulk), harness.After("a bulk", harness.Bulk),
		harness.Before("the state is saved", saved), harness.After("the state is saved", saved),
	}
	m, nth := moments[r.IntN(len(moments))], 1+r.IntN(8)
	o := s.leader()
	p := o.running()
	if p == nil {
		return
	}
	dead := o.http.KillStalled(m, nth, p, 700*time.Millisecond)
	patience := time.NewTimer(10 * time.Second)
	defer patience.Stop()
	select {
	case <-dead:
	case <-patience.C: // it does not lead any more, or has nothing to write
		o.kill()
	}
	o.start()
}
