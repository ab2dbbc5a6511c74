package indexer

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/indexer/binlog"
	"github.com/xunke/xunke/internal/gtid"
	"github.com/xunke/xunke/mappings"
)

// slowWhenMany is a Writer that holds requests of many documents until it is told to go on.
type slowWhenMany struct {
	Writer
	leave chan struct{}
	mu    sync.Mutex
	wrote map[int64]int // how often each document was written
}

func (w *slowWhenMany) Write(ctx context.Context, _ string, documents []Document) ([]Outcome, error) {
	if len(documents) > singleKeys {
		select {
		case <-w.leave:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, d := range documents {
		w.wrote[d.ID]++
	}
	return acceptAll(documents), nil
}

func (w *slowWhenMany) count(id int64) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.wrote[id]
}

// safely is a Reader that several lanes may use at once.
type safely struct {
	Reader
	mu sync.Mutex
}

func (r *safely) Read(ctx context.Context, wait string, keys []catalog.Key, days map[catalog.Key][]int64) (Snapshot, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.Reader.Read(ctx, wait, keys, days)
}

// TestASingleChangeDoesNotWaitForAnImport has one course change behind a transaction of many,
// and another before, when there is nothing else to do.
func TestASingleChangeDoesNotWaitForAnImport(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fields, err := mappings.Fields(catalog.KindCourse)
		if err != nil {
			t.Fatal(err)
		}
		writer := &slowWhenMany{leave: make(chan struct{}), wrote: map[int64]int{}}
		l := &leader{
			Deps:    Deps{Reader: &safely{Reader: &counting{executed: gtid.NewSet()}}, Writer: writer, Log: slog.New(slog.DiscardHandler)},
			options: Options{BatchSize: 2 * batchKeys},
			queue:   newQueue(), changed: make(chan struct{}), acked: gtid.NewSet(),
		}
		l.state.Live = []Gen{{Index: "a", Kind: catalog.KindCourse, Fields: fields, Stage: StageServing}}
		if l.apply, err = newApplier(l.Deps, l.options.BatchSize, l.isLive); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 2)
		go func() { ended <- l.runDrain(ctx) }()
		go func() { ended <- l.runSingles(ctx) }()
		seal := func(n int64, keys binlog.Keys) {
			t.Helper()
			if err := l.queue.Seal(t.Context(), transaction(n), keys); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
		}
		written := func(when string, id int64, want int, acked string) {
			t.Helper()
			state, _ := l.look()
			if got := writer.count(id); got != want || state.Acked != acked {
				t.Errorf("%s: course %d was written %d times, want %d; %q is acknowledged, want %q", when, id, got, want, state.Acked, acked)
			}
		}
		seal(1, keysOf(9001))
		written("alone", 9001, 1, serverA+":1")
		seal(2, span(1, singleBehind))
		seal(3, keysOf(9002))
		written("during the import", 9002, 1, serverA+":1")
		sentinel := binlog.NewKeys()
		sentinel.Direct[binlog.Sentinel()] = struct{}{}
		seal(4, sentinel)
		written("the sentinel during the import", binlog.SentinelID, 0, serverA+":1")
		seal(5, span(10_000, 10_000+singleKeys))
		written("another import", 10_000, 0, serverA+":1")
		writer.leave <- struct{}{}
		writer.leave <- struct{}{}
		synctest.Wait()
		written("in the end", 9002, 2, serverA+":1-5")
		seal(6, keysOf(9003))
		written("after all", 9003, 1, serverA+":1-6")
		cancel()
		<-ended
		<-ended
	})
}
