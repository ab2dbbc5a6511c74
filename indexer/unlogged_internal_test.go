package indexer

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// TestWhatExplainsATableMadeAnew: one of which the stream has told needs nothing, and an
// unknown statement since the last look may have been an OPTIMIZE TABLE.
func TestWhatExplainsATableMadeAnew(t *testing.T) {
	for name, c := range map[string]struct {
		note   func(*statements)
		left   []string
		reason Reason
	}{
		"nothing":                      {func(*statements) {}, []string{"lessons"}, ReasonUnlogged},
		"its own statement":            {func(s *statements) { s.note([]string{"lessons"}) }, nil, ReasonUnlogged},
		"a statement of another table": {func(s *statements) { s.note([]string{"orgs"}) }, []string{"lessons"}, ReasonUnlogged},
		"a statement nobody knows":     {func(s *statements) { s.note(nil) }, []string{"lessons"}, ReasonDefinition},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var s statements
				s.note([]string{"lessons"})
				s.note(nil)
				<-time.After(tablesEvery)
				s.explain(nil, time.Now()) // what came before explains nothing that comes after
				<-time.After(tablesEvery)
				c.note(&s)
				left, reason := s.explain([]string{"lessons"}, time.Now())
				if !slices.Equal(left, c.left) || reason != c.reason {
					t.Errorf("%v are left for %s, want %v for %s", left, reason, c.left, c.reason)
				}
			})
		})
	}
}
