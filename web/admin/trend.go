package admin

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/web/page"
)

const (
	trendsPath = "/admin/trends"
	// maxRanked is how many courses each list of the page has.
	maxRanked = 20
)

// The plots are of a month, whose last week is set off against the days before.
var (
	trendDays   = catalog.WindowMonth.Days()
	trendRecent = catalog.WindowWeek.Days()
)

// plotHeight and plotStep are units of a plot's own; style sheets give it its size.
const (
	plotHeight = 100.0
	plotStep   = 10.0
	plotBar    = 8.0
	plotLeast  = 5 // the least number that a plot has room for
)

// Trends tells admins what happened to courses.
type Trends interface {
	// Trend returns a course's name and what happened to it on the days on which anything
	// did, in any order. CodeNotFound, CodeUnavailable.
	Trend(ctx context.Context, id int64) (name string, history []catalog.DailyCounts, err error)
}

// CappedViews tells which views are in no ranking. Errors: CodeUnavailable.
type CappedViews interface {
	ReadCappedViews(ctx context.Context, from, to time.Time, limit int) (catalog.CappedViews, error)
}

// trendsContent is the page from which admins go to the trends of courses.
type trendsContent struct {
	Lists       []trendList
	CappedViews *cappedViewsList
}

// cappedViewsList is the views of the last days that are in no ranking.
type cappedViewsList struct {
	Says string
	Rows []uncountedRow
}

type uncountedRow struct{ Name, URL, Views, Counted string }

type trendList struct {
	ID, Title, Help, Column string
	Rows                    []trendRow
}

type trendRow struct {
	Name, URL, Score string
	Bar              int
}

// trendContent is the page of one course.
type trendContent struct {
	ID    int64
	Name  string
	URL   string
	Days  string
	Tiles []tileView
	Plots []plotView
	Rows  []trendDay // newest first
	Empty bool
}

// plotView is one plot: a bar a day, and the level that was usual before the last week.
type plotView struct {
	Title, Says, Most, First, Last string
	Width                          float64
	Bars                           []plotBarView
	Usual                          float64 // from the top; negative: there is none
}

type plotBarView struct {
	X, Y, Width, Height float64
	Recent              bool
	Says                string
}

type trendDay struct{ Day, Views, Favorites, Enrolments string }

func (p *pages) trends(ctx context.Context, c *fiber.Ctx, l page.Locale) error {
	var content trendsContent
	for _, w := range []catalog.Window{catalog.WindowRising, catalog.WindowWeek} {
		r, err := p.Ranking.Ranking(ctx, catalog.RankingQuery{Kind: catalog.KindCourse, Window: w, Limit: maxRanked})
		if err != nil {
			return err
		}
		list := trendList{
			ID: string(w), Title: l.Text("trends." + string(w)), Help: l.Text("trends." + string(w) + ".help"), Column: l.Text("trends." + string(w) + ".column"),
		}
		for _, item := range r.Items {
			score := l.Count(int64(item.Score))
			if w == catalog.WindowRising {
				score = fmt.Sprintf("× %.1f", item.Score)
			}
			list.Rows = append(list.Rows, trendRow{
				Name: item.Name, URL: l.Link(trendPath(item.ID)), Score: score, Bar: bar(item.Score, r.Items[0].Score),
			})
		}
		content.Lists = append(content.Lists, list)
	}
	if p.CappedViews != nil {
		now := p.now()
		u, err := p.CappedViews.ReadCappedViews(ctx, now.AddDate(0, 0, 1-trendRecent), now, maxRanked)
		if err != nil {
			return err
		}
		content.CappedViews = cappedViewsOf(l, u)
	}
	return p.Render(ctx, c, l, "admin_trends", fiber.StatusOK, page.Frame{
		Title: l.Text("trends.title"), Path: trendsPath, NoIndex: true, Content: content,
	})
}

func cappedViewsOf(l page.Locale, u catalog.CappedViews) *cappedViewsList {
	list := &cappedViewsList{Says: l.Text("trends.uncounted.help", l.Count(u.Views))}
	for _, item := range u.Items {
		row := uncountedRow{Name: item.Name, URL: l.Link(catalog.ItemURL(item.Kind, item.ID)), Views: l.Count(item.Views), Counted: l.Count(item.Counted)}
		if row.Name == "" {
			row.Name = fmt.Sprintf("%s:%d", item.Kind, item.ID)
		}
		list.Rows = append(list.Rows, row)
	}
	return list
}

