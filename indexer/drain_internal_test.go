package indexer

import (
	"context"
	"encoding/json"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/indexer/binlog"
	"github.com/xunke/xunke/internal/gtid"
	"github.com/xunke/xunke/mappings"
)

// counting is a Reader whose courses have as many students as transactions were executed.
type counting struct {
	Reader
	executed gtid.Set
	waits    []string
}

func (r *counting) Read(_ context.Context, wait string, keys []catalog.Key, _ map[catalog.Key][]int64) (Snapshot, error) {
	if wait != "" {
		set, err := gtid.Parse(wait)
		if err != nil {
			return Snapshot{}, err
		}
		r.executed.AddAll(set)
		r.waits = append(r.waits, wait)
	}
	n := r.executed.Count()
	s := Snapshot{Executed: n, Courses: map[int64]mappings.Course{}}
	for _, k := range keys {
		s.Courses[k.ID] = mappings.Course{ID: k.ID, Students: int64(n)}
	}
	return s, nil
}

// held is a Writer that takes as many requests as it is given leave for.
type held struct {
	Writer
	leave    chan struct{}
	mu       sync.Mutex
	students map[int64]int64 // by course, as written last
}

func (w *held) Write(ctx context.Context, _ string, documents []Document) ([]Outcome, error) {
	select {
	case <-w.leave:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, d := range documents {
		var c mappings.Course
		if err := json.Unmarshal(d.Body, &c); err != nil {
			return nil, err
		}
		w.students[d.ID] = c.Students
	}
	return acceptAll(documents), nil
}

// acceptAll is what a Writer says that takes every document.
func acceptAll(documents []Document) []Outcome {
	outcomes := make([]Outcome, len(documents))
	for i := range outcomes {
		outcomes[i].Status = 200
	}
	return outcomes
}

func span(from, to int64) binlog.Keys {
	k := binlog.NewKeys()
	for id := from; id <= to; id++ {
		k.Direct[catalog.Key{Kind: catalog.KindCourse, ID: id}] = struct{}{}
	}
	return k
}

// TestABacklogIsAcknowledgedPieceByPiece has transactions waiting that are several batches
// together, one of them alone.
func TestABacklogIsAcknowledgedPieceByPiece(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reader, writer := &counting{executed: gtid.NewSet()}, &held{leave: make(chan struct{}), students: map[int64]int64{}}
		fields, err := mappings.Fields(catalog.KindCourse)
		if err != nil {
			t.Fatal(err)
		}
		l := &leader{
			Deps:    Deps{Reader: reader, Writer: writer, Log: slog.New(slog.DiscardHandler)},
			options: Options{BatchSize: 2 * batchKeys}, // so that each batch is one request
			queue:   newQueue(), changed: make(chan struct{}), acked: gtid.NewSet(),
		}
		l.state.Live = []Gen{{Index: "a", Kind: catalog.KindCourse, Fields: fields, Stage: StageServing}}
		if l.apply, err = newApplier(l.Deps, l.options.BatchSize, l.isLive); err != nil {
			t.Fatal(err)
		}
		seal := func(n int64, keys binlog.Keys) {
			if err := l.queue.Seal(t.Context(), transaction(n), keys); err != nil {
				t.Fatal(err)
			}
		}
		seal(1, span(1, 3000))
		seal(2, span(2001, 4000)) // fits in the batch of the first
		seal(3, span(3900, 6000)) // does not, and some keys are in both
		for from := int64(10_000); from < 25_000; from += 5000 {
			if err := l.queue.Early(t.Context(), transaction(4), span(from, from+4999)); err != nil {
				t.Fatal(err)
			}
		}
		seal(4, span(1, 10))
		seal(5, binlog.NewKeys())

		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- l.runDrain(ctx) }()
		// Transactions that are acknowledged and the oldest that is not after each request.
		for i, want := range []struct {
			acked  string
			oldest int64
		}{{"", 1}, {":1-2", 3}, {":1-3", 4}, {":1-3", 4}, {":1-3", 4}, {":1-3", 4}} {
			synctest.Wait()
			state, _ := l.look()
			if got := serverA + want.acked; state.Acked != got && (want.acked != "" || state.Acked != "") {
				t.Errorf("after %d requests %q is acknowledged, want %q", i, state.Acked, got)
			}
			l.mu.Lock()
			if l.drained.Unix() != want.oldest {
				t.Errorf("after %d requests the oldest transaction in hand is %d, want %d", i, l.drained.Unix(), want.oldest)
			}
			l.mu.Unlock()
			writer.leave <- struct{}{}
		}
		synctest.Wait()
		if state, _ := l.look(); state.Acked != serverA+":1-5" || state.Last.Number != 5 {
			t.Errorf("in the end %s is acknowledged, the last %v", state.Acked, state.Last)
		}
		if n := len(reader.waits); n != 6 {
			t.Errorf("%d batches were read, want 6", n)
		}
		// What two batches have was read again for the second: the first does not know it.
		for id, want := range map[int64]int64{1: 5, 3000: 2, 3950: 3, 6000: 3, 24_999: 4} {
			if writer.students[id] != want {
				t.Errorf("course %d was read last when %d transactions were executed, want %d", id, writer.students[id], want)
			}
		}
		cancel()
		<-ended
	})
}
