package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/xunke/xunke/intake"
	"github.com/xunke/xunke/internal/mysql/store"
	"github.com/xunke/xunke/internal/progress"
	"github.com/xunke/xunke/internal/synonym"
)

func newSynonymsCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "synonyms",
		Short: "Manage synonyms",
		Long: "Manage synonyms: rules that let a search for one word find others. \"机器学习, machine learning, ML\" makes each stand for the\n" +
			"others; \"py => Python\" works one way only; \"看牙 ~> 口腔\" works one way, and only where hardly anything has what was\n" +
			"typed. Rules that were added come before those that ship. Every API process knows a change within seconds; nothing is\n" +
			"indexed anew. What was typed always comes before what stands for it.",
	}
	cmd.AddCommand(
		&cobra.Command{
			Use: "list", Short: "List the rules in force", Args: cobra.NoArgs,
			RunE: a.withSynonyms(func(ctx context.Context, s store.Synonyms, _ []string) error { return a.listSynonyms(ctx, s) }),
		},
		&cobra.Command{
			Use: "add RULE...", Short: "Add rules", Args: cobra.MinimumNArgs(1),
			RunE: a.withSynonyms(func(ctx context.Context, s store.Synonyms, args []string) error {
				rules, err := parseRules(args)
				if err != nil {
					return err
				}
				return a.addSynonyms(ctx, s, rules)
			}),
		},
		&cobra.Command{
			Use: "remove RULE...", Short: "Remove rules, written as list shows them", Args: cobra.MinimumNArgs(1),
			RunE: a.withSynonyms(func(ctx context.Context, s store.Synonyms, args []string) error {
				rules, err := parseRules(args)
				if err != nil {
					return err
				}
				for _, rule := range rules {
					if err := s.Remove(ctx, rule); err != nil {
						return err
					}
				}
				return a.tellSynonyms("removed", int64(len(rules)))
			}),
		},
		&cobra.Command{
			Use: "import FILE", Short: "Add the rules of a file, one a line", Args: cobra.ExactArgs(1),
			RunE: a.withSynonyms(func(ctx context.Context, s store.Synonyms, args []string) error {
				return a.importSynonyms(ctx, s, args[0])
			}),
		},
		newSuggestSynonymsCommand(a),
		newDismissSynonymsCommand(a),
	)
	return cmd
}

// withSynonyms runs a subcommand with the store open.
func (a *app) withSynonyms(run func(context.Context, store.Synonyms, []string) error) func(*cobra.Command, []string) error {
	return withStore(a, store.NewSynonyms, run)
}

func (a *app) listSynonyms(ctx context.Context, s store.Synonyms) error {
	rows, err := s.List(ctx)
	if err != nil {
		return err
	}
	if a.json {
		return printJSON(rows)
	}
	for _, row := range rows {
		fmt.Println(row.Rule)
	}
	return nil
}

// importSynonyms adds the good rules of a file and fails if there were bad ones.
func (a *app) importSynonyms(ctx context.Context, s store.Synonyms, path string) error {
	text, err := intake.ReadText(path)
	if err != nil {
		return fmt.Errorf("read rules: %w", err)
	}
	rules, bad := synonym.Read(bytes.NewReader(text))
	return errors.Join(a.addSynonyms(ctx, s, rules), bad)
}

func (a *app) addSynonyms(ctx context.Context, s store.Synonyms, rules []synonym.Rule) error {
	added, err := s.Add(ctx, rules)
	if err != nil {
		return err
	}
	return a.tellSynonyms("added", added)
}

func (a *app) tellSynonyms(what string, n int64) error {
	if a.json {
		return printJSON(map[string]int64{what: n})
	}
	fmt.Printf("%s %s rules; searches know within seconds\n", what, progress.Thousands(n))
	return nil
}

func parseRules(args []string) ([]synonym.Rule, error) {
	rules := make([]synonym.Rule, 0, len(args))
	for _, arg := range args {
		rule, err := synonym.Parse(strings.TrimSpace(arg))
		if err != nil {
			return nil, err
		}
		rules = append(rules, rule)
	}
	return rules, nil
}

// shipSynonyms puts the rules that come with the program in force, where an admin has not
// removed them.
func shipSynonyms(ctx context.Context, s store.Synonyms) error {
	rules, err := synonym.BuiltInRules()
	if err != nil {
		return err
	}
	_, err = s.Ship(ctx, rules)
	return err
}
