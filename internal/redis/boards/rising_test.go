package boards_test

import (
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/redis/boards"
	"github.com/xunke/xunke/rankings"
)

// TestRising compares what Redis computes with what the histories say, bit by bit.
func TestRising(t *testing.T) {
	s := newServer(t)
	b := s.boards(t)
	random := rand.New(rand.NewPCG(8, 8))
	var entries []rankings.Entry
	var want []string
	var ranked []catalog.RankingItem
	for id := int64(1); id <= 300; id++ {
		e := course(id, 1)
		for ago := range 32 {
			if n := random.Int64N(1 + id%40); n > 0 {
				if ago < 7 {
					n *= 1 + id%5
				}
				e.History = append(e.History, catalog.DailyCounts{Day: catalog.Day(noon).AddDate(0, 0, -ago), Views: n, Enrolments: n % 2})
			}
		}
		e.Card.Category = []string{"编程", "设计"}[id%2]
		entries = append(entries, e)
		if score := rankings.Score(catalog.StandardScoring(), e.History, catalog.WindowRising, noon); score > 0 {
			ranked = append(ranked, catalog.RankingItem{ID: id, Score: score})
		}
	}
	slices.SortFunc(ranked, func(a, b catalog.RankingItem) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.ID, b.ID))
	})
	for _, r := range ranked {
		want = append(want, fmt.Sprint(r.ID, " ", r.Score))
	}
	for part := range slices.Chunk(entries, 100) {
		settle(t, b, part...)
	}
	ask := func(now time.Time, filters map[catalog.Facet][]string) []string {
		t.Helper()
		var got []string
		for _, item := range topOf(t, b, catalog.RankingQuery{Kind: catalog.KindCourse, Window: catalog.WindowRising, Limit: 100, Filters: filters}, now) {
			got = append(got, fmt.Sprint(item.ID, " ", item.Score))
		}
		return got
	}
	for _, key := range s.Keys(t, "*:made") {
		s.Raw.Del(t.Context(), key) // as if the minute had passed for which it is known that nothing rises
	}
	if len(want) < 101 {
		t.Fatalf("only %d rise", len(want))
	}
	for range 2 { // made, then kept
		if got := ask(noon, nil); !slices.Equal(got, want[:100]) {
			t.Fatalf("got  %v\nwant %v", got, want[:100])
		}
	}
	var odd []string
	for _, r := range ranked {
		if r.ID%2 == 1 && len(odd) < 100 {
			odd = append(odd, fmt.Sprint(r.ID, " ", r.Score))
		}
	}
	if got := ask(noon, map[catalog.Facet][]string{catalog.FacetCategory: {"设计"}}); !slices.Equal(got, odd) {
		t.Errorf("of one category: %v, want %v", got, odd)
	}
	places, err := b.Places(t.Context(), catalog.Key{Kind: catalog.KindCourse, ID: ranked[2].ID}, noon)
	if err != nil || places[catalog.WindowRising] != (rankings.Place{Rank: 3, Score: ranked[2].Score}) {
		t.Errorf("the third stands at %+v, %v", places, err)
	}
	// Hidden: gone at once, although the board is kept for a minute.
	settle(t, b, deletedEntry(ranked[0].ID, 2))
	if got := ask(noon, nil); len(got) != 100 || !slices.Equal(got[:50], want[1:51]) {
		t.Errorf("after the first was hidden: %v", got)
	}
	// Two months later nothing rises, and that is an answer.
	if got := ask(noon.AddDate(0, 2, 0), nil); len(got) != 0 {
		t.Errorf("two months later: %v", got)
	}
}

// TestBoardsOfAnotherScoringAreMadeAnew: whoever follows with other weights is told.
func TestBoardsOfAnotherScoringAreMadeAnew(t *testing.T) {
	s := newServer(t)
	b := s.boards(t)
	if _, err := b.Tend(t.Context(), "f", noon); err != nil {
		t.Fatal(err)
	}
	other := catalog.StandardScoring()
	other.Favorite = 50
	changed := boards.New(s.Client, other)
	if _, err := changed.Tend(t.Context(), "f", noon); !errors.Is(err, rankings.ErrScoring) {
		t.Errorf("boards of other weights: %v", err)
	}
	build, err := changed.Begin(t.Context(), noon)
	if err != nil {
		t.Fatal(err)
	}
	e := course(1, 0, 1)
	e.History[0].Favorites = 2
	if err := build.Write(t.Context(), []rankings.Entry{e}, noon); err != nil {
		t.Fatal(err)
	}
	if err := build.Finish(t.Context(), noon); err != nil {
		t.Fatal(err)
	}
	if _, err := changed.Tend(t.Context(), "f", noon); err != nil {
		t.Errorf("after a rebuild: %v", err)
	}
	places, err := changed.Places(t.Context(), e.Key, noon)
	if err != nil || places[catalog.WindowDay].Score != 101 {
		t.Errorf("%+v, %v", places, err)
	}
}
