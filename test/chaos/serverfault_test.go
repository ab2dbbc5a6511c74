package chaos

import (
	"math/rand/v2"
	"time"
)

// serverFaults happen to the servers.
func serverFaults(v *servers) []fault {
	restart := func(role string) func(*site, *rand.Rand) {
		return func(s *site, r *rand.Rand) {
			v.restart(role, func() { s.pause(s.between(r, 0, 3*time.Second)) })
		}
	}
	return []fault{
		{"kill MySQL", 4, restart("mysql")},
		{"kill Elasticsearch", 2, restart("elasticsearch")},
		{"kill Redis", 3, restart("redis")},
		{"rotate the binlog", 3, func(s *site, _ *rand.Rand) { s.try(`FLUSH BINARY LOGS`) }},
		{"purge the binlog while no indexer runs", 2, func(s *site, r *rand.Rand) {
			for _, o := range s.slots {
				o.kill()
			}
			s.try(`FLUSH BINARY LOGS`)
			s.pause(s.between(r, 100*time.Millisecond, time.Second))
			s.try(`FLUSH BINARY LOGS`)
			s.purge()
			s.startAll()
		}},
		{"RESET MASTER while no indexer runs", 2, func(s *site, r *rand.Rand) {
			for _, o := range s.slots {
				o.kill()
			}
			s.try(`RESET MASTER`)
			s.pause(s.between(r, 0, 5*time.Second))
			s.startAll()
		}},
		{"RESET MASTER under running indexers", 2, func(s *site, r *rand.Rand) {
			s.try(`RESET MASTER`)
			s.pause(s.between(r, 0, 5*time.Second))
		}},
		{"restore an older volume", 1, func(s *site, r *rand.Rand) {
			kept := v.copyVolume()
			s.pause(s.between(r, 2*time.Second, 10*time.Second))
			v.restoreVolume(kept)
		}},
	}
}

// try runs a statement that may fail when the server is away.
func (s *site) try(statement string) {
	if _, err := s.DB.ExecContext(s.T.Context(), statement); err != nil {
		s.T.Logf("%s: %v", statement, err)
	}
}
