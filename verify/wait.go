package verify

import (
	"context"
	"fmt"
	"time"

	"github.com/xunke/xunke/indexer"
)

const (
	// waitEvery is how often the indexer's state is read. It is saved every 200 ms.
	waitEvery = 100 * time.Millisecond
	// leaderless is the part of the stall timeout for which there may be no leader: another
	// indexer needs a few seconds to take over.
	leaderless = 4
	// tellAfter is when the user is told what the wait is for.
	tellAfter = 2 * time.Second
)

// wait waits until the indexer has written what was committed. Once it has waited in
// vain it does not wait again in the same run.
type wait struct {
	oracle       Oracle
	states       States
	leader       Leader
	progress     Progress
	stallTimeout time.Duration
	told         bool   // the user knows what is waited for
	why          string // why waiting is useless; "" while it is not
}

// waitForIndex waits until all that is executed now is in the index, what it fans out to
// included. It reports false when the indexer does not come so far.
func (w *wait) waitForIndex(ctx context.Context) (ok bool, err error) {
	target, err := w.oracle.ExecutedSet(ctx)
	if err != nil {
		return false, err
	}
	var began, moved, led time.Time // of the wait; when the indexer last moved; when there last was one
	var before string
	var acked bool
	var fanOuts, parents int64 // how many must have ended: those that waited once all was acknowledged
	tick := time.NewTicker(waitEvery)
	defer tick.Stop()
	for {
		state, err := w.states.LoadState(ctx)
		if err != nil {
			return false, err
		}
		lacks, err := w.oracle.Lacks(ctx, target, state.Acked)
		if err != nil {
			return false, err
		}
		if lacks == 0 {
			if !acked {
				acked, fanOuts, parents = true, state.FannedOut+int64(len(state.FanOut)), state.Parents.Queued
			}
			if (state.FannedOut >= fanOuts || len(state.FanOut) == 0) && state.Parents.Settled >= parents {
				return true, nil
			}
		}
		if w.why != "" {
			return false, nil
		}
		now := time.Now()
		if at := progressOf(state); at != before || moved.IsZero() {
			before, moved = at, now
		}
		held, err := w.leader.IsHeld(ctx)
		if err != nil {
			return false, err
		}
		if held || led.IsZero() {
			led = now
		}
		if began.IsZero() {
			began = now
		}
		if !w.told && now.Sub(began) > tellAfter {
			w.told = true
			w.progress.Message(fmt.Sprintf("waiting for the indexer: %d transactions to go, %d fan-outs, %d orgs and teachers",
				lacks, len(state.FanOut), state.Parents.Len()))
		}
		switch {
		case now.Sub(led) > w.stallTimeout/leaderless:
			w.why = "no indexer runs"
		case now.Sub(moved) > w.stallTimeout:
			w.why = "the indexer has not moved for " + w.stallTimeout.String()
		}
		if w.why != "" {
			return false, nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return false, ctx.Err()
		}
	}
}

// progressOf changes whenever the indexer comes further. A leader that fails and begins
// again saves its state each time without coming further.
func progressOf(s indexer.State) string {
	if len(s.FanOut) == 0 {
		return fmt.Sprint(s.Acked, s.Parents.Settled)
	}
	return fmt.Sprint(s.Acked, s.Parents.Settled, len(s.FanOut), s.FanOut[0].Cursor)
}
