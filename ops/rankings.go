package ops

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/progress"
	"github.com/xunke/xunke/internal/table"
	"github.com/xunke/xunke/rankings"
)

// RankingList is a ranking as rows of a table, with a line where a substitute made it.
func RankingList(r catalog.Ranking) string {
	rows := table.Rows{{"rank", "id", "score", "name"}}
	for _, item := range r.Items {
		rows = append(rows, []string{strconv.Itoa(item.Rank), strconv.FormatInt(item.ID, 10), fmt.Sprintf("%.3f", item.Score), item.Name})
	}
	text := rows.String()
	if r.Degraded {
		text += "degraded: Redis has no boards; this is computed from the index\n"
	}
	return text
}

// RankingText is an explanation of an item's scores for a terminal.
func RankingText(x rankings.Explanation) string {
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

// shownDifferences is how many differences of a kind are named for people; --json has all.
const shownDifferences = 100

// BoardsText is the comparison of the boards of rankings with MySQL for a terminal.
func BoardsText(all []rankings.CheckResult) string {
	var b strings.Builder
	equal := true
	t := table.Rows{{"kind", "items", "different", "surplus"}}
	for _, c := range all {
		equal = equal && c.Equal()
		for i, d := range c.Named {
			if i == shownDifferences {
				b.WriteString("… and more (--json lists them)\n")
				break
			}
			fmt.Fprintf(&b, "%s %d: %s\n", c.Kind, d.ID, d.Says)
		}
		t = append(t, []string{
			string(c.Kind), progress.Thousands(c.Items), progress.Thousands(c.Different), progress.Thousands(c.Surplus),
		})
	}
	b.WriteString(t.String())
	if equal {
		b.WriteString("The boards equal MySQL.\n")
	}
	return b.String()
}
