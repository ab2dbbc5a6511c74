package indexer

import (
	"context"
	"log/slog"
	"testing"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/indexer/binlog"
	"github.com/xunke/xunke/mappings"
)

// waiting is a Reader that notes what its reads waited for and has no rows.
type waiting struct {
	relations
	waits *[]string
}

func (r waiting) Read(_ context.Context, wait string, _ []catalog.Key, _ map[catalog.Key][]int64) (Snapshot, error) {
	*r.waits = append(*r.waits, wait)
	return Snapshot{Courses: map[int64]mappings.Course{}}, nil
}

func TestAFanOutIsReadOnceItsTransactionCanBe(t *testing.T) {
	tag := binlog.FanOut{Relation: binlog.CoursesOfTag, ID: 2}
	var waits []string
	d := Deps{Reader: waiting{relations{ids: map[binlog.FanOut][]int64{tag: {4, 20}}}, &waits}, Log: slog.New(slog.DiscardHandler)}
	l := &leader{Deps: d, changed: make(chan struct{})}
	var err error
	if l.apply, err = newApplier(d, 100, l.isLive); err != nil {
		t.Fatal(err)
	}
	l.state = State{Acked: serverA + ":1-7", FanOut: []Task{{FanOut: tag, Begun: true}}}
	state, _ := l.look()
	if err := l.fanOutStep(t.Context(), state); err != nil {
		t.Fatal(err)
	}
	// The drain does not wait for a transaction that has no key of its own.
	if len(waits) != 1 || waits[0] != serverA+":1-7" {
		t.Errorf("the read waited for %q, want everything that is acknowledged", waits)
	}
	if len(l.state.FanOut) != 0 {
		t.Errorf("the task is still queued: %v", l.state.FanOut)
	}
}
