package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/eval"
	"github.com/xunke/xunke/eval/baseline"
	"github.com/xunke/xunke/intake"
	"github.com/xunke/xunke/internal/elastic/search"
	"github.com/xunke/xunke/internal/mysql/store"
	"github.com/xunke/xunke/internal/synonym"
	"github.com/xunke/xunke/internal/table"
)

// The systems that can be measured.
const (
	systemXunke  = "xunke"
	systemLike   = "like"
	systemBigram = "bigram"
)

func newEvalCommand(a *app) *cobra.Command {
	var systems []string
	var compare string
	var misses bool
	cmd := &cobra.Command{
		Use:   "eval FILE.jsonl",
		Short: "Measure the search by judged queries",
		Long: "Measure the search by judged queries, one JSON object a line:\n" +
			`  {"query":"…","class":"…","relevant":[{"type":"course","key":"…","grade":2}]}` + "\n" +
			"A query without relevant items must find nothing. Beside the search of this installation (xunke) the same\n" +
			"queries can be put to LIKE in MySQL (like) and to one multi_match over stock bigrams (bigram), for which\n" +
			"the documents are copied into indices that are deleted afterwards.\n" +
			"Exit status: 0, or 1 if --compare finds a class more than two points worse.",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			judged, err := readJudged(args[0])
			if err != nil {
				return err
			}
			reports, err := a.evaluate(cmd.Context(), systems, judged)
			if err != nil {
				return err
			}
			return a.printEvaluation(reports, compare, misses)
		},
	}
	cmd.Flags().StringSliceVar(&systems, "system", []string{systemXunke}, "xunke, like, bigram; several are compared")
	cmd.Flags().StringVar(&compare, "compare", "", "a file that --json wrote: fail if a class is worse now")
	cmd.Flags().BoolVar(&misses, "misses", false, "list the queries that miss")
	return cmd
}

func readJudged(path string) ([]eval.Judged, error) {
	text, err := intake.ReadText(path)
	if err != nil {
		return nil, fmt.Errorf("read judged queries: %w", err)
	}
	return eval.Read(bytes.NewReader(text))
}

func (a *app) evaluate(ctx context.Context, systems []string, judged []eval.Judged) ([]eval.Report, error) {
	var reports []eval.Report
	for _, system := range systems {
		searcher, closeSystem, err := a.system(ctx, system)
		if err != nil {
			return nil, err
		}
		report, err := eval.Run(ctx, system, searcher, judged, func(done int) {
			if done == len(judged) {
				a.log.Info("measured", "system", system, "queries", done)
			}
		})
		if err = errors.Join(err, closeSystem()); err != nil {
			return nil, err
		}
		reports = append(reports, report)
	}
	return reports, nil
}

// system opens what is to be measured, and says how to close it.
func (a *app) system(ctx context.Context, name string) (eval.Searcher, func() error, error) {
	client, err := a.elasticsearch()
	if err != nil {
		return nil, nil, err
	}
	switch name {
	case systemXunke:
		db, err := a.mysql(ctx)
		if err != nil {
			return nil, nil, err
		}
		synonyms := synonym.NewLive(store.NewSynonyms(db.Write), a.log)
		if err := synonyms.Load(ctx); err != nil {
			return nil, nil, errors.Join(err, db.Close())
		}
		return search.NewSearcher(client, synonyms.Lookup), db.Close, nil
	case systemLike:
		db, err := a.mysql(ctx)
		if err != nil {
			return nil, nil, err
		}
		return baseline.NewLike(db.Write), db.Close, nil
	case systemBigram:
		plain, err := baseline.NewBigram(ctx, client)
		if err != nil {
			return nil, nil, err
		}
		return plain, func() error { return plain.Drop(context.WithoutCancel(ctx)) }, nil
	default:
		return nil, nil, catalog.Invalidf("system", "%q is not one of xunke, like, bigram", name)
	}
}

func (a *app) printEvaluation(reports []eval.Report, compare string, misses bool) error {
	if a.json {
		if err := printJSON(reports); err != nil {
			return err
		}
	} else {
		for _, r := range reports {
			fmt.Printf("%s\n%s\n", r.System, evalTable(r))
			if misses {
				for _, m := range r.Misses {
					fmt.Println("  missed", m)
				}
			}
		}
	}
	if compare == "" {
		return nil
	}
	return compareWith(compare, reports)
}

func evalTable(r eval.Report) table.Rows {
	t := table.Rows{{"class", "queries", "success@3", "95 %", "success@1", "nDCG@10", "MRR", "recall@50", "zero", "false"}}
	for _, c := range append(slices.Clone(r.Classes), r.All) {
		figure := func(v float64, of int) string {
			if of == 0 {
				return ""
			}
			return fmt.Sprintf("%.2f", v)
		}
		n, interval := c.Queries-c.MustBeEmpty, ""
		if n > 0 {
			interval = figure(c.Low.Success3, n) + "–" + figure(c.High.Success3, n)
		}
		t = append(t, []string{
			c.Name, fmt.Sprint(c.Queries), figure(c.Mean.Success3, n), interval,
			figure(c.Mean.Success1, n), figure(c.Mean.NDCG, n), figure(c.Mean.MRR, n), figure(c.Mean.Recall, n),
			figure(c.Mean.Zero, n), figure(c.Mean.False, c.MustBeEmpty),
		})
	}
	return t
}

// compareWith reads older reports and fails if a system has become worse.
func compareWith(path string, reports []eval.Report) error {
	raw, err := intake.ReadText(path)
	if err != nil {
		return fmt.Errorf("read older figures: %w", err)
	}
	var old []eval.Report
	if err := json.Unmarshal(raw, &old); err != nil {
		return fmt.Errorf("decode older figures %s: %w", path, err)
	}
	worse := false
	for _, before := range old {
		i := slices.IndexFunc(reports, func(r eval.Report) bool { return r.System == before.System })
		if i < 0 {
			continue
		}
		for _, c := range eval.Worse(before, reports[i]) {
			worse = true
			fmt.Fprintf(os.Stderr, "%s: %s of %s was %.3f and is %.3f\n", before.System, c.Figure, c.Class, c.Before, c.Now)
		}
	}
	if worse {
		return exitError(1)
	}
	return nil
}
