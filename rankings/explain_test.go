package rankings_test

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/rankings"
)

// source has one entry.
type source struct{ entry rankings.Entry }

func (s source) Entries(context.Context, catalog.Kind, int64, int) ([]rankings.Entry, int64, error) {
	return nil, 0, errors.New("not asked")
}

func (s source) Entry(_ context.Context, key catalog.Key) (rankings.Entry, error) {
	if key != s.entry.Key {
		return rankings.Entry{}, catalog.NotFound(key.Kind, key.ID)
	}
	return s.entry, nil
}

// placed says where an item stands.
type placed struct {
	board
	places map[catalog.Window]rankings.Place
	err    error
}

func (p placed) Places(context.Context, catalog.Key, time.Time) (map[catalog.Window]rankings.Place, error) {
	return p.places, p.err
}

func TestExplain(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	today := catalog.Day(now)
	entry := rankings.Entry{
		Key:  catalog.Key{Kind: catalog.KindCourse, ID: 7},
		Card: rankings.Card{Name: "Go"},
		History: []catalog.DailyCounts{
			{Day: today.AddDate(0, 0, -14), Views: 80},
			{Day: today, Views: 3, Favorites: 2},
			{Day: today.AddDate(0, 0, -7), Enrolments: 4},
			{Day: today.AddDate(0, 0, -3)},
		},
	}
	hot := catalog.StandardScoring().Hot(entry.History)
	places := map[catalog.Window]rankings.Place{
		catalog.WindowDay: {Rank: 1, Score: 13}, catalog.WindowWeek: {Rank: 4, Score: 13},
		catalog.WindowMonth: {Rank: 2, Score: 133}, catalog.WindowAll: {Rank: 9, Score: hot},
	}
	explain := func(p placed) rankings.Explanation {
		t.Helper()
		e := &rankings.Explainer{Scoring: catalog.StandardScoring(), Source: source{entry}, Board: p, Now: func() time.Time { return now }}
		x, err := e.Explain(t.Context(), entry.Key)
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	x := explain(placed{places: places})
	if x.Boards != "" || len(x.Days) != 3 || x.Days[0].Day != "2026-11-23" || x.Days[2].Factor != 0.25 {
		t.Errorf("explained as %+v", x)
	}
	// 13 today, 40 halved once, 80 halved twice.
	if x.Decayed != 13+20+20 || math.Abs(x.Newest+math.Log2(x.Decayed)-hot) > 1e-9 || x.Hot != hot {
		t.Errorf("%v + log2(%v) is not %v", x.Newest, x.Decayed, hot)
	}
	if got := x.Windows[catalog.WindowMonth]; got.Score != 133 || got.Place == nil || got.Place.Rank != 2 {
		t.Errorf("the month is %+v", got)
	}

	places[catalog.WindowWeek] = rankings.Place{Rank: 4, Score: 12}
	if x = explain(placed{places: places}); !strings.Contains(x.Boards, "rebuild") {
		t.Errorf("boards that differ: %q", x.Boards)
	}
	if x = explain(placed{err: rankings.ErrNoBoards}); x.Boards == "" || x.Windows[catalog.WindowDay].Place != nil {
		t.Errorf("no boards: %+v", x)
	}
	entry.Deleted = true
	if x = explain(placed{}); x.Boards != "" || !x.Hidden {
		t.Errorf("a hidden item: %+v", x)
	}
	_, err := (&rankings.Explainer{Scoring: catalog.StandardScoring(), Source: source{entry}, Board: placed{}}).Explain(t.Context(), catalog.Key{Kind: catalog.KindOrg, ID: 1})
	if catalog.CodeOf(err) != catalog.CodeNotFound {
		t.Errorf("an unknown item: %v", err)
	}
}
