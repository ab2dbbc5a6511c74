package chaos

import (
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/xunke/xunke/test/harness"
)

// wireFaults happen on the way to one of the servers.
func wireFaults() []fault {
	wires := func(o *slot) []*wire { return []*wire{o.elastic, o.mysql, o.stream, o.redis} }
	var faults []fault
	for i, server := range []string{"Elasticsearch", "MySQL", "the binlog", "Redis"} {
		faults = append(faults,
			fault{"cut the way to " + server, 2, func(s *site, r *rand.Rand) {
				mend := wires(s.leader())[i].cut()
				s.pause(s.between(r, 200*time.Millisecond, 6*time.Second))
				mend()
			}},
			fault{"swallow what goes to " + server, 2, func(s *site, r *rand.Rand) {
				mend := wires(s.leader())[i].swallow()
				s.pause(s.between(r, 2*time.Second, 24*time.Second))
				mend()
			}},
			fault{"slow the way to " + server, 2, func(s *site, r *rand.Rand) {
				mend := wires(s.leader())[i].slow(20 + r.IntN(200))
				s.pause(s.between(r, 2*time.Second, 8*time.Second))
				mend()
			}})
	}
	return faults
}

// answerFaults are what Elasticsearch, or somebody before it, answers.
func answerFaults() []fault {
	everywhere := func(match func(*http.Request) bool, act func(r *rand.Rand) harness.Act, least, most time.Duration) func(*site, *rand.Rand) {
		return func(s *site, r *rand.Rand) {
			for _, o := range s.slots {
				defer o.http.Meet(match, act(r)).End()
			}
			s.pause(s.between(r, least, most))
		}
	}
	always := func(a harness.Act) func(*rand.Rand) harness.Act { return func(*rand.Rand) harness.Act { return a } }
	return []fault{
		{"answer 429", 3, everywhere(harness.Any, always(harness.Refuse(http.StatusTooManyRequests)), time.Second, 5*time.Second)},
		{"answer 503", 3, everywhere(harness.Any, always(harness.Refuse(http.StatusServiceUnavailable)), time.Second, 5*time.Second)},
		{"answer 429 to writes", 3, everywhere(harness.Bulk, always(harness.Refuse(http.StatusTooManyRequests)), time.Second, 5*time.Second)},
		{"put some documents off", 5, everywhere(harness.Bulk, func(r *rand.Rand) harness.Act {
			return harness.PutOff(onceIn(rand.New(rand.NewPCG(r.Uint64(), 0)), 2))
		}, time.Second, 4*time.Second)},
		{"lose answers of what was carried out", 4, everywhere(harness.Bulk, always(harness.Lose), time.Second, 4*time.Second)},
		{"lose answers of saves", 2, everywhere(saved, always(harness.Lose), 500*time.Millisecond, 2*time.Second)},
		{"carry writes out late", 5, func(s *site, r *rand.Rand) {
			late, arrived := make(chan struct{}), make(chan error, 1024)
			f := s.leader().http.Meet(harness.Bulk, harness.Delay(late, arrived))
			s.pause(s.between(r, 200*time.Millisecond, 1500*time.Millisecond))
			held := f.End()
			s.pause(s.between(r, 2*time.Second, 12*time.Second))
			close(late)
			for range held {
				<-arrived
			}
		}},
	}
}

// onceIn yields true once in n times on average, to any goroutine.
func onceIn(r *rand.Rand, n int) func() bool {
	turn := make(chan struct{}, 1)
	turn <- struct{}{}
	return func() bool {
		<-turn
		defer func() { turn <- struct{}{} }()
		return r.IntN(n) == 0
	}
}
