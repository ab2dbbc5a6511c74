package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/eval"
	"github.com/xunke/xunke/eval/baseline"
	"github.com/xunke/xunke/intake"
	"github.com/xunke/xunke/internal/elastic/search"
	"github.com/xunke/xunke/internal/embed"
	"github.com/xunke/xunke/internal/mysql/store"
	"github.com/xunke/xunke/internal/synonym"
)

// The systems that can be measured: the search of this installation as visitors have it,
// by words alone and by meaning alone, and what is simpler.
const (
	systemXunke   = "xunke"
	systemWords   = "words"
	systemMeaning = "meaning"
	systemBM25    = "bm25"
	systemLike    = "like"
)

// errNoVectors is why search by meaning cannot be measured.
var errNoVectors = errors.New("there is no model (xunke doctor)")

func newEvalCommand(a *app) *cobra.Command {
	var systems []string
	var compare string
	var misses bool
	cmd := &cobra.Command{
		Use:   "eval FILE.jsonl",
		Short: "Measure the search by judged queries",
		Long: "Measure the search by judged queries, one JSON object a line:\n" +
			`  {"query":"…","class":"…","relevant":[{"type":"course","key":"…","grade":2}]}` + "\n" +
			"With \"catalogues\":[\"…\"] only keys with these prefixes count, and success@1 and @3 from grade 2 on: 3 is what the\n" +
			"query asks for, 2 what is clearly useful, 1 what is related. A query without relevant items, or of the\n" +
			"class must_be_empty, must find nothing; what is shown near it, apart from its hits, is not found. For all others it\n" +
			"counts after the hits, as a visitor reads it.\n" +
			"Beside the search of this installation (xunke), by words alone (words) or by meaning alone (meaning), the same\n" +
			"queries can be put to LIKE in MySQL (like) and to one multi_match over stock bigrams in which any word will do\n" +
			"(bm25), for which the documents are copied into indices that are deleted afterwards.\n" +
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
	cmd.Flags().StringSliceVar(&systems, "system", []string{systemXunke}, "xunke, words, meaning, bm25, like; several are compared in one table")
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
		if errors.Is(err, errNoVectors) {
			a.log.Warn("not measured", "system", system, "err", err)
			continue
		}
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
	case systemXunke, systemWords:
		db, err := a.mysql(ctx)
		if err != nil {
			return nil, nil, err
		}
		synonyms := synonym.NewLive(store.NewSynonyms(db.Write), a.log)
		if err := synonyms.Load(ctx); err != nil {
			return nil, nil, errors.Join(err, db.Close())
		}
		searcher := search.NewSearcher(client, synonyms.Lookup).WithNearWords(synonyms.LookupNear)
		if name == systemXunke {
			meaning, err := a.meaning(ctx)
			if err != nil {
				return nil, nil, errors.Join(err, db.Close())
			}
			searcher = searcher.WithMeaning(meaning)
		}
		return searcher, db.Close, nil
	case systemLike:
		db, err := a.mysql(ctx)
		if err != nil {
			return nil, nil, err
		}
		return baseline.NewLike(db.Write), db.Close, nil
	case systemMeaning:
		meaning, err := a.meaning(ctx)
		if err != nil {
			return nil, nil, err
		}
		if vector, _ := meaning(ctx, ""); vector == nil {
			return nil, nil, errNoVectors
		}
		return search.NewByMeaning(client, meaning), func() error { return nil }, nil
	case systemBM25:
		plain, err := baseline.NewBM25(ctx, client)
		if err != nil {
			return nil, nil, err
		}
		return plain, func() error { return plain.Drop(context.WithoutCancel(ctx)) }, nil
	default:
		return nil, nil, catalog.Invalidf("system", "%q is not one of xunke, words, meaning, bm25, like", name)
	}
}

// evalPatience is how long a measured search waits for its query's vector: as long as it takes,
// so that figures do not depend on the machine.
const evalPatience = time.Minute

// meaning makes vectors of queries; without a model it makes none.
func (a *app) meaning(ctx context.Context) (search.Meaning, error) {
	model := a.model()
	if err := model.Load(ctx); err != nil {
		return nil, err
	}
	return embed.NewQueries(model, evalPatience).Vector, nil
}

func (a *app) printEvaluation(reports []eval.Report, compare string, misses bool) error {
	if a.json {
		if err := printJSON(reports); err != nil {
			return err
		}
	} else {
		fmt.Print(evalTables(reports))
		for _, r := range reports {
			for _, m := range r.Misses {
				if misses {
					fmt.Println("  "+r.System, "missed", m)
				}
			}
		}
	}
	if compare == "" {
		return nil
	}
	return compareWith(compare, reports)
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
