package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/mysql/store"
	"github.com/xunke/xunke/internal/progress"
	"github.com/xunke/xunke/internal/table"
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
	cmd.AddCommand(newReportSearchesCommand(a), newReportUncountedCommand(a))
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
	fmt.Print(reportText(report))
	return nil
}

// reportText is a report for a terminal.
func reportText(r searchlog.Report) string {
	var b strings.Builder
	t := r.Totals
	fmt.Fprintf(&b, "searches from %s to %s (UTC): %s\n", r.From.Format(time.DateOnly), r.To.Format(time.DateOnly), progress.Thousands(t.Searches))
	if t.Searches == 0 {
		return b.String()
	}
	b.WriteString(table.Rows{
		{"  nothing found", percent(t.ZeroHitRate()), progress.Thousands(t.ZeroHits)},
		{"  corrected", percent(t.CorrectedRate()), progress.Thousands(t.Corrected)},
		{"  led to a click", percent(t.ClickRate()), progress.Thousands(t.Clicked)},
		{"  text not kept", "", progress.Thousands(r.Nameless)},
	}.String())
	top := table.Rows{{"top queries", "searches", "visitors", "hits", "clicked"}}
	for _, q := range r.Top {
		top = append(top, []string{q.Query, progress.Thousands(q.Searches), progress.Thousands(q.Visitors), hits(q), percent(q.ClickRate())})
	}
	fmt.Fprintf(&b, "\n%s", top)
	if len(r.ZeroHits) > 0 {
		zero := table.Rows{{"nothing found", "times", "searches", "hits now"}}
		for _, q := range r.ZeroHits {
			zero = append(zero, []string{q.Query, progress.Thousands(q.ZeroHits), progress.Thousands(q.Searches), hits(q)})
		}
		fmt.Fprintf(&b, "\n%s", zero)
	}
	if len(r.Positions) > 0 {
		fmt.Fprintf(&b, "\n%s", positionTable(r.Positions))
	}
	return b.String()
}

func percent(share float64) string { return fmt.Sprintf("%.1f%%", 100*share) }

// hits is how many hits a query last had; empty if it was never asked without filters.
func hits(q searchlog.QueryCounts) string {
	if q.LastTotal == nil {
		return ""
	}
	return progress.Thousands(*q.LastTotal)
}

// shownPositions is how far down the table goes; barWidth is the length of its longest bar.
const (
	shownPositions = 10
	barWidth       = 30
)

func positionTable(positions []searchlog.PositionCounts) table.Rows {
	most := 0.0
	for _, p := range positions {
		if p.Position <= shownPositions {
			most = max(most, p.Rate())
		}
	}
	rows := table.Rows{{"kind", "position", "shown", "clicks", "opened", ""}}
	for _, p := range positions {
		if p.Position > shownPositions {
			continue
		}
		bar := 0
		if most > 0 {
			bar = int(p.Rate()/most*barWidth + 0.5)
		}
		rows = append(rows, []string{
			string(p.Kind), strconv.Itoa(p.Position), progress.Thousands(p.Shown), progress.Thousands(p.Clicks),
			percent(p.Rate()), strings.Repeat("█", bar),
		})
	}
	return rows
}
