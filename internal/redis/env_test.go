package redis_test

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"
	"go.uber.org/goleak"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/config"
	"github.com/xunke/xunke/internal/redis"
	"github.com/xunke/xunke/internal/testenv"
	"github.com/xunke/xunke/rankings"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// noon is the time of these tests: no test depends on when it runs.
var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// server is a Redis under a prefix of the test's own, and a raw client to look behind
// the scenes.
type server struct {
	config config.Config
	client *redis.Client
	raw    *goredis.Client
}

func newServer(t *testing.T) server {
	t.Helper()
	c := testenv.Config(t)
	s := server{config: c, client: redis.Open(c.Redis, slog.New(slog.DiscardHandler))}
	s.raw = goredis.NewClient(&goredis.Options{Addr: c.Redis.Addresses[0], DisableIdentity: true})
	t.Cleanup(func() {
		_ = s.client.Close()
		_ = s.raw.Close()
	})
	return s
}

// keys lists the keys of this installation that match a pattern.
func (s server) keys(t *testing.T, pattern string) []string {
	t.Helper()
	var keys []string
	all := s.raw.Scan(context.Background(), 0, "{"+s.config.Redis.Prefix+":*}:"+pattern, 1000).Iterator()
	for all.Next(context.Background()) {
		keys = append(keys, all.Val())
	}
	if err := all.Err(); err != nil {
		t.Fatal(err)
	}
	return keys
}

// boards are live and empty, with a follower called "f".
func (s server) boards(t *testing.T) *redis.Boards {
	t.Helper()
	b := redis.NewBoards(s.client, catalog.StandardScoring())
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

func settle(t *testing.T, b *redis.Boards, entries ...rankings.Entry) {
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
			e.History = append(e.History, catalog.DailyCounts{Day: rankings.Day(noon).AddDate(0, 0, -ago), Views: n})
		}
	}
	return e
}

func deleted(id, version int64) rankings.Entry {
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
