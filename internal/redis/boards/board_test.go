package boards_test

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/redis/boards"
	"github.com/xunke/xunke/rankings"
)

func TestWindowsDifferWhereHistoryDoes(t *testing.T) {
	b := newServer(t).boards(t)
	long := make([]int64, 31)
	long[30] = 1_000_000 // a day too long ago for a month
	settle(t, b,
		course(1, 1, 5),                       // today only
		course(2, 1, 0, 9),                    // yesterday
		course(3, 1, 0, 0, 0, 0, 0, 0, 8),     // the last day of a week
		course(4, 1, 0, 0, 0, 0, 0, 0, 0, 50), // the day before that
		course(5, 1, long...),
		course(6, 1), // nothing ever
	)
	for window, want := range map[catalog.Window][]int64{
		catalog.WindowDay:   {1},
		catalog.WindowWeek:  {2, 3, 1},
		catalog.WindowMonth: {4, 2, 3, 1},
		// A million views a month ago still weigh 2^(-30/7) of as many today.
		catalog.WindowAll: {5, 4, 2, 1, 3},
	} {
		if got := ids(t, b, window, noon, nil); !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", window, got, want)
		}
	}
	// A day later, with nothing written, the windows have moved on.
	tomorrow := noon.AddDate(0, 0, 1)
	for window, want := range map[catalog.Window][]int64{
		catalog.WindowDay:   {},
		catalog.WindowWeek:  {2, 1},
		catalog.WindowMonth: {4, 2, 3, 1},
	} {
		if got := ids(t, b, window, tomorrow, nil); !slices.Equal(got, want) {
			t.Errorf("%s, a day later: got %v, want %v", window, got, want)
		}
	}
}

func TestTopHasEverythingOfACard(t *testing.T) {
	b := newServer(t).boards(t)
	e := course(42, 1, 3, 2)
	e.History[1].Enrolments = 1
	e.Card = rankings.Card{Name: "数据结构 <C++>", Image: "/i/42.png", Students: 1234, Org: &catalog.Ref{ID: 7, Name: "大学"}}
	settle(t, b, e)
	for window, score := range map[catalog.Window]float64{
		catalog.WindowDay: 3, catalog.WindowWeek: 15, catalog.WindowAll: catalog.StandardScoring().Hot(e.History),
	} {
		top, err := b.Top(t.Context(), catalog.RankingQuery{Kind: catalog.KindCourse, Window: window, Limit: 1}, noon)
		if err != nil || len(top.Items) != 1 {
			t.Fatal(top, err)
		}
		got := top.Items[0]
		if got.ID != 42 || got.Name != e.Card.Name || got.Image != "/i/42.png" || got.Students != 1234 ||
			got.URL != "/courses/42" || got.Org == nil || *got.Org != *e.Card.Org || got.Score != score || !top.At.Equal(noon) {
			t.Errorf("%s: %+v at %s, want a score of %v", window, got, top.At, score)
		}
	}
	if math.Abs(catalog.StandardScoring().Hot(e.History)-360) > 10 {
		t.Errorf("the score for all time is %v", catalog.StandardScoring().Hot(e.History))
	}
}

func TestTiesComeByAscendingID(t *testing.T) {
	b := newServer(t).boards(t)
	settle(t, b, course(100, 1, 4), course(9, 1, 4), course(2, 1, 4), course(30, 1, 4), course(1000, 1, 5))
	for _, w := range catalog.Windows() {
		if got := ids(t, b, w, noon, nil); !slices.Equal(got, []int64{1000, 2, 9, 30, 100}) {
			t.Errorf("%s: %v", w, got)
		}
	}
}

