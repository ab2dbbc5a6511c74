package queue_test

import (
	"database/sql"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/events"
	"github.com/xunke/xunke/internal/mysql/store"
	"github.com/xunke/xunke/internal/redis"
	"github.com/xunke/xunke/internal/redis/queue"
	"github.com/xunke/xunke/internal/redis/redistest"
	"github.com/xunke/xunke/internal/testenv"
)

// from is a visitor's view that comes from a network.
func from(network, visitor string, id int64) events.Event {
	e := view(catalog.KindCourse, id, network+visitor)
	e.Network = network
	return e
}

func readCappedViews(t *testing.T, db *sql.DB) catalog.CappedViews {
	t.Helper()
	u, err := store.NewRankingSource(db).ReadCappedViews(t.Context(), redistest.Noon.AddDate(0, 0, -1), redistest.Noon, 10)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// TestOneNetworkBuysNoRank: one address with 640 agents once had 604 views counted in half
// a second.
func TestOneNetworkBuysNoRank(t *testing.T) {
	s := redistest.New(t)
	db := testenv.MySQL(t, s.Config)
	execAll(t, db, items...)
	recorder := events.NewRecorder(queue.New(s.Client, redistest.AtNoon).WithCaps(events.Caps{Visitors: 20}), nil, quiet)
	for i := range 640 {
		record(t, recorder, from("bought", fmt.Sprint(i), 1))
	}
	for i := range 5 {
		record(t, recorder, from("bought", fmt.Sprint(i), 1), from("bought", fmt.Sprint(630+i), 1)) // again
		record(t, recorder, from("bought", fmt.Sprint(i), 2))                                       // of another course
		record(t, recorder, from(fmt.Sprint("home", i), "me", 1))                                   // from elsewhere
	}
	yesterday := from("bought", "639", 1)
	yesterday.At = redistest.Noon.AddDate(0, 0, -1)
	record(t, recorder, yesterday)
	if got, want := recorder.Stats(), (events.RecorderStats{Recorded: 31, Repeated: 10, Capped: 620}); got != want {
		t.Errorf("stats %+v, want %+v", got, want)
	}
	drain(t, s, db)
	wantViews(t, db, map[string]int{"course 1 2026-11-23": 25, "course 1 2026-11-22": 1, "course 2 2026-11-23": 5})
	u := readCappedViews(t, db)
	if u.Views != 620 || len(u.Items) != 1 || u.Items[0] != (catalog.CappedItem{Kind: catalog.KindCourse, ID: 1, Name: "Go", Views: 620, Counted: 25}) {
		t.Errorf("uncounted %+v", u)
	}
}

// TestANetworkFillsNothing: whatever one network sends, Redis keeps no more of it than the
// cap on its events, and no key for each item that it names.
func TestANetworkFillsNothing(t *testing.T) {
	s := redistest.New(t)
	db := testenv.MySQL(t, s.Config)
	execAll(t, db, items...)
	recorder := events.NewRecorder(queue.New(s.Client, redistest.AtNoon).WithCaps(events.Caps{Visitors: 20, Events: 50}), nil, quiet)
	for i := range 400 {
		record(t, recorder, from("flood", "v", int64(1_000_000+i)))
	}
	record(t, recorder, from("flood", "w", 1), from("other", "w", 1))
	if got, want := recorder.Stats(), (events.RecorderStats{Recorded: 51, Capped: 351}); got != want {
		t.Errorf("stats %+v, want %+v", got, want)
	}
	members := int64(0)
	for _, key := range s.Keys(t, "seen:*") {
		members += s.Raw.SCard(t.Context(), key).Val()
	}
	if members != 51 {
		t.Errorf("%d visits are remembered, want 51", members)
	}
	for _, key := range s.Keys(t, "*:2026-11-23*") {
		if strings.Contains(key, "1000") {
			t.Errorf("%s is a key of an item", key)
		}
		if life := s.Raw.TTL(t.Context(), key).Val(); life < time.Hour || life > 48*time.Hour {
			t.Errorf("%s is kept for %s", key, life)
		}
	}
	drain(t, s, db)
	wantViews(t, db, map[string]int{"course 1 2026-11-23": 1})
	if u := readCappedViews(t, db); u.Views != 1 || u.Items[0].ID != 1 {
		t.Errorf("uncounted %+v", u)
	}
}

// TestCapsSurviveASpill: what waited in the file while Redis was away is capped as well.
func TestCapsSurviveASpill(t *testing.T) {
	s := redistest.New(t)
	db := testenv.MySQL(t, s.Config)
	execAll(t, db, items...)
	spill, err := events.NewSpill(t.TempDir(), 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	down := testenv.NewGate(t, s.Config.Redis.Addresses[0])
	client := redis.Open(redis.Options{Addresses: []string{down.Address()}, Prefix: s.Config.Redis.Prefix}, quiet)
	defer func() { _ = client.Close() }()
	recorder := events.NewRecorder(queue.New(client, redistest.AtNoon).WithCaps(events.Caps{Visitors: 3}), spill, quiet)
	down.Close()
	for i := range 10 {
		record(t, recorder, from("n", fmt.Sprint(i), 1))
	}
	down.Open()
	testenv.Eventually(t, time.Minute, "all are replayed", func() (bool, string) {
		_, err := recorder.Replay(t.Context())
		return recorder.Stats().Replayed == 10, fmt.Sprintf("%+v, %v", recorder.Stats(), err)
	})
	drain(t, s, db)
	wantViews(t, db, map[string]int{"course 1 2026-11-23": 3})
	if u := readCappedViews(t, db); u.Views != 7 {
		t.Errorf("uncounted %+v", u)
	}
}
