package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/elastic/search"
	"github.com/xunke/xunke/internal/mysql/store"
	"github.com/xunke/xunke/internal/redis"
	"github.com/xunke/xunke/internal/redis/boards"
	"github.com/xunke/xunke/ops"
	"github.com/xunke/xunke/rankings"
	"github.com/xunke/xunke/searchapi"
)

var _ searchapi.Ranker = (*rankings.Service)(nil)

func newRankingsCommand(a *app) *cobra.Command {
	standard := catalog.StandardScoring()
	cmd := &cobra.Command{
		Use:   "rankings",
		Short: "Show, explain, check and rebuild the rankings",
		Long: fmt.Sprintf("Rankings are computed from the daily counts in MySQL and kept in Redis.\n"+
			"Where the configuration (rankings.*) says nothing else, a view is worth %d point, a favourite %d, an\n"+
			"enrolment %d. A day, a week and a month add up the points of their days (UTC); for all of history points\n"+
			"lose half of their weight every %g days. What rises is ordered by the factor by which the last week\n"+
			"outdoes the rest of the month at the least.",
			standard.View, standard.Favorite, standard.Enrolment, standard.HalfLifeDays()),
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newRankingsShowCommand(a), newRankingsExplainCommand(a), newRankingsRebuildCommand(a), newRankingsCheckCommand(a))
	return cmd
}

func newRankingsShowCommand(a *app) *cobra.Command {
	var window string
	var limit int
	filters := map[catalog.Facet]*string{}
	cmd := &cobra.Command{
		Use:       "show [KIND]",
		Short:     "Show a ranking as visitors get it (KIND: courses, orgs or teachers)",
		Args:      cobra.MaximumNArgs(1),
		ValidArgs: []string{"courses", "orgs", "teachers"},
		RunE: func(cmd *cobra.Command, args []string) error {
			q := catalog.RankingQuery{
				Kind: catalog.KindCourse, Window: catalog.Window(window), Limit: limit, Filters: map[catalog.Facet][]string{},
			}
			if len(args) > 0 {
				var err error
				if q.Kind, err = catalog.ParseKind(args[0]); err != nil {
					return err
				}
			}
			for facet, value := range filters {
				if *value != "" {
					q.Filters[facet] = []string{*value}
				}
			}
			return a.showRanking(cmd.Context(), q)
		},
	}
	cmd.Flags().StringVar(&window, "window", string(catalog.WindowWeek), "day, week, month, all or rising")
	cmd.Flags().IntVar(&limit, "limit", 10, "how many")
	for _, facet := range rankings.Filters(catalog.KindCourse) {
		filters[facet] = cmd.Flags().String(strings.ReplaceAll(string(facet), "_", "-"), "", "only this "+string(facet))
	}
	return cmd
}

func (a *app) showRanking(ctx context.Context, q catalog.RankingQuery) error {
	client, err := a.elasticsearch()
	if err != nil {
		return err
	}
	cache := redis.Open(redis.Options(a.config.Redis), a.log)
	defer func() { _ = cache.Close() }()
	service := &rankings.Service{Board: boards.New(cache, a.config.Rankings.Scoring()), Fallback: search.NewSearcher(client, nil).WithScoring(a.config.Rankings.Scoring())}
	ranking, err := service.Ranking(ctx, q)
	if err != nil {
		return err
	}
	if a.json {
		return printJSON(ranking)
	}
	fmt.Print(ops.RankingList(ranking))
	return nil
}

func newRankingsExplainCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "explain KIND ID",
		Short: "Explain an item's scores: its history, the arithmetic, its places",
		Args:  cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			kind, err := catalog.ParseKind(args[0])
			if err != nil {
				return err
			}
			id, err := strconv.ParseInt(args[1], 10, 64)
			if err != nil || id < 1 {
				return catalog.Invalidf("id", "%q is not an id: ids begin at 1", args[1])
			}
			return a.explainRanking(cmd.Context(), catalog.Key{Kind: kind, ID: id})
		},
	}
}

func (a *app) explainRanking(ctx context.Context, key catalog.Key) error {
	db, err := a.mysql(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	cache := redis.Open(redis.Options(a.config.Redis), a.log)
	defer func() { _ = cache.Close() }()
	explainer := &rankings.Explainer{Source: store.NewRankingSource(db.Write), Board: boards.New(cache, a.config.Rankings.Scoring()), Scoring: a.config.Rankings.Scoring()}
	x, err := explainer.Explain(ctx, key)
	if err != nil {
		return err
	}
	if a.json {
		return printJSON(x)
	}
	fmt.Print(ops.RankingText(x))
	return nil
}
