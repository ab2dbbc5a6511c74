package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"testing"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/indexer"
	"github.com/xunke/xunke/internal/elastic/index"
	"github.com/xunke/xunke/internal/testenv"
	"github.com/xunke/xunke/ops"
)

// reconciling runs an indexer with other times than may be configured.
func reconciling(t *testing.T, every time.Duration, fix bool) (stop func()) {
	t.Helper()
	a := &app{}
	if err := a.load(os.Stderr); err != nil {
		t.Fatal(err)
	}
	a.log = slog.New(slog.DiscardHandler)
	a.config.Indexer.ReconcileEvery, a.config.Indexer.ReconcileRepair = every, fix
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- a.index(ctx) }()
	return func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("indexer: %v", err)
		}
	}
}

func TestDriftIsFoundAndRepairedByItself(t *testing.T) {
	c := testenv.Config(t)
	db := testenv.MySQL(t, c)
	client := testenv.Elasticsearch(t, c)
	states := index.NewStateStore(client)
	if _, err := db.Exec(`INSERT INTO courses (id, name) VALUES (1, '数据结构'), (2, 'C++'), (3, '算法')`); err != nil {
		t.Fatal(err)
	}
	// until waits for a comparison after the last that is as wanted.
	var last *indexer.Reconciled
	until := func(what string, wanted func(course indexer.Drift) bool) {
		t.Helper()
		testenv.Eventually(t, time.Minute, what, func() (bool, string) {
			s, err := states.LoadState(t.Context())
			if err != nil || s.Reconciled == nil || last != nil && !s.Reconciled.Finished.After(last.Finished) {
				return false, fmt.Sprint("none yet, ", err)
			}
			last = s.Reconciled
			return len(last.Kinds) == 3 && wanted(last.Kinds[0]), fmt.Sprintf("%+v", last)
		})
	}
	tamper := func(method, path string, body any) {
		t.Helper()
		if err := client.Do(t.Context(), method, "/"+client.Alias(catalog.KindCourse)+path, body, nil); err != nil {
			t.Fatal(err)
		}
	}

	stop := reconciling(t, 2*time.Second, false)
	until("equal", func(d indexer.Drift) bool { return d.Rows == 3 && d.Total() == 0 })
	tamper("POST", "/_update/2", map[string]any{"doc": map[string]any{"minutes": 7}})
	tamper("DELETE", "/_doc/3", nil)
	tamper("PUT", "/_doc/9", map[string]any{"deleted": false, "id": 9, "name": "多余"})
	whole := indexer.Drift{Kind: catalog.KindCourse, Rows: 3, Missing: 1, Surplus: 1, Different: 1}
	until("drift", func(d indexer.Drift) bool { return d == whole })
	if s, err := runJSON[ops.Status](t, "status"); err != nil || s.Reconciled == nil || s.Reconciled.Sum().Total() != 3 || len(s.Problems) == 0 {
		t.Errorf("status with drift: %v, %+v", err, s)
	}
	stop()

	stop = reconciling(t, 2*time.Second, true)
	whole.Repaired = 3
	until("repair", func(d indexer.Drift) bool { return d == whole })
	until("equal again", func(d indexer.Drift) bool { return d.Total() == 0 })
	stop()

	// The next is due by the time of the last: not within this hour, whoever leads.
	s, err := states.LoadState(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	before := *s.Reconciled
	stop = reconciling(t, time.Hour, true)
	defer stop()
	if _, err := db.Exec(`INSERT INTO courses (id, name) VALUES (4, '新')`); err != nil {
		t.Fatal(err)
	}
	testenv.Eventually(t, time.Minute, "the new course", func() (bool, string) {
		n, err := index.NewLister(client).Count(t.Context(), client.Alias(catalog.KindCourse))
		return err == nil && n == 4, fmt.Sprint(n, err)
	})
	if s, err = states.LoadState(t.Context()); err != nil || s.Reconciled == nil || !s.Reconciled.Finished.Equal(before.Finished) {
		t.Errorf("after a restart: %v, %+v, before %+v", err, s.Reconciled, before)
	}
}
