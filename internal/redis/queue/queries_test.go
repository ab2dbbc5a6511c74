package queue_test

import (
	"fmt"
	"testing"

	"github.com/xunke/xunke/events"
	"github.com/xunke/xunke/internal/redis/queue"
	"github.com/xunke/xunke/internal/redis/redistest"
	"github.com/xunke/xunke/internal/testenv"
)

// TestANetworkFillsNoTable: different queries of one network once made a row each, without
// any bound, that was kept for 400 days. Each search is counted all the same.
func TestANetworkFillsNoTable(t *testing.T) {
	s := redistest.New(t)
	db := testenv.MySQL(t, s.Config)
	recorder := events.NewRecorder(queue.New(s.Client, redistest.AtNoon).WithCaps(events.Caps{Queries: 5, Events: 60}), nil, quiet)
	ask := func(network string, n int, text string) {
		t.Helper()
		e := searchEvent(fmt.Sprint(network, n), text, network, 3)
		e.Network = network
		record(t, recorder, e)
	}
	ask("home", 0, "python 1")
	for i := range 70 {
		ask("flood", i, fmt.Sprint("python ", i))
	}
	if got, want := recorder.Stats(), (events.RecorderStats{Recorded: 61, Capped: 10}); got != want {
		t.Errorf("stats %+v, want %+v", got, want)
	}
	drain(t, s, db)
	counts := searchCounts(t, db)
	if len(counts) != 7 || counts[""].searches != 54 || counts["python1"].searches != 2 || counts["python5"].searches != 1 || counts["python6"].searches != 0 {
		t.Errorf("counted %+v", counts)
	}
	networks := func(query string) (n int) {
		if err := db.QueryRow(`SELECT networks FROM search_daily_counts WHERE query = ?`, query).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if networks("python1") != 2 || networks("python2") != 1 {
		t.Errorf("python 1 came from %d networks, python 2 from %d", networks("python1"), networks("python2"))
	}
}
