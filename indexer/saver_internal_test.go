package indexer

import (
	"context"
	"errors"
	"log/slog"
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

// refusing is a Source whose preconditions are not fulfilled.
type refusing struct{ Source }

func (refusing) Check(context.Context, uint32) error { return errors.New("a column is missing") }

// memoryStore keeps the state of one test.
type memoryStore struct {
	state State
	saves int
}

func (s *memoryStore) LoadState(context.Context) (State, error) { return s.state, nil }

func (s *memoryStore) SaveState(_ context.Context, state State) error {
	s.state, s.saves = state, s.saves+1
	return nil
}

func TestWhyALeadershipCannotBeginIsSavedOnce(t *testing.T) {
	waits := time.Now().Add(-time.Minute)
	store := &memoryStore{state: State{Epoch: 3, Acked: serverA + ":1-7", OldestUnacked: waits, Parents: Parents{Orgs: []int64{5}, Queued: 1}}}
	deps := Deps{Source: refusing{}, States: func() StateStore { return store }, Log: slog.New(slog.DiscardHandler)}
	for range 2 {
		if err := lead(t.Context(), deps, Options{}, func() { t.Error("it has begun") }); err == nil {
			t.Fatal("it leads")
		}
	}
	s := store.state
	if s.LastError != "a column is missing" || store.saves != 1 {
		t.Errorf("saved %d times: %q", store.saves, s.LastError)
	}
	if s.Epoch != 3 || s.Acked != serverA+":1-7" || !s.OldestUnacked.Equal(waits) || !s.Parents.Has(org(5)) {
		t.Errorf("what the state says besides has changed: %+v", s)
	}
}
