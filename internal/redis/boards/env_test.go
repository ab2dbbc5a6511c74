package boards_test

import (
	"fmt"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/redis/boards"
	"github.com/xunke/xunke/internal/redis/redistest"
	"github.com/xunke/xunke/internal/testenv"
	"github.com/xunke/xunke/rankings"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// noon is the time of these tests.
var noon = redistest.Noon

// server is a Redis of a test's own.
type server struct{ redistest.Server }

func newServer(t *testing.T) server { return server{redistest.New(t)} }

// boards are live and empty, with a follower called "f".
func (s server) boards(t *testing.T) *boards.Boards {
	t.Helper()
	b := boards.New(s.Client, catalog.StandardScoring())
	if _, err := b.Claim(t.Context(), "f"); err != nil {
		t.Fatal(err)
	}
	build, err := b.Begin(t.Context(), noon)
	if err != nil {
		t.Fatal(err)
	}
	if err := build.Finish(t.Context(), noon); err != nil {
		t.Fatal(err)
	}
	return b
}

func settle(t *testing.T, b *boards.Boards, entries ...rankings.Entry) {
	t.Helper()
	if _, err := b.Settle(t.Context(), "f", entries, noon); err != nil {
		t.Fatal(err)
	}
}

// course is an entry with views on days before noon: views[0] today, views[1] yesterday.
func course(id, version int64, views ...int64) rankings.Entry {
	e := rankings.Entry{
		Key: catalog.Key{Kind: catalog.KindCourse, ID: id}, Version: version,
		Card: rankings.Card{Name: fmt.Sprintf("课程 %d", id)},
	}
	for ago, n := range views {
		if n > 0 {
			e.History = append(e.History, catalog.DailyCounts{Day: catalog.Day(noon).AddDate(0, 0, -ago), Views: n})
		}
	}
	return e
}

func deletedEntry(id, version int64) rankings.Entry {
	return rankings.Entry{Key: catalog.Key{Kind: catalog.KindCourse, ID: id}, Version: version, Deleted: true}
}

// ids are those on the board of a window, in order.
func ids(t *testing.T, b rankings.Board, w catalog.Window, now time.Time, filters map[catalog.Facet][]string) []int64 {
	t.Helper()
	list := []int64{}
	for _, item := range topOf(t, b, catalog.RankingQuery{Kind: catalog.KindCourse, Window: w, Limit: 100, Filters: filters}, now) {
		list = append(list, item.ID)
	}
	return list
}

// topOf asks for a ranking. A visitor's question is given up after a fraction of a second,
// which a busy machine may need longer for: then it is asked again.
func topOf(t *testing.T, b rankings.Board, q catalog.RankingQuery, now time.Time) []catalog.RankingItem {
	t.Helper()
	var top rankings.Top
	testenv.Eventually(t, time.Minute, "a ranking", func() (bool, string) {
		var err error
		if top, err = b.Top(t.Context(), q, now); err != nil && catalog.CodeOf(err) != catalog.CodeUnavailable {
			t.Fatal(err)
		}
		return err == nil, fmt.Sprint(err)
	})
	return top.Items
}
