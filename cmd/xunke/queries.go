package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/xunke/xunke/internal/mysql/store"
	"github.com/xunke/xunke/internal/progress"
	"github.com/xunke/xunke/internal/table"
)

func newQueriesCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "queries",
		Short: "Keep queries from being suggested to others",
		Long: "Keep queries from being suggested to others. A query that many ask is suggested to whoever types its\n" +
			"beginning; one that is blocked is not, in whatever spelling. It can still be asked. Every API process\n" +
			"knows a change within seconds. The same is at /admin/searches.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	change := func(use, short, done string, do func(store.Searches, context.Context, string) error) *cobra.Command {
		return &cobra.Command{
			Use: use + " QUERY...", Short: short, Args: cobra.MinimumNArgs(1),
			RunE: withStore(a, store.NewSearches, func(ctx context.Context, s store.Searches, args []string) error {
				for _, text := range args {
					if err := do(s, ctx, text); err != nil {
						return err
					}
				}
				if a.json {
					return printJSON(map[string]int{done: len(args)})
				}
				fmt.Printf("%s %s; suggestions know within seconds\n", done, progress.Thousands(int64(len(args))))
				return nil
			}),
		}
	}
	cmd.AddCommand(
		change("block", "Suggest queries to nobody", "blocked", store.Searches.Block),
		change("unblock", "Suggest queries again, if many ask them", "unblocked", store.Searches.Unblock),
		&cobra.Command{
			Use: "list", Short: "List those that are blocked, the latest first", Args: cobra.NoArgs,
			RunE: withStore(a, store.NewSearches, a.listBlockedQueries),
		},
	)
	return cmd
}

func (a *app) listBlockedQueries(ctx context.Context, s store.Searches, _ []string) error {
	list, err := s.Blocked(ctx)
	if err != nil {
		return err
	}
	if a.json {
		return printJSON(list)
	}
	if len(list) == 0 {
		fmt.Println("None is blocked.")
		return nil
	}
	t := table.Rows{{"query", "blocked"}}
	for _, b := range list {
		t = append(t, []string{b.Query, b.BlockedAt.UTC().Format(time.DateTime)})
	}
	fmt.Print(t)
	return nil
}
