package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/elastic/search"
	"github.com/xunke/xunke/internal/mysql/store"
	"github.com/xunke/xunke/internal/progress"
	"github.com/xunke/xunke/internal/redis"
	"github.com/xunke/xunke/internal/redis/boards"
	"github.com/xunke/xunke/internal/table"
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
	rows := table.Rows{{"rank", "id", "score", "name"}}
	for _, item := range ranking.Items {
		rows = append(rows, []string{
			strconv.Itoa(item.Rank), strconv.FormatInt(item.ID, 10), fmt.Sprintf("%.3f", item.Score), item.Name,
		})
	}
	fmt.Print(rows)
	if ranking.Degraded {
		fmt.Println("degraded: Redis has no boards; this is computed from the index")
	}
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
	fmt.Print(explanationText(x))
	return nil
}

// explanationText is an explanation for a terminal.
func explanationText(x rankings.Explanation) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %d %s\n", x.Kind, x.ID, x.Name)
	if x.Hidden {
		b.WriteString("hidden: it is on no board\n")
	}
	w := x.Weights
	fmt.Fprintf(&b, "\npoints = %d × views + %d × favorites + %d × enrolments\n\n", w.View, w.Favorite, w.Enrolment)
	days := table.Rows{{"day", "views", "favorites", "enrolments", "points", "factor", "points × factor"}}
	for _, d := range x.Days {
		days = append(days, []string{
			d.Day, strconv.FormatInt(d.Views, 10), strconv.FormatInt(d.Favorites, 10), strconv.FormatInt(d.Enrolments, 10),
			fmt.Sprintf("%g", d.Points), fmt.Sprintf("%.6f", d.Factor), fmt.Sprintf("%.3f", d.Decayed),
		})
	}
	b.WriteString(days.String())
	if len(x.Days) == 0 {
		b.WriteString("nothing has happened to it\n")
	} else {
		fmt.Fprintf(&b, "\nfactor = 2^(-days before %s / %g)\n", x.Days[0].Day, w.HalfLifeDays)
		fmt.Fprintf(&b, "hot = log2(sum of points × factor) + what one point on %s is worth\n", x.Days[0].Day)
		fmt.Fprintf(&b, "    = log2(%.3f) + %.6f = %.6f\n", x.Decayed, x.Newest, x.Hot)
	}
	places := table.Rows{{"window", "score", "rank"}}
	for _, window := range catalog.RankingWindows() {
		share, rank := x.Windows[window], "-"
		if share.Place != nil {
			rank = strconv.Itoa(share.Place.Rank)
		}
		places = append(places, []string{string(window), fmt.Sprintf("%g", share.Score), rank})
	}
	fmt.Fprintf(&b, "\n%s", places)
	b.WriteString(risingText(x))
	if x.Boards != "" {
		fmt.Fprintf(&b, "\n%s\n", x.Boards)
	}
	return b.String()
}

// risingText is how the score of what rises comes about.
func risingText(x rankings.Explanation) string {
	c := x.Rising
	week, month := x.Windows[catalog.WindowWeek].Score, x.Windows[catalog.WindowMonth].Score
	usual := max(month-week, c.Usual)
	text := fmt.Sprintf("\nrising: %g points in the last 7 days, %g in the 23 before (taken to be %g at least)\n", week, month-week, c.Usual)
	if week < c.Least {
		return text + fmt.Sprintf("    fewer than %g in 7 days do not count\n", c.Least)
	}
	text += fmt.Sprintf("    %.2f times as many a day", week/usual*c.Odds)
	if score := x.Windows[catalog.WindowRising].Score; score > 0 {
		return text + fmt.Sprintf("; %.2f times at the least, by Wilson's bound at 95 %% (%.2f points say as much as one visit)\n", score, c.Spread)
	}
	return text + "; that may be chance, or it does not rise\n"
}

func newRankingsRebuildCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "rebuild",
		Short: "Rebuild the rankings from MySQL while the old ones are served",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return a.rebuildRankings(cmd.Context()) },
	}
}

func (a *app) rebuildRankings(ctx context.Context) error {
	done, err := a.runRebuild(ctx)
	if err != nil {
		return err
	}
	if a.json {
		return printJSON(struct {
			rankings.RebuildResult
			Seconds float64 `json:"seconds"`
		}{done, done.Took.Seconds()})
	}
	fmt.Printf("rebuilt in %s: %d courses, %d orgs, %d teachers\n", done.Took.Round(time.Millisecond),
		done.Items[catalog.KindCourse], done.Items[catalog.KindOrg], done.Items[catalog.KindTeacher])
	return nil
}

// runRebuild rebuilds the boards and shows how far it is.
func (a *app) runRebuild(ctx context.Context) (done rankings.RebuildResult, err error) {
	db, err := a.mysql(ctx)
	if err != nil {
		return done, err
	}
	defer func() { _ = db.Close() }()
	cache := redis.Open(redis.Options(a.config.Redis), a.log)
	defer func() { _ = cache.Close() }()
	var meter *progress.Meter // silent
	if !a.json {
		meter = progress.New(os.Stderr)
	}
	var phase catalog.Kind
	rebuild := &rankings.Rebuild{
		Builder: boards.New(cache, a.config.Rankings.Scoring()), Source: store.NewRankingSource(db.Write), Log: a.log,
		Progress: func(k catalog.Kind, items int) {
			if k != phase {
				phase = k
				meter.Phase(k.Plural(), 0)
			}
			meter.Set(int64(items))
		},
	}
	done, err = rebuild.Run(ctx)
	meter.End()
	if errors.Is(err, rankings.ErrBusy) {
		err = &catalog.Error{
			Code: catalog.CodeUnavailable, Message: "the rankings are being rebuilt already",
			Hint: "wait until that is done, or a minute if it was killed", Cause: err,
		}
	}
	return done, err
}
