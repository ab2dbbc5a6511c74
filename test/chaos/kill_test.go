package chaos

import (
	"testing"
	"time"

	"github.com/xunke/xunke/test/harness"
)

// TestServersKilled kills each server while writers go on.
func TestServersKilled(t *testing.T) {
	v := ownServers(t)
	seeds := harness.Random(t, 9)
	s := newSite(t, 2)
	stop := s.Hire(harness.Crew{Writers: 3, PerSecond: 20, Changes: changes(), Hardy: true}, seeds)
	s.pause(time.Second)
	for _, f := range serverFaults(v)[:3] {
		s.strike(f, seeds)
		s.pause(time.Second)
	}
	work := stop()
	s.again()
	s.settle()
	s.summary(work)
}
