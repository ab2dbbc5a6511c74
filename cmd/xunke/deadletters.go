package main

import (
	"context"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/elastic/index"
	"github.com/xunke/xunke/internal/progress"
	"github.com/xunke/xunke/internal/table"
	"github.com/xunke/xunke/ops"
)

func newDeadLettersCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "deadletters",
		Short: "Deal with documents that Elasticsearch refused",
		Long: "Deal with documents that Elasticsearch refused. Each is kept with the reason and stops nobody else.\n" +
			"Mend the row or the mapping, then retry: the row is read again as it is now.",
		Example: "  xunke deadletters list\n" +
			"  xunke deadletters retry course 42\n" +
			"  xunke deadletters retry --all",
	}
	var kinds []string
	list := &cobra.Command{
		Use: "list", Short: "List them, oldest first", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			parsed, err := parseKinds(kinds)
			if err != nil {
				return err
			}
			return a.listDeadLetters(cmd.Context(), parsed)
		},
	}
	list.Flags().StringSliceVar(&kinds, "kind", nil, "course, org or teacher; repeat for more (default: all)")
	show := &cobra.Command{
		Use: "show KIND ID", Short: "Show those of one item in full", Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			key, err := parseItem(args)
			if err != nil {
				return err
			}
			return a.showDeadLetters(cmd.Context(), key)
		},
	}
	cmd.AddCommand(list, show,
		a.deadLettersOf("retry", "Read the rows again and write their documents", (*app).retryDeadLetters),
		a.deadLettersOf("drop", "Forget them without writing anything", (*app).dropDeadLetters))
	return cmd
}

// deadLettersOf is a subcommand that works on the letters of one item or, with an empty key,
// on all.
func (a *app) deadLettersOf(use, short string, run func(*app, context.Context, catalog.Key) error) *cobra.Command {
	var all bool
	cmd := &cobra.Command{
		Use: use + " KIND ID | --all", Short: short, Args: cobra.MaximumNArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			if all && len(args) > 0 {
				return catalog.Invalidf("all", "--all goes without an item")
			}
			var of catalog.Key
			if !all {
				var err error
				if of, err = parseItem(args); err != nil {
					return err
				}
			}
			return run(a, cmd.Context(), of)
		},
	}
	cmd.Flags().BoolVar(&all, "all", false, "every dead letter there is")
	return cmd
}

func (a *app) listDeadLetters(ctx context.Context, kinds []catalog.Kind) error {
	client, err := a.elasticsearch()
	if err != nil {
		return err
	}
	list, err := ops.ListDeadLetters(ctx, index.NewDeadLetters(client), kinds)
	if err != nil {
		return err
	}
	if a.json {
		return printJSON(list)
	}
	if list.Total == 0 {
		fmt.Println("There are none: Elasticsearch has taken every document.")
		return nil
	}
	t := table.Rows{{"item", "refused", "by", "because"}}
	for _, l := range list.Letters {
		t = append(t, []string{string(l.Kind) + " " + strconv.FormatInt(l.ID, 10), l.At, l.Index, shorten(l.Reason)})
	}
	fmt.Print(t)
	fmt.Printf("%s in all. Mend the row or the mapping, then run: xunke deadletters retry --all\n", progress.Thousands(list.Total))
	return nil
}

// shorten cuts a reason to what fits beside an item.
func shorten(reason string) string {
	const longest = 90
	if runes := []rune(reason); len(runes) > longest {
		return string(runes[:longest-1]) + "…"
	}
	return reason
}

func (a *app) showDeadLetters(ctx context.Context, key catalog.Key) error {
	client, err := a.elasticsearch()
	if err != nil {
		return err
	}
	letters, err := index.NewDeadLetters(client).DeadLettersOf(ctx, key)
	if err != nil {
		return err
	}
	if a.json {
		return printJSON(letters)
	}
	if len(letters) == 0 {
		fmt.Printf("No document of %s %d was refused.\n", key.Kind, key.ID)
		return nil
	}
	for _, l := range letters {
		fmt.Printf("refused by %s at %s", l.Index, l.At)
		if l.GTID != "" {
			fmt.Printf(" in the batch of %s", l.GTID)
		}
		fmt.Printf("\n  %s\n", l.Reason)
	}
	fmt.Printf("xunke explain %s %d tells more.\n", key.Kind, key.ID)
	return nil
}

func (a *app) retryDeadLetters(ctx context.Context, of catalog.Key) error {
	parts, err := a.indexing(ctx)
	if err != nil {
		return err
	}
	defer parts.close()
	done, err := ops.RetryDeadLetters(ctx, index.NewDeadLetters(parts.client), index.NewStateStore(parts.client), repairer{parts}, of)
	if err != nil {
		return err
	}
	if a.json {
		if err := printJSON(done); err != nil {
			return err
		}
	} else {
		fmt.Printf("%s items read again: %s dead letters settled, %s refused once more\n",
			progress.Thousands(int64(done.Items)), progress.Thousands(int64(done.Settled)), progress.Thousands(int64(done.Refused)))
	}
	if done.Refused > 0 {
		return exitError(1)
	}
	return nil
}

func (a *app) dropDeadLetters(ctx context.Context, of catalog.Key) error {
	client, err := a.elasticsearch()
	if err != nil {
		return err
	}
	total, err := ops.DropDeadLetters(ctx, index.NewDeadLetters(client), of)
	if err != nil {
		return err
	}
	if a.json {
		return printJSON(map[string]int{"dropped": total})
	}
	fmt.Printf("%s dead letters dropped; xunke verify tells what they leave different\n", progress.Thousands(int64(total)))
	return nil
}
