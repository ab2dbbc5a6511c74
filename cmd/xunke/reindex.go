package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/indexer"
	"github.com/xunke/xunke/internal/elastic/index"
	"github.com/xunke/xunke/internal/progress"
)

// followEvery is how often the command looks how far the reindex has come.
const followEvery = 250 * time.Millisecond

func newReindexCommand(a *app) *cobra.Command {
	var kinds []string
	var rollback bool
	cmd := &cobra.Command{
		Use:   "reindex",
		Short: "Build new indices beside the serving ones and swap them in, without downtime",
		Long: "Ask the leading indexer to build a new generation of the indices while writes go on and searches\n" +
			"are served, and to swap it in once it is verified. Where no indexer runs this process does it itself.\n" +
			"With --rollback the generation before is swapped back in; it has got every change since.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			parsed, err := parseKinds(kinds)
			if err != nil {
				return err
			}
			action := "reindex"
			if rollback {
				action = "rollback"
			}
			return a.reindex(cmd.Context(), action, parsed)
		},
	}
	cmd.Flags().StringSliceVar(&kinds, "kind", nil, "course, org or teacher; repeat for more (default: all)")
	cmd.Flags().BoolVar(&rollback, "rollback", false, "swap the generation before back in")
	return cmd
}

// reindexOutcome is what --json prints.
type reindexOutcome struct {
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

func (a *app) reindex(ctx context.Context, action string, kinds []catalog.Kind) error {
	a.log = logger(os.Stderr, a.config.Log, slog.LevelWarn) // the progress is shown instead
	parts, err := a.indexing(ctx)
	if err != nil {
		return err
	}
	defer parts.close()
	client, err := a.elasticsearch()
	if err != nil {
		return err
	}
	id, err := parts.requests.Add(ctx, action, kinds)
	if err != nil {
		return err
	}
	f := &follower{request: id, parts: parts, states: index.NewStateStore(client)}
	if !a.json {
		f.meter = progress.New(os.Stderr)
	}
	began := time.Now()
	if err := f.follow(ctx); err != nil {
		if ctx.Err() != nil {
			return fmt.Errorf("stopped following; request %d goes on where an indexer runs (xunke status shows it): %w", id, err)
		}
		return err
	}
	out := reindexOutcome{Request: id, Action: action, State: f.state, Message: f.message, Kinds: kinds, Seconds: time.Since(began).Seconds()}
	if r := f.last.Reindex; r != nil && r.Request == id {
		out.Kinds, out.Documents = r.Kinds, r.Done
		out.PerSecond = float64(r.Done) / max(out.Seconds, 0.001)
	}
	out.Indices = f.last.Live
	if a.json {
		if err := printJSON(out); err != nil {
			return err
		}
	} else {
		fmt.Println(out)
	}
	if f.state != "done" {
		return exitError(1)
	}
	return nil
}

// String is the outcome for people.
func (o reindexOutcome) String() string {
	if o.State != "done" {
		return fmt.Sprintf("%s failed: %s", o.Action, o.Message)
	}
	if o.Action == "rollback" {
		return fmt.Sprintf("rolled back %v in %s", o.Kinds, progress.Duration(time.Duration(o.Seconds*float64(time.Second))))
	}
	return fmt.Sprintf("reindexed %v: %s documents in %s (%.0f/s)\n(the generation before is kept for a while: xunke reindex --rollback)",
		o.Kinds, progress.Thousands(o.Documents), progress.Duration(time.Duration(o.Seconds*float64(time.Second))), o.PerSecond)
}

// follower shows a request's progress and, where nobody leads, does the work.
type follower struct {
	request int64
	parts   *indexing
	states  indexer.StateStore
	meter   *progress.Meter // nil: silent
	phase   indexer.Phase

	state, message string
	last           indexer.State
}

func (f *follower) follow(ctx context.Context) error {
	tick := time.NewTicker(followEvery)
	defer tick.Stop()
	for {
		if done, err := f.look(ctx); done || err != nil {
			return err
		}
		lost, release, ok, err := f.parts.lease.Try(ctx)
		if err != nil {
			return err
		}
		if ok {
			err := indexer.Serve(ctx, f.parts.deps, f.parts.options, lost, f.look)
			release()
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
func (f *follower) look(ctx context.Context) (done bool, err error) {
	if f.state, f.message, err = f.parts.requests.State(ctx, f.request); err != nil {
		return false, err
	}
	if f.last, err = f.states.LoadState(ctx); catalog.CodeOf(err) == catalog.CodeUnavailable && ctx.Err() == nil {
		return false, nil // it goes on when Elasticsearch does
	} else if err != nil {
		return false, err
	}
	if r := f.last.Reindex; r != nil && r.Request == f.request {
		if r.Phase != f.phase {
			f.phase = r.Phase
			total := int64(0)
			if r.Phase == indexer.PhaseScan {
				total = r.Total
			}
			f.meter.Phase(string(r.Phase), total)
		}
		if r.Phase == indexer.PhaseScan {
			f.meter.Set(r.Done)
		}
	}
	done = f.state == "done" || f.state == "failed"
	if done {
		f.meter.End()
	}
	return done, nil
}