func trendPath(id int64) string { return "/admin/courses/" + strconv.FormatInt(id, 10) + "/trend" }

func (p *pages) trend(ctx context.Context, c *fiber.Ctx, l page.Locale) error {
	id, err := page.ItemID(c, catalog.KindCourse)
	if err != nil {
		return err
	}
	name, history, err := p.Trends.Trend(ctx, id)
	if err != nil {
		return err
	}
	days := lastDays(history, p.now())
	content := trendContent{
		ID: id, Name: name, URL: l.Link(catalog.ItemURL(catalog.KindCourse, id)),
		Days: l.Text("admin.days", l.Date(days[0].Day), l.Date(days[len(days)-1].Day)), Empty: true,
	}
	for _, what := range []struct {
		key string
		of  func(catalog.DailyCounts) int64
	}{
		{"views", func(d catalog.DailyCounts) int64 { return d.Views }},
		{"favorites", func(d catalog.DailyCounts) int64 { return d.Favorites }},
		{"enrolments", func(d catalog.DailyCounts) int64 { return d.Enrolments }},
	} {
		title := l.Text("trend." + what.key)
		plot, total, recent := plotOf(l, title, days, what.of)
		content.Plots = append(content.Plots, plot)
		content.Tiles = append(content.Tiles, tileView{Label: title, Value: l.Count(total), Note: l.Text("trend.recent", l.Count(recent))})
		content.Empty = content.Empty && total == 0
	}
	for i := len(days) - 1; i >= 0; i-- {
		d := days[i]
		content.Rows = append(content.Rows, trendDay{l.Date(d.Day), l.Count(d.Views), l.Count(d.Favorites), l.Count(d.Enrolments)})
	}
	return p.Render(ctx, c, l, "admin_trend", fiber.StatusOK, page.Frame{
		Title: l.Text("trend.title", name), Path: trendPath(id), NoIndex: true, Content: content,
	})
}

// lastDays is a month that ends today (UTC), day by day, with what happened on each.
func lastDays(history []catalog.DailyCounts, now time.Time) []catalog.DailyCounts {
	today := catalog.DayNumber(now)
	days := make([]catalog.DailyCounts, trendDays)
	for i := range days {
		days[i].Day = catalog.Day(now).AddDate(0, 0, i+1-trendDays)
	}
	for _, d := range history {
		if i := catalog.DayNumber(d.Day) - today + int64(trendDays) - 1; i >= 0 && i < int64(trendDays) {
			days[i].Views += d.Views
			days[i].Favorites += d.Favorites
			days[i].Enrolments += d.Enrolments
		}
	}
	return days
}

// plotOf draws one number of each day, and adds it up: in all, and in the last week.
func plotOf(l page.Locale, title string, days []catalog.DailyCounts, of func(catalog.DailyCounts) int64) (v plotView, total, recent int64) {
	var most int64
	before := len(days) - trendRecent
	for i, d := range days {
		n := of(d)
		total, most = total+n, max(most, n)
		if i >= before {
			recent += n
		}
	}
	v = plotView{
		Title: title, Most: l.Count(most), First: l.Date(days[0].Day), Last: l.Date(days[len(days)-1].Day), Usual: -1,
		Width: plotStep * float64(len(days)), Says: l.Text("trend.says", title, l.Count(total), l.Count(most)),
	}
	// One or two a day are not to look like many.
	height := func(n float64) float64 { return plotHeight * n / float64(max(most, plotLeast)) }
	for i, d := range days {
		n := of(d)
		h := height(float64(n))
		if n > 0 {
			h = max(h, 2) // what is there is seen
		}
		v.Bars = append(v.Bars, plotBarView{
			X: plotStep*float64(i) + (plotStep-plotBar)/2, Y: plotHeight - h, Width: plotBar, Height: h,
			Recent: i >= before, Says: l.Text("trend.day", l.Date(d.Day), l.Count(n)),
		})
	}
	if usual := float64(total-recent) / float64(before); usual > 0 {
		v.Usual = plotHeight - height(usual)
	}
	return v, total, recent
}
