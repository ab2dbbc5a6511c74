package indexer

import (
	"context"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/retry"
)

// Reconciler compares the documents that serve with their rows, and mends what differs.
// It takes its time: the drain comes first. Any error is worth another attempt.
type Reconciler interface {
	Reconcile(ctx context.Context) ([]Drift, error)
}

// Drift is what a comparison of one kind came to.
type Drift struct {
	Kind      catalog.Kind `json:"kind"`
	Rows      int64        `json:"rows"`      // visible rows that were compared
	Missing   int64        `json:"missing"`   // rows without a document
	Surplus   int64        `json:"surplus"`   // documents without a row
	Different int64        `json:"different"` // documents that were not as their rows
	Repaired  int64        `json:"repaired"`  // of these three
}

// Total is how many documents were not as they should be.
func (d Drift) Total() int64 { return d.Missing + d.Surplus + d.Different }

// Reconciled is the last comparison that came to its end.
type Reconciled struct {
	Started  time.Time `json:"started"`
	Finished time.Time `json:"finished"`
	Kinds    []Drift   `json:"kinds"`
}

// Sum is the drift of all kinds together.
func (r Reconciled) Sum() (sum Drift) {
	for _, d := range r.Kinds {
		sum.Rows += d.Rows
		sum.Missing += d.Missing
		sum.Surplus += d.Surplus
		sum.Different += d.Different
		sum.Repaired += d.Repaired
	}
	return sum
}

const (
	// reconcileLook is how often, at most, it is looked whether a comparison is due.
	reconcileLook = time.Minute
	// reconcileAgain is how long after a failure the next attempt comes, at most.
	reconcileAgain = 10 * time.Minute
)

// runReconcile compares now and then, while everything else goes on. That it fails is no reason
// to stop indexing.
func (l *leader) runReconcile(ctx context.Context) error {
	every := l.options.ReconcileEvery
	if l.Reconciler == nil || every <= 0 {
		return nil
	}
	var failed time.Time
	return retry.Every(ctx, min(every, reconcileLook), func(ctx context.Context) error {
		state, _ := l.look()
		due := reconcileDue(state, every)
		if again := failed.Add(min(every, reconcileAgain)); !failed.IsZero() && due.Before(again) {
			due = again
		}
		if !due.IsZero() && !time.Now().Before(due) {
			if err := l.reconcile(ctx); err != nil {
				if ctx.Err() != nil {
					return ctx.Err()
				}
				failed = time.Now()
				l.Log.Warn("the comparison of documents and rows did not come to its end", "err", err)
				l.update(func(s *State) { s.LastError, s.ErrorAt = "reconcile: "+err.Error(), failed.UTC() })
			} else {
				failed = time.Time{}
			}
		}
		return nil
	})
}

// reconcileDue is when the next comparison is due: by the last one, whoever made it, or by
// the age of the youngest index that serves. It is zero as long as not all kinds serve. When
// everything had to be read again, one is due at the end of that: then nobody has to take it
// on trust that nothing is missing.
func reconcileDue(s State, every time.Duration) time.Time {
	var from time.Time
	for _, k := range catalog.Kinds() {
		g := s.Serving(k)
		if g == nil {
			return time.Time{}
		}
		if g.Created.After(from) {
			from = g.Created
		}
	}
	if s.Reconciled != nil {
		from = s.Reconciled.Finished
	}
	// Definitions change too often for that, and nothing of the history is in doubt then.
	if r := s.Recovery; r != nil && r.Reason != ReasonDefinition && (r.Running() || s.Reconciled == nil || s.Reconciled.Started.Before(r.Ended)) {
		return r.Ended // zero: not yet
	}
	return from.Add(every)
}

func (l *leader) reconcile(ctx context.Context) error {
	done := Reconciled{Started: time.Now().UTC()}
	var err error
	if done.Kinds, err = l.Reconciler.Reconcile(ctx); err != nil {
		return err
	}
	done.Finished = time.Now().UTC()
	l.update(func(s *State) { s.Reconciled = &done })
	sum := done.Sum()
	level := l.Log.Info
	if sum.Total() > 0 {
		level = l.Log.Warn
	}
	level("documents and rows are compared", "rows", sum.Rows, "missing", sum.Missing, "surplus", sum.Surplus,
		"different", sum.Different, "repaired", sum.Repaired, "took", done.Finished.Sub(done.Started).Round(time.Millisecond))
	return nil
}
