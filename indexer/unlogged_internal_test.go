package indexer

import (
	"maps"
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

// TestAStatementExplainsOneTime: a look that comes so soon after a statement that it may not have
// found what that has done does not tell when the table was made. The next one does.
func TestAStatementExplainsOneTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s statements
		began := time.Now()
		s.note([]string{"lessons"}) // while the look is under way
		found := map[string]int64{"courses": 1, "lessons": 2}
		if got := s.settled(found, began); !maps.Equal(got, map[string]int64{"courses": 1}) {
			t.Errorf("a look beside the statement tells %v", got)
		}
		<-time.After(visibleWithin)
		if got := s.settled(found, time.Now()); !maps.Equal(got, map[string]int64{"courses": 1}) {
			t.Errorf("a look soon after the statement tells %v", got)
		}
		<-time.After(time.Millisecond)
		if got := s.settled(found, time.Now()); !maps.Equal(got, found) {
			t.Errorf("a look long after the statement tells %v", got)
		}
	})
}

// TestALeadershipAfterAStatement: what the leadership before has heard of is in the state, and is not
// taken for made in secret by the next one.
func TestALeadershipAfterAStatement(t *testing.T) {
	before := map[string]int64{"courses": 1, "lessons": 1}
	l := &leader{state: State{TablesCreated: before}}
	l.noteStatement([]string{"courses"})
	after := map[string]int64{"courses": 2, "lessons": 2}
	if anew := TablesAnew(l.state.TablesCreated, after); !slices.Equal(anew, []string{"lessons"}) {
		t.Errorf("made in secret are %v", anew)
	}
	if before["courses"] != 1 {
		t.Error("a state that was handed out has changed")
	}
}
