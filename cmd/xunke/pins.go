package main

import (
	"context"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/curation"
	"github.com/xunke/xunke/internal/mysql/store"
	"github.com/xunke/xunke/internal/table"
)

func newPinsCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "pins",
		Short: "Curate the answers to single queries: pin, hide and boost items",
		Long: "Curate the answers to single queries. Pinned items come first in the section of their kind, in the order\n" +
			"given, even if they do not match; hidden ones are left out; the scores of boosted ones are multiplied.\n" +
			"However a query is typed (Python, ＰＹＴＨＯＮ; 數據結構, 数据结构), it is one query. An item is pinned, hidden\n" +
			"or boosted for a query: what was said last counts. Every API process knows a change within seconds;\n" +
			"nothing is indexed anew.",
		Example: "  xunke pins set python course:42 course:7\n" +
			"  xunke pins hide python course:9\n" +
			"  xunke pins boost 数据结构 course:3 --by 1.5\n" +
			"  xunke pins remove python",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	boost := &cobra.Command{
		Use: "boost QUERY KIND:ID...", Short: "Multiply the scores of items for a query", Args: cobra.MinimumNArgs(2),
	}
	by := boost.Flags().Float64("by", curation.DefaultFactor, fmt.Sprintf("what to multiply by, %g to %g", curation.MinFactor, curation.MaxFactor))
	boost.RunE = a.curate(func(ctx context.Context, s store.Curations, query string, items []catalog.Key) error {
		return s.Boost(ctx, query, *by, items)
	})
	cmd.AddCommand(
		&cobra.Command{
			Use: "set QUERY KIND:ID...", Short: "Make items the pins of a query, in place of those it has", Args: cobra.MinimumNArgs(2),
			RunE: a.curate(func(ctx context.Context, s store.Curations, query string, items []catalog.Key) error {
				return s.SetPins(ctx, query, items)
			}),
		},
		&cobra.Command{
			Use: "hide QUERY KIND:ID...", Short: "Leave items out of the answers to a query", Args: cobra.MinimumNArgs(2),
			RunE: a.curate(func(ctx context.Context, s store.Curations, query string, items []catalog.Key) error {
				return s.Hide(ctx, query, items)
			}),
		},
		boost,
		&cobra.Command{
			Use: "list [QUERY]", Short: "List what is curated, of one query or of all", Args: cobra.MaximumNArgs(1),
			RunE: a.withCurations(a.listCurations),
		},
		&cobra.Command{
			Use: "remove QUERY [KIND:ID...]", Short: "Take back what is curated of items for a query, or all of it", Args: cobra.MinimumNArgs(1),
			RunE: a.curate(func(ctx context.Context, s store.Curations, query string, items []catalog.Key) error {
				_, err := s.Remove(ctx, query, items...)
				return err
			}),
		},
	)
	return cmd
}

// withCurations runs a subcommand with the store open.
func (a *app) withCurations(run func(context.Context, store.Curations, []string) error) func(*cobra.Command, []string) error {
	return withStore(a, store.NewCurations, run)
}

// curate runs a change of the items of a query, and shows what is curated for it then.
func (a *app) curate(change func(ctx context.Context, s store.Curations, query string, items []catalog.Key) error) func(*cobra.Command, []string) error {
	return a.withCurations(func(ctx context.Context, s store.Curations, args []string) error {
		var items []catalog.Key
		for _, arg := range args[1:] {
			item, err := catalog.ParseKey(arg)
			if err != nil {
				return err
			}
			items = append(items, item)
		}
		if err := change(ctx, s, args[0], items); err != nil {
			return err
		}
		rows, err := s.List(ctx, args[0])
		if err != nil {
			return err
		}
		switch {
		case a.json:
			return printJSON(rows)
		case len(rows) == 0:
			fmt.Printf("no pins are left for %q; searches know within seconds\n", args[0])
		default:
			fmt.Printf("%ssearches know within seconds\n", curationTable(rows))
		}
		return nil
	})
}

func (a *app) listCurations(ctx context.Context, s store.Curations, args []string) error {
	query := ""
	if len(args) > 0 {
		q, err := curation.ParseQuery(args[0]) // an empty one is not all of them
		if err != nil {
			return err
		}
		query = q.Text
	}
	rows, err := s.List(ctx, query)
	if err != nil {
		return err
	}
	switch {
	case a.json:
		return printJSON(rows)
	case len(rows) == 0:
		fmt.Println("no pins yet; xunke pins set QUERY KIND:ID pins an item")
	default:
		fmt.Print(curationTable(rows))
	}
	return nil
}

// curationTable is what is curated, for a terminal.
func curationTable(rows []curation.Row) table.Rows {
	t := table.Rows{{"query", "what", "item", "name"}}
	place, query := 0, ""
	for _, r := range rows {
		if r.QueryKey != query {
			place, query = 0, r.QueryKey
		}
		what := string(r.Action)
		switch r.Action {
		case curation.Pin:
			place++
			what += " " + strconv.Itoa(place)
		case curation.Boost:
			what += " ×" + strconv.FormatFloat(r.Factor, 'g', -1, 64)
		}
		name := r.Name
		switch r.State {
		case curation.ItemGone:
			name = "(there is no such item any more)"
		case curation.ItemHidden:
			name += " (hidden from visitors)"
		}
		t = append(t, []string{r.Query, what, r.Item().String(), name})
	}
	return t
}