func TestFilters(t *testing.T) {
	s := newServer(t)
	b := s.boards(t)
	with := func(e rankings.Entry, category string, level catalog.Level, org int64, city string) rankings.Entry {
		e.Card.Category, e.Card.Level, e.Card.City = category, level, city
		if org > 0 {
			e.Card.Org = &catalog.Ref{ID: org, Name: "机构"}
		}
		return e
	}
	settle(t, b,
		with(course(1, 1, 1), "编程", catalog.LevelBeginner, 7, "北京"),
		with(course(2, 1, 2), "编程", catalog.LevelAdvanced, 7, "北京"),
		with(course(3, 1, 3, 1), "设计", catalog.LevelBeginner, 8, "上海"),
		with(course(4, 1, 4, 9), "编程", catalog.LevelBeginner, 0, ""),
		with(course(5, 1, 0, 5), "编程", catalog.LevelBeginner, 7, "北京"),
	)
	f := func(pairs ...string) map[catalog.Facet][]string {
		m := map[catalog.Facet][]string{}
		for i := 0; i < len(pairs); i += 2 {
			m[catalog.Facet(pairs[i])] = []string{pairs[i+1]}
		}
		return m
	}
	for _, tc := range []struct {
		window  catalog.Window
		filters map[catalog.Facet][]string
		want    []int64
	}{
		{catalog.WindowDay, f("category", "编程"), []int64{4, 2, 1}},
		{catalog.WindowWeek, f("category", "编程"), []int64{4, 5, 2, 1}},
		{catalog.WindowWeek, f("category", "编程", "level", "beginner", "org_id", "7", "city", "北京"), []int64{5, 1}},
		{catalog.WindowAll, f("org_id", "8"), []int64{3}},
		{catalog.WindowWeek, f("category", "没有"), []int64{}},
		{catalog.WindowDay, f("category", "设计", "city", "北京"), []int64{}},
	} {
		for range 2 { // computed, then kept
			if got := ids(t, b, tc.window, noon, tc.filters); !slices.Equal(got, tc.want) {
				t.Errorf("%s %v: got %v, want %v", tc.window, tc.filters, got, tc.want)
			}
		}
	}
	// A value that looks like two filters is still one value.
	if got := ids(t, b, catalog.WindowDay, noon, f("category", `编程","level:beginner`)); len(got) != 0 {
		t.Errorf("a strange value finds %v", got)
	}
	// Moved to another category: it leaves the one and enters the other.
	settle(t, b, with(course(4, 2, 4, 9), "设计", catalog.LevelBeginner, 0, ""))
	for _, key := range s.Keys(t, "*top:*") {
		s.Raw.Del(t.Context(), key) // as if the time they are kept had passed
	}
	if got := ids(t, b, catalog.WindowDay, noon, f("category", "编程")); !slices.Equal(got, []int64{2, 1}) {
		t.Errorf("the old category has %v", got)
	}
	if got := ids(t, b, catalog.WindowDay, noon, f("category", "设计")); !slices.Equal(got, []int64{4, 3}) {
		t.Errorf("the new category has %v", got)
	}
}

func TestHiddenVanishesAtOnce(t *testing.T) {
	s := newServer(t)
	b := s.boards(t)
	first, second := course(1, 5, 9, 9, 9), course(2, 5, 1, 1, 1)
	first.Card.Category, second.Card.Category = "编程", "编程"
	settle(t, b, first, second)
	filter := map[catalog.Facet][]string{catalog.FacetCategory: {"编程"}}
	all := func() [][]int64 {
		var got [][]int64
		for _, w := range catalog.Windows() {
			got = append(got, ids(t, b, w, noon, nil), ids(t, b, w, noon, filter))
		}
		return got
	}
	for _, got := range all() {
		if !slices.Equal(got, []int64{1, 2}) {
			t.Fatalf("before: %v", got)
		}
	}
	settle(t, b, deletedEntry(1, 6))
	for _, got := range all() { // the filtered results are still kept, and yet
		if !slices.Equal(got, []int64{2}) {
			t.Errorf("after: %v", got)
		}
	}
	// A write that was late does not bring it back; one that is newer does.
	settle(t, b, course(1, 5, 9))
	if got := ids(t, b, catalog.WindowDay, noon, nil); !slices.Equal(got, []int64{2}) {
		t.Errorf("a late write brought it back: %v", got)
	}
	settle(t, b, course(1, 7, 9))
	if got := ids(t, b, catalog.WindowDay, noon, nil); !slices.Equal(got, []int64{1, 2}) {
		t.Errorf("shown again: %v", got)
	}
	// An item that loses its history is on no board, and comes back with it.
	settle(t, b, course(2, 6))
	if got := ids(t, b, catalog.WindowAll, noon, nil); !slices.Equal(got, []int64{1}) {
		t.Errorf("without history: %v", got)
	}
	settle(t, b, course(2, 7, 0, 3))
	if got := ids(t, b, catalog.WindowWeek, noon, nil); !slices.Equal(got, []int64{1, 2}) {
		t.Errorf("with a history again: %v", got)
	}
}

