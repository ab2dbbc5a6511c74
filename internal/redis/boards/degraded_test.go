package boards_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/redis"
	"github.com/xunke/xunke/internal/redis/boards"
	"github.com/xunke/xunke/internal/testenv"
	"github.com/xunke/xunke/rankings"
)

// index is a substitute that answers one course.
type index func(q catalog.RankingQuery) ([]catalog.RankingItem, error)

func (i index) Hottest(_ context.Context, q catalog.RankingQuery, _ time.Time) ([]catalog.RankingItem, error) {
	return i(q)
}

func oneCourse(q catalog.RankingQuery) ([]catalog.RankingItem, error) {
	if q.Kind != catalog.KindCourse || q.Window != catalog.WindowWeek || q.Limit != 5 {
		return nil, catalog.Invalidf("q", "is not what was asked: %+v", q)
	}
	return []catalog.RankingItem{{ID: 77, Name: "后备", URL: "/courses/77", Score: 12.5, Students: 3}}, nil
}

var weekly = catalog.RankingQuery{Kind: catalog.KindCourse, Window: catalog.WindowWeek, Limit: 5}

// TestAStoppedRedis is what SIGSTOP does: connections stay, nothing answers.
func TestAStoppedRedis(t *testing.T) {
	s := newServer(t)
	settle(t, s.boards(t), course(1, 1, 1))
	g := testenv.NewGate(t, s.Config.Redis.Addresses[0])
	client := redis.Open(redis.Options{Addresses: []string{g.Address()}, Prefix: s.Config.Redis.Prefix}, slog.New(slog.DiscardHandler))
	defer func() { _ = client.Close() }()
	service := &rankings.Service{Board: boards.New(client, catalog.StandardScoring()), Fallback: index(oneCourse), Now: func() time.Time { return noon }}

	ask := func() catalog.Ranking {
		t.Helper()
		r, err := service.Ranking(t.Context(), weekly)
		if err != nil || len(r.Items) != 1 || r.Items[0].Rank != 1 {
			t.Fatalf("%+v, %v", r, err)
		}
		return r
	}
	if r := ask(); r.Degraded || r.Items[0].ID != 1 || !r.GeneratedAt.Equal(noon) {
		t.Fatalf("with Redis: %+v", r)
	}
	g.Close()
	var slowest, total time.Duration
	for range 200 {
		started := time.Now()
		r := ask()
		took := time.Since(started)
		slowest, total = max(slowest, took), total+took
		if !r.Degraded || r.Items[0].ID != 77 || r.Items[0].Score != 12.5 || r.Items[0].Students != 3 {
			t.Fatalf("without Redis: %+v", r)
		}
	}
	t.Logf("200 answers without Redis: slowest %s, all %s", slowest, total)
	// A call waits 150 ms; three of them open the breaker. The limits leave room for a
	// machine that is busy, and not for one default time-out of the client (3 s and up).
	if slowest > 1500*time.Millisecond || total > 2500*time.Millisecond {
		t.Errorf("200 answers without Redis: slowest %s, all %s", slowest, total)
	}
	g.Open()
	testenv.Eventually(t, time.Minute, "Redis is asked again", func() (bool, string) {
		return !ask().Degraded, "still degraded"
	})
}

func TestNoRedisAtAll(t *testing.T) {
	quiet := slog.New(slog.DiscardHandler)
	off := redis.Open(redis.Options{Prefix: "xunke"}, quiet)
	refused := redis.Open(redis.Options{Prefix: "xunke", Addresses: []string{"127.0.0.1:1"}}, quiet)
	defer func() { _ = refused.Close() }()
	if off.IsConfigured() || !refused.IsConfigured() {
		t.Error("Configured does not tell them apart")
	}
	for name, board := range map[string]rankings.Board{
		"none configured": boards.New(off, catalog.StandardScoring()), "refused": boards.New(refused, catalog.StandardScoring()), "nil": nil,
	} {
		r, err := (&rankings.Service{Board: board, Fallback: index(oneCourse)}).Ranking(t.Context(), weekly)
		if err != nil || !r.Degraded || len(r.Items) != 1 {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
		_, err = (&rankings.Service{Board: board}).Ranking(t.Context(), weekly)
		if catalog.CodeOf(err) != catalog.CodeUnavailable {
			t.Errorf("%s and no substitute: %v", name, err)
		}
		down := errors.New("down")
		failing := index(func(catalog.RankingQuery) ([]catalog.RankingItem, error) {
			return nil, catalog.Unavailable("Elasticsearch", down)
		})
		_, err = (&rankings.Service{Board: board, Fallback: failing}).Ranking(t.Context(), weekly)
		if catalog.CodeOf(err) != catalog.CodeUnavailable || !errors.Is(err, down) {
			t.Errorf("%s and a failing substitute: %v", name, err)
		}
	}
	if err := off.Ready(t.Context()); catalog.CodeOf(err) != catalog.CodeUnavailable {
		t.Errorf("ready: %v", err)
	}
}

func TestAnEmptyRedisAndAnEmptyWindow(t *testing.T) {
	s := newServer(t)
	service := &rankings.Service{Board: boards.New(s.Client, catalog.StandardScoring()), Fallback: index(oneCourse), Now: func() time.Time { return noon }}
	if r, err := service.Ranking(t.Context(), weekly); err != nil || !r.Degraded {
		t.Errorf("boards that were never built: %+v, %v", r, err)
	}
	s.boards(t)
	if r, err := service.Ranking(t.Context(), weekly); err != nil || r.Degraded || r.Items == nil || len(r.Items) != 0 {
		t.Errorf("boards with nothing on them: %+v, %v", r, err)
	}
}
