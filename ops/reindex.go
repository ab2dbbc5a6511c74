package ops

import (
	"context"
	"fmt"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/indexer"
	"github.com/xunke/xunke/internal/progress"
)

// followEvery is how often it is looked how far a reindex has come.
const followEvery = 250 * time.Millisecond

// What becomes of a request.
const (
	requestDone   = "done"
	requestFailed = "failed"
)

// Requests tells how far requests for new generations have come.
type Requests interface {
	// State returns what became of a request, waiting, running, done or failed, and why it failed.
	State(ctx context.Context, id int64) (state, message string, err error)
}

// ReindexOutcome is what came of a request for new generations, or for those before.
type ReindexOutcome struct {
	Request   int64          `json:"request"`
	Action    string         `json:"action"`
	State     string         `json:"state"` // done or failed
	Message   string         `json:"message,omitempty"`
	Kinds     []catalog.Kind `json:"kinds"`
	Documents int64          `json:"documents"`
	Seconds   float64        `json:"seconds"`
	PerSecond float64        `json:"documents_per_second"`
	Indices   []indexer.Gen  `json:"generations"`
}

// Done says whether the request came to a good end.
func (o ReindexOutcome) Done() bool { return o.State == requestDone }

// String is the outcome for people.
func (o ReindexOutcome) String() string {
	took := progress.Duration(time.Duration(o.Seconds * float64(time.Second)))
	switch {
	case !o.Done():
		return fmt.Sprintf("%s failed: %s", o.Action, o.Message)
	case o.Action == "rollback":
		return fmt.Sprintf("rolled back %v in %s", o.Kinds, took)
	default:
		return fmt.Sprintf("reindexed %v: %s documents in %s (%.0f/s)\n(the generation before is kept for a while: xunke reindex --rollback)",
			o.Kinds, progress.Thousands(o.Documents), took, o.PerSecond)
	}
}

// Follower shows the progress of a request and, where nobody leads, has the work done.
type Follower struct {
	Request  int64
	Action   string
	Kinds    []catalog.Kind
	Requests Requests
	States   States
	// Lead leads until done says so, if nobody else leads; else it returns false.
	Lead  func(ctx context.Context, done func(context.Context) (bool, error)) (led bool, err error)
	Meter *progress.Meter // nil: silent

	phase   indexer.Phase
	outcome ReindexOutcome
}

// Follow returns when the request is done or has failed. An error means that this is not
// known; the request goes on wherever an indexer runs.
func (f *Follower) Follow(ctx context.Context) (ReindexOutcome, error) {
	began := time.Now()
	f.outcome = ReindexOutcome{Request: f.Request, Action: f.Action, Kinds: f.Kinds}
	if err := f.wait(ctx); err != nil {
		if ctx.Err() != nil {
			return f.outcome, fmt.Errorf("stopped following; request %d goes on where an indexer runs (xunke status shows it): %w", f.Request, err)
		}
		return f.outcome, err
	}
	f.outcome.Seconds = time.Since(began).Seconds()
	f.outcome.PerSecond = float64(f.outcome.Documents) / max(f.outcome.Seconds, 0.001)
	return f.outcome, nil
}

func (f *Follower) wait(ctx context.Context) error {
	tick := time.NewTicker(followEvery)
	defer tick.Stop()
	for {
		if done, err := f.look(ctx); done || err != nil {
			return err
		}
		if led, err := f.Lead(ctx, f.look); led || err != nil {
			return err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// look reads how far the request has come and shows it.
func (f *Follower) look(ctx context.Context) (done bool, err error) {
	if f.outcome.State, f.outcome.Message, err = f.Requests.State(ctx, f.Request); err != nil {
		return false, err
	}
	state, err := f.States.LoadState(ctx)
	if catalog.CodeOf(err) == catalog.CodeUnavailable && ctx.Err() == nil {
		return false, nil // it goes on when Elasticsearch does
	} else if err != nil {
		return false, err
	}
	f.outcome.Indices = state.Live
	if r := state.Reindex; r != nil && r.Request == f.Request {
		f.outcome.Kinds, f.outcome.Documents = r.Kinds, r.Done
		f.show(*r)
	}
	done = f.outcome.Done() || f.outcome.State == requestFailed
	if done {
		f.Meter.End()
	}
	return done, nil
}

func (f *Follower) show(r indexer.Reindex) {
	if r.Phase != f.phase {
		f.phase = r.Phase
		total := int64(0)
		if r.Phase == indexer.PhaseScan {
			total = r.Total
		}
		f.Meter.Phase(string(r.Phase), total)
	}
	if r.Phase == indexer.PhaseScan {
		f.Meter.Set(r.Done)
	}
}
