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
	executed, err := w.oracle.ExecutedSet(ctx)
	if err != nil {
		return false, err
	}
	wanted, seen := goal{executed: executed}, sightings{began: time.Now()}
	tick := time.NewTicker(waitEvery)
	defer tick.Stop()
	for {
		state, err := w.states.LoadState(ctx)
		if err != nil {
			return false, err
		}
		lacks, err := w.oracle.Lacks(ctx, wanted.executed, state.Acked)
		if err != nil {
			return false, err
		}
		if wanted.isReached(state, lacks) {
			return true, nil
		}
		if w.why != "" {
			return false, nil
		}
		held, err := w.leader.IsHeld(ctx)
		if err != nil {
			return false, err
		}
		now := time.Now()
		w.tell(now.Sub(seen.began), state, lacks)
		if w.why = seen.note(now, state, held, w.stallTimeout); w.why != "" {
			return false, nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return false, ctx.Err()
		}
	}
}

// tell says once what is waited for, when that takes a while.
func (w *wait) tell(waited time.Duration, s indexer.State, lacks uint64) {
	if w.told || waited <= tellAfter {
		return
	}
	w.told = true
	w.progress.Message(fmt.Sprintf("waiting for the indexer: %d transactions to go, %d fan-outs, %d orgs and teachers",
		lacks, len(s.FanOut), s.Parents.Len()))
}

// goal is how far the indexer is to come: it acknowledges what was executed, and what waits
// to be written then is written.
type goal struct {
	executed         string
	isAcked          bool
	fanOuts, parents int64 // how many must have ended
}

// isReached says whether a state is so far. It lacks as many of the transactions.
func (g *goal) isReached(s indexer.State, lacks uint64) bool {
	if lacks > 0 {
		return false
	}
	if !g.isAcked {
		g.isAcked, g.fanOuts, g.parents = true, s.FannedOut+int64(len(s.FanOut)), s.Parents.Queued
	}
	return (s.FannedOut >= g.fanOuts || len(s.FanOut) == 0) && s.Parents.Settled >= g.parents
}

// sightings are what was seen of the indexer since the wait began.
type sightings struct {
	began    time.Time
	moved    time.Time // when the indexer last came further
	led      time.Time // when there last was a leader
	progress string
}

// note adds what is seen now. It returns why waiting is useless; "" while it is not.
func (c *sightings) note(now time.Time, s indexer.State, held bool, timeout time.Duration) string {
	if at := progressOf(s); at != c.progress || c.moved.IsZero() {
		c.progress, c.moved = at, now
	}
	if held || c.led.IsZero() {
		c.led = now
	}
	switch {
	case now.Sub(c.led) > timeout/leaderless:
		return "no indexer runs"
	case now.Sub(c.moved) > timeout:
		return "the indexer has not moved for " + timeout.String()
	}
	return ""
}

// progressOf changes whenever the indexer comes further. A leader that fails and begins
// again saves its state each time without coming further.
func progressOf(s indexer.State) string {
	if len(s.FanOut) == 0 {
		return fmt.Sprint(s.Acked, s.Parents.Settled)
	}
	return fmt.Sprint(s.Acked, s.Parents.Settled, len(s.FanOut), s.FanOut[0].Cursor)
}
