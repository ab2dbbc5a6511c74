package indexer

import (
	"context"
	"testing"
	"testing/synctest"
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

// slowStore takes a while to save, and knows of a save that was broken off no more than
// whoever asked for it.
type slowStore struct {
	StateStore
	saved []State
}

func (s *slowStore) SaveState(ctx context.Context, state State) error {
	select {
	case <-time.After(time.Second):
		s.saved = append(s.saved, state)
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func TestASaveIsNotBrokenOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &slowStore{}
		l := &leader{queue: newQueue(), changed: make(chan struct{}), store: store}
		ctx, end := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- l.save(ctx) }()
		synctest.Wait()
		end()
		if err := <-ended; err != nil || len(store.saved) != 1 {
			t.Errorf("a save under way when the leadership ends: %v, saved %d times", err, len(store.saved))
		}
		if err := l.save(ctx); err != nil || len(store.saved) != 2 {
			t.Errorf("one that begins after that: %v, saved %d times", err, len(store.saved))
		}
	})
}
