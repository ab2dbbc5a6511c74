package indexer

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/indexer/binlog"
)

func TestWhatWaitsIsSavedToo(t *testing.T) {
	l := &leader{queue: newQueue(), changed: make(chan struct{})}
	l.state.SavedAt = time.Now().Add(-time.Hour)
	if l.worthSaving() {
		t.Error("nothing has changed and nothing waits, yet the state is to be saved")
	}
	committed := time.Now().Add(-time.Minute)
	keys := binlog.NewKeys()
	keys.Direct[catalog.Key{Kind: catalog.KindCourse, ID: 1}] = struct{}{}
	if err := l.queue.Seal(t.Context(), binlog.GTID{UUID: uuid.MustParse(serverA), Number: 1, Committed: committed}, keys); err != nil {
		t.Fatal(err)
	}
	if !l.worthSaving() {
		t.Error("a transaction waits, and the saved state does not tell")
	}
	l.state.SavedAt = time.Now()
	if l.worthSaving() {
		t.Error("the state is saved more than once a second though nothing was acknowledged")
	}
	l.update(func(*State) {})
	if !l.worthSaving() {
		t.Error("a change is not saved")
	}
}
