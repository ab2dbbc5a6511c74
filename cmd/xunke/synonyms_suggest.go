package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/xunke/xunke/internal/elastic/search"
	"github.com/xunke/xunke/internal/mysql/store"
	"github.com/xunke/xunke/internal/progress"
	"github.com/xunke/xunke/internal/synonym"
	"github.com/xunke/xunke/internal/table"
	"github.com/xunke/xunke/searchlog"
)

func newSuggestSynonymsCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "suggest",
		Short: "Propose rules for queries that find nothing, by what they mean",
		Long: "Propose rules for queries that find nothing: of the courses closest in meaning the word (of a name, a tag or a\n" +
			"category) that is closest itself. Nothing is put in force: \"xunke synonyms add\" does that for those that are\n" +
			"right, and \"xunke synonyms dismiss\" keeps the others from being proposed again. Of sentences none are proposed. The\n" +
			"same is at /admin/searches, one click each. It needs the model that searches by meaning need.",
	}
	reportDays(cmd, "queries that are looked at, those that found nothing most often first", a.suggestSynonyms)
	return cmd
}

func (a *app) suggestSynonyms(ctx context.Context, from, to time.Time, limit int) error {
	db, err := a.mysql(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	client, err := a.elasticsearch()
	if err != nil {
		return err
	}
	defer client.Close()
	meaning, err := a.meaning(ctx)
	if err != nil {
		return err
	}
	synonyms := synonym.NewLive(store.NewSynonyms(db.Write), a.log)
	if err := synonyms.Load(ctx); err != nil {
		return err
	}
	report, err := store.NewSearches(db.Read).Report(ctx, from, to, limit)
	if err != nil {
		return err
	}
	proposals, err := searchlog.Proposer{
		Closest: search.NewSearcher(client, nil).WithMeaning(meaning), Dismissals: store.NewSynonyms(db.Write), Vector: meaning, Known: synonyms.LookupNear,
	}.Propose(ctx, report.ZeroHits)
	if err != nil {
		return err
	}
	if a.json {
		return printJSON(proposals)
	}
	fmt.Print(proposalsText(proposals))
	return nil
}

// proposalsText is proposals as a table, with how to take one over.
func proposalsText(proposals []searchlog.Proposal) string {
	if len(proposals) == 0 {
		return "Nothing is close enough to what was searched for without hits.\n"
	}
	t := table.Rows{{"query", "asked", "word", "similarity", "for example"}}
	for _, p := range proposals {
		t = append(t, []string{p.Query, progress.Thousands(p.Times), p.Word, fmt.Sprintf("%.3f", p.Similarity), strings.Join(p.Courses, "; ")})
	}
	rule := proposals[0].Query + ", " + proposals[0].Word
	return fmt.Sprintf("%s\nTake one over: xunke synonyms add %q. Never again: xunke synonyms dismiss %q\n", t, rule, rule)
}

func newDismissSynonymsCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "dismiss RULE...", Short: "Keep rules that suggest shows from being proposed again", Args: cobra.MinimumNArgs(1),
		RunE: a.withSynonyms(func(ctx context.Context, s store.Synonyms, args []string) error {
			rules, err := parseRules(args)
			if err != nil {
				return err
			}
			for _, rule := range rules {
				query, words := rule.From[0], append(rule.From[1:], rule.To...)
				for _, word := range words {
					if err := s.Dismiss(ctx, query, word); err != nil {
						return err
					}
				}
			}
			if a.json {
				return printJSON(map[string]int{"dismissed": len(rules)})
			}
			fmt.Printf("dismissed %s rules\n", progress.Thousands(int64(len(rules))))
			return nil
		}),
	}
}
