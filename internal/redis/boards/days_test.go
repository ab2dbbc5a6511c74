package boards_test

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/redis/boards"
	"github.com/xunke/xunke/rankings"
)

// model is what the boards must say: the histories themselves, and the one plain sum.
type model struct {
	version int64
	entries map[int64]rankings.Entry
}

func (m *model) ranking(w catalog.Window, now time.Time) []string {
	type scored struct {
		id    int64
		score float64
	}
	var list []scored
	for id, e := range m.entries {
		s := catalog.StandardScoring().Hot(e.History)
		if w != catalog.WindowAll {
			s = rankings.WindowPoints(catalog.StandardScoring(), e.History, w, now)
		}
		if s > 0 && !e.Deleted {
			list = append(list, scored{id, s})
		}
	}
	slices.SortFunc(list, func(a, b scored) int { return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.id, b.id)) })
	lines := []string{}
	for _, s := range list {
		lines = append(lines, fmt.Sprintf("%d:%g", s.id, s.score))
	}
	return lines
}

// change makes something happen to a random course, on a recent day more often than on
// one of long ago, and returns what a read would say of it.
func (m *model) change(r *rand.Rand, now time.Time) rankings.Entry {
	m.version++
	id := 1 + r.Int64N(12)
	e := m.entries[id]
	e.Key, e.Version, e.Card.Name = catalog.Key{Kind: catalog.KindCourse, ID: id}, m.version, fmt.Sprint("课程 ", id)
	switch n := r.IntN(10); {
	case n == 0:
		e.Deleted = !e.Deleted
	case n == 1 && len(e.History) > 0: // a correction takes a day away
		i := r.IntN(len(e.History))
		e.History = slices.Delete(slices.Clone(e.History), i, i+1)
	default:
		day := catalog.Day(now).AddDate(0, 0, -r.IntN(1+r.IntN(33)))
		e.History = append(slices.Clone(e.History), catalog.DailyCounts{Day: day, Views: r.Int64N(20)})
		e.History = addUp(e.History)
	}
	m.entries[id] = e
	return e
}

// addUp makes one row of the rows of a day, as MySQL has it.
func addUp(history []catalog.DailyCounts) []catalog.DailyCounts {
	views := map[time.Time]int64{}
	for _, d := range history {
		views[d.Day] += d.Views
	}
	var rows []catalog.DailyCounts
	for _, day := range slices.SortedFunc(maps.Keys(views), time.Time.Compare) {
		rows = append(rows, catalog.DailyCounts{Day: day, Views: views[day]})
	}
	return rows
}

// TestDaysTurn lets two months pass: with changes and without, tended and not, asked and
// not, rebuilt over midnight. Whatever happened, each window has what the model has.
func TestDaysTurn(t *testing.T) {
	for seed := range uint64(6) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) { passDays(t, rand.New(rand.NewPCG(seed, 6))) })
	}
}

func passDays(t *testing.T, r *rand.Rand) {
	b := newServer(t).boards(t)
	m := &model{entries: map[int64]rankings.Entry{}}
	now := noon
	settle := func(entry rankings.Entry, now time.Time) {
		t.Helper()
		if _, err := b.Settle(t.Context(), "f", []rankings.Entry{entry}, now); err != nil {
			t.Fatal(err)
		}
	}
	check := func(w catalog.Window) {
		t.Helper()
		got := []string{}
		for _, item := range topOf(t, b, catalog.RankingQuery{Kind: catalog.KindCourse, Window: w, Limit: 100}, now) {
			got = append(got, fmt.Sprintf("%d:%g", item.ID, item.Score))
		}
		if want := m.ranking(w, now); !slices.Equal(got, want) {
			t.Fatalf("%s, %s:\n got %v\nwant %v", now.Format(time.DateOnly), w, got, want)
		}
	}
	for range 60 {
		for range r.IntN(8) {
			settle(m.change(r, now), now)
			if r.IntN(4) == 0 {
				check(catalog.Windows()[r.IntN(4)])
			}
		}
		if r.IntN(2) == 0 {
			if _, err := b.Tend(t.Context(), "f", now); err != nil {
				t.Fatal(err)
			}
		}
		if r.IntN(8) == 0 {
			now = rebuildOverMidnight(t, r, b, m, now, settle)
		}
		if r.IntN(3) > 0 {
			for _, w := range catalog.Windows() {
				check(w)
			}
		}
		now = now.AddDate(0, 0, 1)
		if r.IntN(6) == 0 {
			now = now.AddDate(0, 0, r.IntN(4)) // nobody comes for some days
		}
	}
	for _, w := range catalog.Windows() {
		check(w)
	}
}

// rebuildOverMidnight rebuilds while things change; on the way the day may turn.
func rebuildOverMidnight(t *testing.T, r *rand.Rand, b *boards.Boards, m *model, now time.Time, settle func(rankings.Entry, time.Time)) time.Time {
	t.Helper()
	build, err := b.Begin(t.Context(), now)
	if err != nil {
		t.Fatal(err)
	}
	turn := r.Int64N(24)
	for id := int64(1); id <= 12; id++ {
		if id == turn {
			now = now.AddDate(0, 0, 1)
		}
		if e := m.entries[id]; !e.Deleted && len(e.History) > 0 {
			e.Version = 0
			if err := build.Write(t.Context(), []rankings.Entry{e}, now); err != nil {
				t.Fatal(err)
			}
		}
		if r.IntN(3) == 0 {
			settle(m.change(r, now), now)
		}
	}
	if err := build.Finish(t.Context(), now); err != nil {
		t.Fatal(err)
	}
	return now
}
