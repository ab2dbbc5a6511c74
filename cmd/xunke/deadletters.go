package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/indexer"
	"github.com/xunke/xunke/internal/elastic"
	"github.com/xunke/xunke/internal/elastic/index"
	"github.com/xunke/xunke/internal/progress"
	"github.com/xunke/xunke/internal/table"
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

// deadLettersOf is a subcommand that works on the letters of one item or on all.
func (a *app) deadLettersOf(use, short string, run func(*app, context.Context, func() ([]index.KeptLetter, error), *elastic.Client) error) *cobra.Command {
	var all bool
	cmd := &cobra.Command{
		Use: use + " KIND ID | --all", Short: short, Args: cobra.MaximumNArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			client, err := a.elasticsearch()
			if err != nil {
				return err
			}
			// What is refused again while this runs is newer, and so not taken up again.
			before := time.Now()
			var of catalog.Key
			switch {
			case all && len(args) > 0:
				return catalog.Invalidf("all", "--all goes without an item")
			case !all:
				if of, err = parseItem(args); err != nil {
					return err
				}
			}
			return run(a, cmd.Context(), func() ([]index.KeptLetter, error) {
				return index.NewDeadLetters(client).Oldest(cmd.Context(), of, before)
			}, client)
		},
	}
	cmd.Flags().BoolVar(&all, "all", false, "every dead letter there is")
	return cmd
}

// parseItem reads KIND ID.
func parseItem(args []string) (catalog.Key, error) {
	if len(args) != 2 {
		return catalog.Key{}, catalog.Invalidf("item", "say which: a kind and an id, such as: course 42")
	}
	kind, err := catalog.ParseKind(args[0])
	if err != nil {
		return catalog.Key{}, err
	}
	id, err := strconv.ParseInt(args[1], 10, 64)
	if err != nil || id < 1 {
		return catalog.Key{}, catalog.Invalidf("id", "%q is not a positive number", args[1])
	}
	return catalog.Key{Kind: kind, ID: id}, nil
}

// deadLetters is what list --json prints.
type deadLetters struct {
	Total   int64                `json:"total"`
	Oldest  *time.Time           `json:"oldest"`       // when the first of them was refused; null: there are none
	Letters []indexer.DeadLetter `json:"dead_letters"` // the oldest of them
}

func (a *app) listDeadLetters(ctx context.Context, kinds []catalog.Kind) error {
	client, err := a.elasticsearch()
	if err != nil {
		return err
	}
	out := deadLetters{Letters: []indexer.DeadLetter{}}
	if out.Total, out.Oldest, err = index.NewDeadLetters(client).Count(ctx, kinds...); err != nil {
		return err
	}
	if len(kinds) == 0 {
		kinds = []catalog.Kind{""}
	}
	for _, k := range kinds {
		letters, err := index.NewDeadLetters(client).Oldest(ctx, catalog.Key{Kind: k}, time.Now())
		if err != nil {
			return err
		}
		for _, l := range letters {
			out.Letters = append(out.Letters, l.DeadLetter)
		}
	}
	if a.json {
		return printJSON(out)
	}
	if out.Total == 0 {
		fmt.Println("There are none: Elasticsearch has taken every document.")
		return nil
	}
	t := table.Rows{{"item", "refused", "by", "because"}}
	for _, l := range out.Letters {
		t = append(t, []string{string(l.Kind) + " " + strconv.FormatInt(l.ID, 10), l.At, l.Index, shorten(l.Reason)})
	}
	fmt.Print(t)
	fmt.Printf("%s in all. Mend the row or the mapping, then run: xunke deadletters retry --all\n", progress.Thousands(out.Total))
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

// retried is what retry --json prints.
type retried struct {
	Items   int `json:"items"`
	Settled int `json:"settled"` // letters whose document was taken this time
	Refused int `json:"refused"` // letters that are there again
}

// retryDeadLetters reads the rows behind letters and writes their documents. A letter goes
// only after its document was settled; one that is refused again is a new letter.
func (a *app) retryDeadLetters(ctx context.Context, next func() ([]index.KeptLetter, error), client *elastic.Client) error {
	parts, err := a.indexing(ctx)
	if err != nil {
		return err
	}
	defer parts.close()
	var out retried
	for {
		letters, err := next()
		if err != nil {
			return err
		}
		if len(letters) == 0 {
			break
		}
		state, err := index.NewStateStore(client).LoadState(ctx)
		if err != nil {
			return err
		}
		keys := make([]catalog.Key, 0, len(letters))
		for _, l := range letters {
			if key := (catalog.Key{Kind: l.Kind, ID: l.ID}); !slices.Contains(keys, key) {
				keys = append(keys, key)
			}
		}
		if err := (repairer{parts}).Repair(ctx, state, keys); err != nil {
			return err
		}
		settled, err := index.NewDeadLetters(client).Drop(ctx, letters)
		if err != nil {
			return err
		}
		out.Items += len(keys)
		out.Settled += settled
		out.Refused += len(letters) - settled
	}
	if a.json {
		if err := printJSON(out); err != nil {
			return err
		}
	} else {
		fmt.Printf("%s items read again: %s dead letters settled, %s refused once more\n",
			progress.Thousands(int64(out.Items)), progress.Thousands(int64(out.Settled)), progress.Thousands(int64(out.Refused)))
	}
	if out.Refused > 0 {
		return exitError(1)
	}
	return nil
}

func (a *app) dropDeadLetters(ctx context.Context, next func() ([]index.KeptLetter, error), client *elastic.Client) error {
	total := 0
	for {
		letters, err := next()
		if err != nil {
			return err
		}
		n, err := index.NewDeadLetters(client).Drop(ctx, letters)
		if err != nil {
			return err
		}
		if total += n; len(letters) == 0 || n == 0 {
			break
		}
	}
	if a.json {
		return printJSON(map[string]int{"dropped": total})
	}
	fmt.Printf("%s dead letters dropped; xunke verify tells what they leave different\n", progress.Thousands(int64(total)))
	return nil
}
