package ops

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/progress"
	"github.com/xunke/xunke/internal/table"
	"github.com/xunke/xunke/searchlog"
)

// SearchesText is a report on searches for a terminal.
func SearchesText(r searchlog.Report) string {
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
		top = append(top, []string{q.Query, progress.Thousands(q.Searches), progress.Thousands(q.Visitors), lastHits(q), percent(q.ClickRate())})
	}
	fmt.Fprintf(&b, "\n%s", top)
	if len(r.ZeroHits) > 0 {
		zero := table.Rows{{"nothing found", "times", "searches", "hits now"}}
		for _, q := range r.ZeroHits {
			zero = append(zero, []string{q.Query, progress.Thousands(q.ZeroHits), progress.Thousands(q.Searches), lastHits(q)})
		}
		fmt.Fprintf(&b, "\n%s", zero)
	}
	if len(r.Positions) > 0 {
		fmt.Fprintf(&b, "\n%s", positionTable(r.Positions))
	}
	return b.String()
}

func percent(share float64) string { return fmt.Sprintf("%.1f%%", 100*share) }

// lastHits is how many hits a query last had; empty if it was never asked without filters.
func lastHits(q searchlog.QueryCounts) string {
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

// CappedViewsText is a report on views that are in no ranking for a terminal.
func CappedViewsText(u catalog.CappedViews) string {
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
