package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"

	"github.com/spf13/cobra"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/indexer"
	"github.com/xunke/xunke/internal/elastic/index"
	"github.com/xunke/xunke/internal/progress"
	"github.com/xunke/xunke/ops"
)

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
	f := &ops.Follower{
		Request: id, Action: action, Kinds: kinds, Requests: parts.requests, States: index.NewStateStore(client),
		Lead: func(ctx context.Context, done func(context.Context) (bool, error)) (bool, error) {
			lost, release, ok, err := parts.lease.Try(ctx)
			if err != nil || !ok {
				return false, err
			}
			defer release()
			return true, indexer.Serve(ctx, parts.deps, parts.options, lost, done)
		},
	}
	if !a.json {
		f.Meter = progress.New(os.Stderr)
	}
	out, err := f.Follow(ctx)
	if err != nil {
		return err
	}
	if a.json {
		if err := printJSON(out); err != nil {
			return err
		}
	} else {
		fmt.Println(out)
	}
	if !out.Done() {
		return exitError(1)
	}
	return nil
}
