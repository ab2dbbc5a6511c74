package indexer_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/indexer"
	"github.com/xunke/xunke/indexer/binlog"
	"github.com/xunke/xunke/internal/elastic/index"
	"github.com/xunke/xunke/internal/mysql/source"
	"github.com/xunke/xunke/internal/testenv"
	"github.com/xunke/xunke/internal/testenv/pipeline"
)

// sentinel is the row and the search for it.
type sentinel struct {
	*source.Sentinel
	index *index.Sentinel
}

func (s sentinel) Finds(ctx context.Context, at time.Time) (bool, error) {
	return s.index.Finds(ctx, at)
}

// gate is a Writer that can be held up.
type gate struct {
	indexer.Writer
	open chan chan struct{} // holds a closed channel while it is open
}

func (g gate) Write(ctx context.Context, index string, documents []indexer.Document) ([]indexer.Outcome, error) {
	pass := <-g.open
	g.open <- pass
	select {
	case <-pass:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return g.Writer.Write(ctx, index, documents)
}

// freshness waits until as many sentinels more were found or missed as there are now.
func (h *harness) freshness(what string, found, missed uint64) {
	h.T.Helper()
	before := *h.State().Freshness
	testenv.Eventually(h.T, pipeline.Timeout, what, func() (bool, string) {
		now := *h.State().Freshness
		newFound, newMissed := (now.Count-now.Missed)-(before.Count-before.Missed), now.Missed-before.Missed
		return newFound >= found && newMissed >= missed, fmt.Sprintf("%d found and %d missed since", newFound, newMissed)
	})
}

// TestTheSentinelGoesTheWayOfEveryRow holds up each part of the way, and swaps the index.
func TestTheSentinelGoesTheWayOfEveryRow(t *testing.T) {
	h := newHarness(t)
	for n := range 5 {
		h.Exec(`INSERT INTO courses (name) VALUES (?)`, fmt.Sprint("课程", n))
	}
	h.Deps.Sentinel = sentinel{source.NewSentinel(h.DB, h.Config.Elasticsearch.Prefix), index.NewSentinel(h.Client)}
	h.Options.SentinelEvery, h.Options.SentinelWithin = 100*time.Millisecond, 5*time.Second
	passing := make(chan struct{})
	close(passing)
	writer := gate{h.Deps.Writer, make(chan chan struct{}, 1)}
	writer.open <- passing
	h.Deps.Writer = writer
	h.Start()
	testenv.Eventually(t, pipeline.Timeout, "the first is found", func() (bool, string) {
		f := h.State().Freshness
		return f != nil && !f.Found.IsZero(), fmt.Sprintf("%+v", f)
	})
	h.eventually(catalog.KindCourse, binlog.SentinelID, map[string]any{"deleted": true, "id": binlog.SentinelID, "name": nil})

	// A new index has it from the beginning, the one before keeps getting it, and nobody counts it.
	if state, message := h.request("reindex", catalog.KindCourse); state != "done" {
		t.Fatalf("reindex: %s", message)
	}
	if r := h.State().Reindex; r.Done != 5 || r.Total != 5 {
		t.Errorf("the reindex counts %d of %d documents", r.Done, r.Total)
	}
	h.freshness("found in the new index", 1, 0)
	if state, message := h.request("rollback", catalog.KindCourse); state != "done" {
		t.Fatalf("rollback: %s", message)
	}
	h.freshness("found after the rollback", 1, 0)
	alias := h.Client.Alias(catalog.KindCourse)
	serving := h.State().Serving(catalog.KindCourse).Index
	if ids, err := index.NewLister(h.Client).IDs(t.Context(), alias, -10, 100); err != nil || len(ids) != 5 {
		t.Errorf("the documents are %v, %v", ids, err)
	}
	if n, err := index.NewLister(h.Client).Count(t.Context(), serving); err != nil || n != 5 {
		t.Errorf("%d documents are counted, %v", n, err)
	}

	t.Run("without a refresh", func(t *testing.T) {
		refresh := func(every string) {
			if err := h.Client.Do(t.Context(), "PUT", "/"+alias+"/_settings", map[string]any{"index": map[string]any{"refresh_interval": every}}, nil); err != nil {
				t.Fatal(err)
			}
		}
		refresh("-1")
		h.freshness("missed", 0, 1)
		refresh("100ms")
		h.freshness("found again", 1, 0)
	})
	t.Run("without the drain", func(t *testing.T) {
		shut := make(chan struct{})
		<-writer.open
		writer.open <- shut
		h.freshness("missed", 0, 1)
		<-writer.open
		writer.open <- passing
		close(shut)
		h.freshness("found again", 1, 0)
	})
	f := h.State().Freshness
	if last := f.Quantile(1); last < 5 || f.Quantile(0) <= 0 {
		t.Errorf("the figures are %v", f.Recent)
	}
}
