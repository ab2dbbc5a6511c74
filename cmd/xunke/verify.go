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
	"github.com/xunke/xunke/internal/mysql/oracle"
	"github.com/xunke/xunke/internal/progress"
	"github.com/xunke/xunke/internal/table"
	"github.com/xunke/xunke/verify"
)

// shownDifferences is how many differences are printed for people; --json has more.
const shownDifferences = 100

func newVerifyCommand(a *app) *cobra.Command {
	var kinds []string
	var fix bool
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Compare every document with what MySQL says now, and repair what differs",
		Long: "Compare every document in Elasticsearch with its row in MySQL, both ways and field by field. What is\n" +
			"expected is built by queries of its own, not by the indexer's. What differs is looked at again once the\n" +
			"indexer has caught up, so that nothing is reported that was merely on its way.\n" +
			"Exit status: 0 when equal (after --fix: when all was repaired), 1 when not.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			parsed, err := parseKinds(kinds)
			if err != nil {
				return err
			}
			if len(parsed) == 0 {
				parsed = catalog.Kinds()
			}
			return a.verify(cmd.Context(), parsed, fix)
		},
	}
	cmd.Flags().StringSliceVar(&kinds, "kind", nil, "course, org or teacher; repeat for more (default: all)")
	cmd.Flags().BoolVar(&fix, "fix", false, "read the rows of what differs and write their documents again")
	return cmd
}

func (a *app) verify(ctx context.Context, kinds []catalog.Kind, fix bool) error {
	a.log = logger(os.Stderr, a.config.Log, slog.LevelWarn) // the progress is shown instead
	parts, err := a.indexing(ctx)
	if err != nil {
		return err
	}
	defer parts.close()
	v := parts.verifier()
	if fix {
		v.Repairer = repairer{parts}
	}
	if !a.json {
		v.Progress = progress.New(os.Stderr)
	}
	report, err := v.Run(ctx, kinds)
	if err != nil {
		return err
	}
	if a.json {
		if err := printJSON(report); err != nil {
			return err
		}
	} else {
		printReport(report)
	}
	if !report.Equal {
		return exitError(1)
	}
	return nil
}

// verifier is a verifier with the parts of an indexer, which repairs nothing.
func (p *indexing) verifier() verify.Verifier {
	return verify.Verifier{
		Oracle:  oracle.New(p.db.Write),
		Index:   index.NewLister(p.client),
		Aliases: p.deps.Indices,
		States:  index.NewStateStore(p.client),
		Leader:  p.lease,
		Scoring: p.deps.Scoring,
	}
}

// repairer mends documents with the parts of an indexer.
type repairer struct{ parts *indexing }

var _ verify.Repairer = repairer{}

func (r repairer) Repair(ctx context.Context, state indexer.State, keys []catalog.Key) error {
	return indexer.Repair(ctx, r.parts.deps, r.parts.options.BatchSize, state, keys)
}

func (r repairer) Advance(ctx context.Context) error {
	return r.parts.deps.Source.Mark(ctx, "repair", time.Now().UTC().Format(time.RFC3339Nano))
}

func printReport(r verify.Report) {
	for i, d := range r.Differences {
		if i == shownDifferences {
			fmt.Printf("… and more (--json lists %d)\n", len(r.Differences))
			break
		}
		fmt.Println(d)
	}
	t := table.Rows{{"kind", "rows", "documents", "missing", "surplus", "different", "repaired", "seconds"}}
	for _, k := range r.Kinds {
		t = append(t, []string{
			string(k.Kind), progress.Thousands(k.Rows), progress.Thousands(k.Documents), progress.Thousands(k.Missing),
			progress.Thousands(k.Surplus), progress.Thousands(k.Different + k.Unconfirmed), progress.Thousands(k.Repaired),
			fmt.Sprintf("%.1f", k.Seconds),
		})
	}
	fmt.Print(t)
	for _, n := range r.Notes {
		fmt.Println("note:", n)
	}
	if r.Equal {
		fmt.Println("Elasticsearch equals MySQL.")
		return
	}
	var left int64
	for _, k := range r.Kinds {
		left += k.UnrepairedCount()
	}
	fmt.Printf("Documents that differ from MySQL: %s\n", progress.Thousands(left))
}
