package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/mysql/store"
	"github.com/xunke/xunke/internal/progress"
	"github.com/xunke/xunke/internal/table"
)

func newReportUncountedCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "uncounted",
		Short: "Report the views that are in no ranking, and of what",
		Long: "Report the views that are in no count and no ranking, because more visitors of an item came from one network on a\n" +
			"day (UTC) than api.network_visitors, or more events than api.network_events. Many of one item and few counted are an\n" +
			"attempt to buy a rank; some of many items are a school behind one address. Nothing says which network.",
	}
	reportDays(cmd, "items in the list", a.reportUncounted)
	return cmd
}

func (a *app) reportUncounted(ctx context.Context, from, to time.Time, limit int) error {
	db, err := a.mysql(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	uncounted, err := store.NewRankingSource(db.Read).ReadUncounted(ctx, from, to, limit)
	if err != nil {
		return err
	}
	if a.json {
		return printJSON(uncounted)
	}
	fmt.Print(uncountedText(uncounted))
	return nil
}

// uncountedText is a report for a terminal.
func uncountedText(u catalog.Uncounted) string {
	var b strings.Builder
	fmt.Fprintf(&b, "views that are not counted, from %s to %s (UTC): %s\n", u.From.Format(time.DateOnly), u.To.Format(time.DateOnly), progress.Thousands(u.Views))
	if len(u.Items) == 0 {
		return b.String()
	}
	rows := table.Rows{{"item", "name", "not counted", "counted"}}
	for _, i := range u.Items {
		item := catalog.Key{Kind: i.Kind, ID: i.ID}
		rows = append(rows, []string{item.String(), i.Name, progress.Thousands(i.Views), progress.Thousands(i.Counted)})
	}
	fmt.Fprintf(&b, "\n%s", rows)
	return b.String()
}
