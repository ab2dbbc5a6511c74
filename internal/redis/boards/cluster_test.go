package boards_test

import (
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/redis"
	"github.com/xunke/xunke/internal/redis/redistest"
	"github.com/xunke/xunke/internal/testenv"
	"github.com/xunke/xunke/rankings"
)

// TestBoardsInACluster runs every script on a Redis that refuses what reaches beyond one
// slot: a node that owns all slots is as strict as a cluster of many.
func TestBoardsInACluster(t *testing.T) {
	// A port for the cluster's own talk is 10,000 higher unless it is given.
	talk := strconv.Itoa(testenv.FreePort(t))
	address, _ := redistest.Own(t, "--cluster-enabled", "yes", "--cluster-port", talk)
	raw := goredis.NewClient(&goredis.Options{Addr: address, DisableIdentity: true})
	defer func() { _ = raw.Close() }()
	if err := raw.ClusterAddSlotsRange(t.Context(), 0, 16383).Err(); err != nil {
		t.Fatal(err)
	}
	testenv.Eventually(t, time.Minute, "the cluster", func() (bool, string) {
		err := raw.Set(t.Context(), "probe", "", 0).Err()
		return err == nil, fmt.Sprint(err)
	})
	if err := raw.MGet(t.Context(), "a", "b").Err(); err == nil {
		t.Fatal("this Redis takes keys of two slots at once, so it proves nothing")
	}
	// Two addresses make the driver a cluster's, which looks slots up by itself.
	client := redis.Open(redis.Options{Addresses: []string{address, address}, Prefix: "xunke"}, slog.New(slog.DiscardHandler))
	defer func() { _ = client.Close() }()
	s := server{redistest.Server{Client: client}}
	b := s.boards(t)
	e, other := course(1, 1, 40, 2, 3), course(2, 1, 0, 9)
	e.Card.Category = "编程"
	settle(t, b, e, other, course(3, 1, 1), deletedEntry(3, 2))
	for _, w := range catalog.Windows() {
		want := []int64{1, 2}
		if w == catalog.WindowDay {
			want = []int64{1}
		}
		if got := ids(t, b, w, noon, nil); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", w, got, want)
		}
		if got := ids(t, b, w, noon, map[catalog.Facet][]string{catalog.FacetCategory: {"编程"}}); !slices.Equal(got, []int64{1}) {
			t.Errorf("%s of a category: %v", w, got)
		}
	}
	ids(t, b, catalog.WindowRising, noon, nil)
	if places, err := b.Places(t.Context(), e.Key, noon); err != nil || places[catalog.WindowWeek] != (rankings.Place{Rank: 1, Score: 45}) {
		t.Errorf("it stands at %+v, %v", places, err)
	}
	if held, err := b.Items(t.Context(), catalog.KindCourse, []int64{1, 3}, noon); err != nil || held[0].Scores[catalog.WindowWeek] != 45 || held[1].Card != nil {
		t.Errorf("the boards hold %+v, %v", held, err)
	}
	// A rebuild begins, is filled, takes over and removes the old boards.
	build, err := b.Begin(t.Context(), noon)
	if err != nil {
		t.Fatal(err)
	}
	if err := build.Write(t.Context(), []rankings.Entry{other}, noon); err != nil {
		t.Fatal(err)
	}
	if err := build.Finish(t.Context(), noon); err != nil {
		t.Fatal(err)
	}
	if got := ids(t, b, catalog.WindowAll, noon, nil); !slices.Equal(got, []int64{2}) {
		t.Errorf("after a rebuild: %v", got)
	}
	if _, err := b.Tend(t.Context(), "f", noon); err != nil {
		t.Error(err)
	}
}

// TestARedisThatStandsStill stops a real Redis and asks on: no answer may wait for it, and
// when it goes on it is asked again.
func TestARedisThatStandsStill(t *testing.T) {
	address, process := redistest.Own(t)
	client := redis.Open(redis.Options{Addresses: []string{address}, Prefix: "xunke"}, slog.New(slog.DiscardHandler))
	defer func() { _ = client.Close() }()
	b := server{redistest.Server{Client: client}}.boards(t)
	settle(t, b, course(1, 1, 1))
	service := &rankings.Service{Board: b, Fallback: index(oneCourse), Now: func() time.Time { return noon }}
	ask := func() (degraded bool, took time.Duration) {
		t.Helper()
		began := time.Now()
		r, err := service.Ranking(t.Context(), weekly)
		if err != nil || len(r.Items) != 1 {
			t.Fatalf("%+v, %v", r, err)
		}
		return r.Degraded, time.Since(began)
	}
	signal := func(s syscall.Signal) {
		t.Helper()
		if err := process.Process.Signal(s); err != nil {
			t.Fatal(err)
		}
	}
	signal(syscall.SIGSTOP)
	var all []time.Duration
	for range 500 {
		degraded, took := ask()
		if !degraded {
			t.Fatal("a Redis that stands still has answered")
		}
		all = append(all, took)
	}
	slices.Sort(all)
	t.Logf("500 answers while Redis stands still: p50 %s, p99 %s, p99.5 %s, at most %s", all[249], all[494], all[497], all[499])
	// A call waits 150 ms, and three of them open the breaker. The bound is 300 ms;
	// what is above it here leaves a busy machine room, and not one default of the driver's.
	if all[494] > 300*time.Millisecond || all[499] > 1500*time.Millisecond {
		t.Errorf("p99 %s, at most %s", all[494], all[499])
	}
	signal(syscall.SIGCONT)
	testenv.Eventually(t, time.Minute, "Redis is asked again", func() (bool, string) {
		degraded, _ := ask()
		return !degraded, "still degraded"
	})
	signal(syscall.SIGKILL)
	testenv.Eventually(t, time.Minute, "a Redis that is gone is done without", func() (bool, string) {
		degraded, took := ask()
		return degraded, took.String()
	})
}
