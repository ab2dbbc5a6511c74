package consultations_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/xunke/xunke/consultations"
)

type fakePruner struct {
	prune func(keep time.Duration) (bool, error)
}

func (f fakePruner) Prune(_ context.Context, keep time.Duration) (bool, error) { return f.prune(keep) }

// TestCleanerGoesOnAfterAFailure: a database that fails for a moment delays the cleaning by
// an hour and does not end it.
func TestCleanerGoesOnAfterAFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var calls []time.Duration
		made := func() []time.Duration {
			synctest.Wait()
			mu.Lock()
			defer mu.Unlock()
			return slices.Clone(calls)
		}
		store := fakePruner{func(keep time.Duration) (bool, error) {
			mu.Lock()
			defer mu.Unlock()
			calls = append(calls, keep)
			if len(calls) == 2 {
				return false, errors.New("down")
			}
			return len(calls) == 1, nil // there is more after the first
		}}
		var log bytes.Buffer
		cleaner := consultations.Cleaner{Store: store, Keep: 48 * time.Hour, Log: slog.New(slog.NewTextHandler(&log, nil))}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- cleaner.Run(ctx) }()
		if first := made(); len(first) != 2 || first[0] != 48*time.Hour || !strings.Contains(log.String(), "retry_in=1h0m0s") {
			t.Errorf("at first: %v\n%s", first, log.String())
		}
		<-time.After(time.Hour + time.Minute) // of the bubble's clock
		if later := made(); len(later) != 3 || later[2] != 48*time.Hour {
			t.Errorf("an hour later: %v", later)
		}
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

func TestCleanerKeepsEverything(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cleaner := consultations.Cleaner{Store: fakePruner{func(time.Duration) (bool, error) {
			t.Error("something is deleted")
			return false, nil
		}}}
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Hour)
		defer cancel()
		if err := cleaner.Run(ctx); err != nil {
			t.Error(err)
		}
	})
}
