package ops

import (
	"slices"
	"testing"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/indexer"
)

func TestWarnings(t *testing.T) {
	at := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	earlier := at.Add(-time.Hour)
	well := func() Status {
		leads, none, fine, no := true, uint64(0), 0.0, int64(0)
		return Status{
			At: at, DeadLetters: &no, Leader: LeaderStatus{Leads: &leads}, Lag: LagStatus{Transactions: &none, OldestAge: &fine},
			Kinds: []KindStatus{{Kind: catalog.KindCourse}}, Reconciled: &indexer.Reconciled{},
			Servers: []ServerStatus{{Name: "mysql", Reachable: true}, {Name: "redis", Address: "a:1", Reachable: true}},
		}
	}
	for name, tt := range map[string]struct {
		change func(*Status)
		want   []string // components
	}{
		"all is well":   {func(*Status) {}, nil},
		"nothing known": {func(s *Status) { *s = Status{} }, []string{"indexer"}},
		"refused documents": {func(s *Status) {
			*s.DeadLetters, s.OldestLetter = 2, &earlier
		}, []string{"deadletters"}},
		"nobody leads": {func(s *Status) { *s.Leader.Leads = false }, []string{"indexer"}},
		"a little behind": {func(s *Status) {
			*s.Lag.Transactions, *s.Lag.OldestAge = 9, 20
		}, nil},
		"far behind": {func(s *Status) {
			*s.Lag.Transactions, *s.Lag.OldestAge = 9, 3600
		}, []string{"indexer"}},
		"not found": {func(s *Status) {
			s.addFreshness(&indexer.Freshness{Since: time.Now().Add(-time.Hour), Missed: 3})
		}, []string{"freshness"}},
		"no Redis":            {func(s *Status) { s.Servers[1].Reachable = false }, []string{"redis"}},
		"Redis is not wanted": {func(s *Status) { s.Servers[1] = ServerStatus{Name: "redis"} }, nil},
		"old mapping and drift": {func(s *Status) {
			s.Kinds[0].NeedsReindex = true
			s.Reconciled.Kinds = []indexer.Drift{{Missing: 3, Repaired: 1}}
		}, []string{"mapping", "drift"}},
		"drift that was repaired": {func(s *Status) {
			s.Reconciled.Kinds = []indexer.Drift{{Different: 2, Repaired: 2}}
		}, []string{"drift"}},
	} {
		s := well()
		tt.change(&s)
		var got []string
		for _, w := range s.Warnings() {
			got = append(got, w.Component)
			if w.Message == "" || w.Hint == "" {
				t.Errorf("%s: %+v", name, w)
			}
			switch {
			case name == "refused documents" && (*w.Count != 2 || !w.Oldest.Equal(earlier)),
				name == "far behind" && (*w.Count != 9 || !w.Oldest.Equal(earlier)),
				w.Component == "drift" && *w.Count != 2:
				t.Errorf("%s: %+v", name, w)
			}
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
}
