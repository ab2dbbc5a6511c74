package search_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/mappings"
	"github.com/xunke/xunke/rankings"
)

// TestHottestIsWhatTheHistoriesSay writes documents once and lets days pass: on every day
// each window has the items, the order and the very scores of the histories.
func TestHottestIsWhatTheHistoriesSay(t *testing.T) {
	s := newShelf(t)
	random := rand.New(rand.NewPCG(6, 4))
	written := time.Date(2026, 11, 23, 23, 59, 0, 0, time.UTC)
	scoring := catalog.Scoring{View: 2, Favorite: 5, Enrolment: 11, HalfLife: 48 * time.Hour}
	histories := map[int64][]catalog.DailyCounts{}
	cities := map[int64]string{}
	for n := range 60 {
		var history []catalog.DailyCounts
		for ago := range 45 {
			if random.IntN(1+n%9) == 0 {
				history = append(history, catalog.DailyCounts{
					Day: catalog.Day(written).AddDate(0, 0, -ago), Views: random.Int64N(9), Favorites: random.Int64N(2), Enrolments: random.Int64N(1 + int64(n/50)),
				})
			}
		}
		if n == 7 { // a sudden rise
			history = []catalog.DailyCounts{{Day: catalog.Day(written), Views: 400}, {Day: catalog.Day(written).AddDate(0, 0, -12), Views: 90}}
		}
		city := []string{"北京", "上海"}[n%2]
		id := s.course(t, mappings.Course{
			Name: fmt.Sprint("课程 ", n), Image: "/i.png", Students: int64(n), City: city, Org: &mappings.Ref{ID: 7, Name: "大学"},
			Hot: scoring.Hot(history), Recent: scoring.Recent(history),
		})
		histories[id], cities[id] = history, city
	}
	s.put(t, catalog.KindCourse, 1000, map[string]any{"deleted": true, "id": 1000})
	s.flush(t)
	searcher := s.searcher().WithScoring(scoring)
	for _, after := range []time.Duration{0, time.Minute, 24 * time.Hour, 6 * 24 * time.Hour, 29 * 24 * time.Hour, 40 * 24 * time.Hour} {
		now := written.Add(after)
		for _, w := range catalog.RankingWindows() {
			for _, city := range []string{"", "上海"} {
				var want []string
				for _, line := range rank(scoring, histories, w, now) {
					if city == "" || cities[line.ID] == city {
						want = append(want, fmt.Sprint(line.ID, " ", line.Score))
					}
				}
				q := catalog.RankingQuery{Kind: catalog.KindCourse, Window: w, Limit: 100, Filters: map[catalog.Facet][]string{}}
				if city != "" {
					q.Filters[catalog.FacetCity] = []string{city}
				}
				items, err := searcher.Hottest(t.Context(), q, now)
				if err != nil {
					t.Fatal(err)
				}
				var got []string
				for _, item := range items {
					if item.Name == "" || item.Image != "/i.png" || item.URL == "" || item.Org == nil || item.Org.ID != 7 {
						t.Fatalf("an item without what is shown of it: %+v", item)
					}
					if item.Score > 0 {
						got = append(got, fmt.Sprint(item.ID, " ", item.Score))
					}
				}
				if !slices.Equal(got, want) {
					t.Errorf("%s after %s in %q:\n got %v\nwant %v", w, after, city, got, want)
				}
				if after == 0 && len(want) == 0 {
					t.Errorf("%s compares nothing", w)
				}
			}
		}
	}
}

// ranked is a ranking by the histories themselves.
func rank(s catalog.Scoring, histories map[int64][]catalog.DailyCounts, w catalog.Window, now time.Time) []catalog.RankingItem {
	var list []catalog.RankingItem
	for id, history := range histories {
		if score := rankings.Score(s, history, w, now); score > 0 {
			list = append(list, catalog.RankingItem{ID: id, Score: score})
		}
	}
	slices.SortFunc(list, func(a, b catalog.RankingItem) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.ID, b.ID))
	})
	return list
}
