package rankings_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/rankings"
)

// board answers with functions.
type board struct {
	top func(q catalog.RankingQuery) (rankings.Top, error)
}

func (b board) Top(_ context.Context, q catalog.RankingQuery, _ time.Time) (rankings.Top, error) {
	return b.top(q)
}

func (b board) Places(context.Context, catalog.Key, time.Time) (map[catalog.Window]rankings.Place, error) {
	return nil, errors.New("not asked")
}

func TestRankingRefusesWhatCannotBeRanked(t *testing.T) {
	service := &rankings.Service{Board: board{top: func(catalog.RankingQuery) (rankings.Top, error) {
		return rankings.Top{}, nil
	}}}
	good := func() catalog.RankingQuery {
		return catalog.RankingQuery{Kind: catalog.KindCourse, Window: catalog.WindowDay, Limit: 10}
	}
	if _, err := service.Ranking(t.Context(), good()); err != nil {
		t.Fatal(err)
	}
	for field, spoil := range map[string]func(q *catalog.RankingQuery){
		"kind":   func(q *catalog.RankingQuery) { q.Kind = "school" },
		"window": func(q *catalog.RankingQuery) { q.Window = "year" },
		"limit":  func(q *catalog.RankingQuery) { q.Limit = 0 },
		"tag":    func(q *catalog.RankingQuery) { q.Filters = map[catalog.Facet][]string{catalog.FacetTag: {"Go"}} },
		"category": func(q *catalog.RankingQuery) {
			q.Kind = catalog.KindOrg
			q.Filters = map[catalog.Facet][]string{catalog.FacetCategory: {"编程"}}
		},
		"level": func(q *catalog.RankingQuery) {
			q.Filters = map[catalog.Facet][]string{catalog.FacetLevel: {"beginner", "advanced"}}
		},
	} {
		q := good()
		spoil(&q)
		_, err := service.Ranking(t.Context(), q)
		e, ok := errors.AsType[*catalog.Error](err)
		if !ok || e.Code != catalog.CodeInvalid || len(e.Fields) != 1 || e.Fields[0].Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
}

// searcher is a substitute that has courses.
type searcher []int64

func (s searcher) Hottest(_ context.Context, q catalog.RankingQuery, _ time.Time) ([]catalog.RankingItem, error) {
	var items []catalog.RankingItem
	for _, id := range s[:min(len(s), q.Limit)] {
		items = append(items, catalog.RankingItem{ID: id, Score: 7})
	}
	return items, nil
}

func TestAllOfHistoryIsMadeUpWithWhatNothingHasHappenedTo(t *testing.T) {
	service := &rankings.Service{
		Board: board{top: func(catalog.RankingQuery) (rankings.Top, error) {
			return rankings.Top{Items: []catalog.RankingItem{{ID: 3, Score: 9}}}, nil
		}},
		Fallback: searcher{3, 8, 5, 6},
	}
	ask := func(w catalog.Window) catalog.Ranking {
		t.Helper()
		got, err := service.Ranking(t.Context(), catalog.RankingQuery{Kind: catalog.KindCourse, Window: w, Limit: 3})
		if err != nil || got.Degraded {
			t.Fatalf("%s: degraded %t, %v", w, got.Degraded, err)
		}
		return got
	}
	all := ask(catalog.WindowAll).Items
	if len(all) != 3 || all[0].ID != 3 || all[1].ID != 8 || all[2].ID != 5 || all[1].Score != 0 || all[2].Rank != 3 {
		t.Errorf("all of history: %+v", all)
	}
	if week := ask(catalog.WindowWeek).Items; len(week) != 1 {
		t.Errorf("a window shows what happened in it, not %+v", week)
	}
}

func TestWindowPoints(t *testing.T) {
	today := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	ago := func(days int, views int64) catalog.DailyCounts {
		return catalog.DailyCounts{Day: today.AddDate(0, 0, -days), Views: views}
	}
	history := []catalog.DailyCounts{ago(-1, 1000), ago(0, 1), ago(1, 10), ago(6, 100), ago(7, 2000), ago(29, 10000), ago(30, 50000)}
	late := today.Add(23*time.Hour + 59*time.Minute)
	for window, want := range map[catalog.Window]float64{
		catalog.WindowDay: 1, catalog.WindowWeek: 111, catalog.WindowMonth: 12111,
	} {
		if got := rankings.WindowPoints(catalog.StandardScoring(), history, window, late); got != want {
			t.Errorf("%s: %v, want %v", window, got, want)
		}
		days := rankings.DaysOf(window, late)
		if len(days) != window.Days() || !days[0].Equal(today) || !days[len(days)-1].Equal(today.AddDate(0, 0, 1-window.Days())) {
			t.Errorf("%s: days %v", window, days)
		}
	}
	if days := rankings.DaysOf(catalog.WindowAll, today); len(days) != 0 {
		t.Errorf("all of history has the days %v", days)
	}
}

// counting counts how often a substitute is asked.
type counting struct{ asked int }

func (c *counting) Hottest(context.Context, catalog.RankingQuery, time.Time) ([]catalog.RankingItem, error) {
	c.asked++
	if c.asked == 1 {
		return nil, catalog.Unavailable("the search index", nil)
	}
	return []catalog.RankingItem{{ID: int64(c.asked)}}, nil
}

func TestTheSubstituteIsSpared(t *testing.T) {
	now := time.Date(2026, 11, 23, 23, 59, 58, 0, time.UTC)
	index := &counting{}
	service := &rankings.Service{Fallback: index, Now: func() time.Time { return now }}
	ask := func(limit int) (id int64, at time.Time, err error) {
		t.Helper()
		r, err := service.Ranking(t.Context(), catalog.RankingQuery{Kind: catalog.KindCourse, Window: catalog.WindowDay, Limit: limit})
		if err != nil {
			return 0, at, err
		}
		return r.Items[0].ID, r.GeneratedAt, nil
	}
	if _, _, err := ask(5); err == nil {
		t.Error("an index that does not answer is no error")
	}
	began := now
	for range 3 { // the failure is not kept, the answer is
		if id, at, err := ask(5); id != 2 || !at.Equal(began) || err != nil {
			t.Errorf("%d as of %s, %v", id, at, err)
		}
		now = now.Add(500 * time.Millisecond)
	}
	if id, _, _ := ask(6); id != 3 {
		t.Errorf("another question is answered with %d", id)
	}
	now = began.Add(1999 * time.Millisecond)
	if id, _, _ := ask(5); id != 2 {
		t.Errorf("before midnight: %d", id)
	}
	now = began.Add(2 * time.Second) // two seconds, and midnight
	if id, at, _ := ask(5); id != 4 || !at.Equal(now) {
		t.Errorf("later: %d as of %s", id, at)
	}
}
