package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/mysql/store"
	"github.com/xunke/xunke/ops"
	"github.com/xunke/xunke/searchlog"
)

// maxReportLimit bounds the lists of a report.
const maxReportLimit = 1000

func newReportCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "report",
		Short: "Report what visitors search for, and which views are not counted",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newReportSearchesCommand(a), newReportCappedViewsCommand(a))
	return cmd
}

func newReportSearchesCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "searches",
		Short: "Report the top queries, those that find nothing, and which hits are opened",
		Long: "Report the top queries, those that find nothing, and which hits are opened. The counts are by day (UTC):\n" +
			"7d are seven days with today, 24h yesterday and today. A search counts with its first page; filters and\n" +
			"further pages of one who has asked the same that day do not count again. Nothing says who asked, and the\n" +
			"text of what looks personal is not kept.",
	}
	reportDays(cmd, "queries in each list", a.reportSearches)
	return cmd
}

// reportDays makes a command report some days, with lists of so many rows.
func reportDays(cmd *cobra.Command, rows string, report func(ctx context.Context, from, to time.Time, limit int) error) {
	var since string
	var limit int
	cmd.Args = cobra.NoArgs
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		now := time.Now()
		from, err := searchlog.ParseSince(since, now)
		if err != nil {
			return err
		}
		if limit < 1 || limit > maxReportLimit {
			return catalog.Invalidf("limit", "%d is not between 1 and %d", limit, maxReportLimit)
		}
		return report(cmd.Context(), from, now, limit)
	}
	cmd.Flags().StringVar(&since, "since", "7d", "how far back: 7d, 24h or a day such as 2026-11-01")
	cmd.Flags().IntVar(&limit, "limit", 20, rows)
}

func (a *app) reportSearches(ctx context.Context, from, to time.Time, limit int) error {
	db, err := a.mysql(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	report, err := store.NewSearches(db.Read).Report(ctx, from, to, limit)
	if err != nil {
		return err
	}
	if a.json {
		return printJSON(report)
	}
	fmt.Print(ops.SearchesText(report))
	return nil
}

func newReportCappedViewsCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "uncounted",
		Short: "Report the views that are in no ranking, and of what",
		Long: "Report the views that are in no count and no ranking, because more visitors of an item came from one network on a\n" +
			"day (UTC) than api.network_visitors, or more events than api.network_events. Many of one item and few counted are an\n" +
			"attempt to buy a rank; some of many items are a school behind one address. Nothing says which network.",
	}
	reportDays(cmd, "items in the list", a.reportCappedViews)
	return cmd
}

func (a *app) reportCappedViews(ctx context.Context, from, to time.Time, limit int) error {
	db, err := a.mysql(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	uncounted, err := store.NewRankingSource(db.Read).ReadCappedViews(ctx, from, to, limit)
	if err != nil {
		return err
	}
	if a.json {
		return printJSON(uncounted)
	}
	fmt.Print(ops.CappedViewsText(uncounted))
	return nil
}
