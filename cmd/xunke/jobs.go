package main

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/mysql/store"
	"github.com/xunke/xunke/internal/progress"
	"github.com/xunke/xunke/internal/table"
)

func newJobsCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "jobs",
		Short: "Deal with work such as mails that waits or has failed",
		Long: "Deal with work that requests cause and that is done after them: mails, messages to many, erasures. What fails is tried again for\n" +
			"some hours, and then is a dead letter. Addresses are masked. Find the reason with show, mend it, then retry.",
		Example: "  xunke jobs list --dead\n" +
			"  xunke jobs show 42\n" +
			"  xunke jobs retry --all",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	var dead bool
	var limit int
	list := &cobra.Command{
		Use: "list", Short: "List those that wait, the next first", Args: cobra.NoArgs,
		RunE: withStore(a, store.NewOutbox, func(ctx context.Context, s store.Outbox, _ []string) error {
			if limit < 1 || limit > 10_000 {
				return catalog.Invalidf("limit", "%d is not 1 to 10000", limit)
			}
			return a.listJobs(ctx, s, dead, limit)
		}),
	}
	list.Flags().BoolVar(&dead, "dead", false, "those that nobody tries any more")
	list.Flags().IntVar(&limit, "limit", 100, "how many at most, 1 to 10000")
	show := &cobra.Command{
		Use: "show ID", Short: "Show one, with the reason of its last failure", Args: cobra.ExactArgs(1),
		RunE: withStore(a, store.NewOutbox, func(ctx context.Context, s store.Outbox, args []string) error {
			id, err := parseID(args[0])
			if err != nil {
				return err
			}
			return a.showJob(ctx, s, id)
		}),
	}
	cmd.AddCommand(list, show,
		a.jobsOf("retry", "Have them tried again now", "to be tried now", store.Outbox.Revive),
		a.jobsOf("drop", "Forget them", "dropped", store.Outbox.Drop))
	return cmd
}

// parseID reads the id of a row: a positive number.
func parseID(arg string) (int64, error) {
	id, err := strconv.ParseInt(arg, 10, 64)
	if err != nil || id < 1 {
		return 0, catalog.Invalidf("id", "%q is not a positive number", arg)
	}
	return id, nil
}

// jobsOf is a subcommand that changes one job or all dead ones.
func (a *app) jobsOf(use, short, outcome string, change func(store.Outbox, context.Context, int64) (int64, error)) *cobra.Command {
	var all bool
	cmd := &cobra.Command{Use: use + " ID | --all", Short: short, Args: cobra.MaximumNArgs(1)}
	cmd.RunE = withStore(a, store.NewOutbox, func(ctx context.Context, s store.Outbox, args []string) error {
		if all == (len(args) == 1) {
			return catalog.Invalidf("id", "say either the id of a job or --all for all dead ones")
		}
		var id int64
		if !all {
			var err error
			if id, err = parseID(args[0]); err != nil {
				return err
			}
		}
		n, err := change(s, ctx, id)
		if err != nil {
			return err
		}
		if a.json {
			return printJSON(map[string]int64{"jobs": n})
		}
		fmt.Printf("%s jobs %s\n", progress.Thousands(n), outcome)
		return nil
	})
	cmd.Flags().BoolVar(&all, "all", false, "every dead one")
	return cmd
}

func (a *app) listJobs(ctx context.Context, s store.Outbox, dead bool, limit int) error {
	list, err := s.List(ctx, dead, limit)
	if err != nil {
		return err
	}
	if a.json {
		return printJSON(list)
	}
	if len(list) == 0 {
		fmt.Println("There are none.")
		return nil
	}
	t := table.Rows{{"id", "kind", "attempts", "written", "due", "last failure"}}
	for _, j := range list {
		t = append(t, []string{
			strconv.FormatInt(j.ID, 10), j.Kind, strconv.Itoa(j.Attempts), j.CreatedAt.UTC().Format(time.DateTime), j.DueAt.UTC().Format(time.DateTime), shorten(j.Reason),
		})
	}
	fmt.Print(t)
	fmt.Println("Times are UTC. More of one: xunke jobs show ID")
	return nil
}

func (a *app) showJob(ctx context.Context, s store.Outbox, id int64) error {
	j, err := s.Job(ctx, id)
	if err != nil {
		return err
	}
	if a.json {
		return printJSON(j)
	}
	fmt.Printf("%s, %s after %d attempts; written %s, due %s (UTC)\n  %s\n", j.Kind, j.State, j.Attempts,
		j.CreatedAt.UTC().Format(time.DateTime), j.DueAt.UTC().Format(time.DateTime), j.Payload)
	if j.Reason != "" {
		fmt.Printf("  last failure: %s\n", j.Reason)
	}
	return nil
}