func TestSettleIsIdempotentAndOrdered(t *testing.T) {
	b := newServer(t).boards(t)
	newer, older := course(1, 1<<44+9, 3, 0, 4), course(1, 1<<44+8, 100, 100, 100, 100)
	settle(t, b, newer)
	want, err := b.Places(t.Context(), newer.Key, noon)
	if err != nil || want[catalog.WindowWeek].Score != 7 {
		t.Fatal(want, err)
	}
	for range 3 {
		settle(t, b, newer, older, newer)
	}
	got, err := b.Places(t.Context(), newer.Key, noon)
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range catalog.Windows() {
		if got[w] != want[w] {
			t.Errorf("%s: %v, want %v", w, got[w], want[w])
		}
	}
	// A history that shrinks takes its days with it, also from unions that are kept.
	settle(t, b, course(1, 1<<44+10, 3))
	if got, err = b.Places(t.Context(), newer.Key, noon); err != nil || got[catalog.WindowWeek].Score != 3 || got[catalog.WindowMonth].Score != 3 {
		t.Errorf("after it shrank: %v, %v", got, err)
	}
}

func TestNoBoards(t *testing.T) {
	s := newServer(t)
	b := boards.New(s.Client, catalog.StandardScoring())
	q := catalog.RankingQuery{Kind: catalog.KindCourse, Window: catalog.WindowAll, Limit: 1}
	if _, err := b.Top(t.Context(), q, noon); !errors.Is(err, rankings.ErrNoBoards) {
		t.Errorf("an empty Redis answers %v", err)
	}
	if _, err := b.Settle(t.Context(), "f", []rankings.Entry{course(1, 1, 1)}, noon); !errors.Is(err, rankings.ErrLost) {
		t.Errorf("an empty Redis takes entries: %v", err)
	}
	if _, err := b.Claim(t.Context(), "f"); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Settle(t.Context(), "f", []rankings.Entry{course(1, 1, 1)}, noon); !errors.Is(err, rankings.ErrNoBoards) {
		t.Errorf("a Redis without boards takes entries: %v", err)
	}
	if _, err := b.Settle(t.Context(), "zombie", nil, noon); !errors.Is(err, rankings.ErrSuperseded) {
		t.Errorf("a follower of long ago is heard: %v", err)
	}
}

func TestEveryKeyExpiresOrBelongsToAGeneration(t *testing.T) {
	s := newServer(t)
	b := s.boards(t)
	e := course(1, 1, 1, 1, 1)
	e.Card.Category = "编程"
	settle(t, b, e, course(2, 1, 5), deletedEntry(2, 2))
	ids(t, b, catalog.WindowMonth, noon, map[catalog.Facet][]string{catalog.FacetCategory: {"编程"}})
	if len(s.Keys(t, "*")) < 10 {
		t.Fatalf("keys: %v", s.Keys(t, "*"))
	}
	build, err := b.Begin(t.Context(), noon)
	if err != nil {
		t.Fatal(err)
	}
	if err := build.Finish(t.Context(), noon); err != nil {
		t.Fatal(err)
	}
	live, err := s.Raw.HGet(t.Context(), "{"+s.Config.Redis.Prefix+":rankings}:state", "live").Result()
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range s.Keys(t, "*:course:*") { // nothing of the old generation is left
		if strings.Contains(key, live) && strings.HasSuffix(key, ":made") {
			continue // that nothing rises on the new boards is known for a minute
		}
		if ttl, err := s.Raw.PTTL(t.Context(), key).Result(); err != nil || ttl > boards.ResultLife {
			t.Errorf("%s is left for %s (%v)", key, ttl, err)
		}
	}
}
