package boards_test

import (
	"strings"
	"testing"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/mysql/store"
	"github.com/xunke/xunke/internal/testenv"
	"github.com/xunke/xunke/rankings"
)

// TestCheckFindsWhatDiffers compares boards with MySQL, spoils them in each way that they
// can be wrong, and mends them by a rebuild.
func TestCheckFindsWhatDiffers(t *testing.T) {
	s := newServer(t)
	db := testenv.MySQL(t, s.Config)
	execAll(t, db, history...)
	b := s.boards(t)
	rebuild := func() {
		t.Helper()
		if _, err := newRebuild(b, db).Run(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	check := &rankings.Check{
		Boards: b, Source: store.NewRankingSource(db), Scoring: catalog.StandardScoring(), Pause: time.Millisecond,
		Now: func() time.Time { return noon },
	}
	look := func() rankings.CheckResult {
		t.Helper()
		c, err := check.Run(t.Context(), catalog.KindCourse)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	rebuild()
	if c := look(); !c.Equal() || c.Items != 2 {
		t.Fatalf("after a rebuild: %+v", c)
	}
	key := func(name string) string {
		t.Helper()
		keys := s.Keys(t, "*:course:"+name)
		if len(keys) != 1 {
			t.Fatalf("%s is %v", name, keys)
		}
		return keys[0]
	}
	for what, spoil := range map[string]struct {
		do   func() error
		want func(c rankings.CheckResult) bool
	}{
		"a score that is not the history's": {
			func() error { return s.Raw.ZIncrBy(t.Context(), key("week:2026-11-23"), -1, "a1").Err() },
			func(c rankings.CheckResult) bool {
				return c.Different == 1 && strings.Contains(c.Named[0].Says, "week: 40")
			},
		},
		"an item that was lost": {
			func() error { return s.Raw.ZRem(t.Context(), key("all"), "a2").Err() },
			func(c rankings.CheckResult) bool { return c.Different == 1 && c.Named[0].ID == 2 },
		},
		"an item that is hidden": {
			func() error { return s.Raw.ZIncrBy(t.Context(), key("month:2026-11-23"), -5, "a3").Err() },
			func(c rankings.CheckResult) bool { return c.Different == 0 && c.Surplus == 1 },
		},
		"a card of before": {
			func() error { return s.Raw.HSet(t.Context(), key("cards"), "a1", `{"n":"旧"}`).Err() },
			func(c rankings.CheckResult) bool {
				return c.Different == 1 && strings.Contains(c.Named[0].Says, "card")
			},
		},
	} {
		if err := spoil.do(); err != nil {
			t.Fatal(err)
		}
		if c := look(); c.Equal() || !spoil.want(c) {
			t.Errorf("%s: %+v", what, c)
		}
		rebuild()
		if c := look(); !c.Equal() {
			t.Errorf("%s, after a rebuild: %+v", what, c)
		}
	}
}
