package web

import (
	"context"
	"errors"
	"sync"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/httpserver"
	"github.com/xunke/xunke/web/page"
)

const (
	rankedCourses = 10
	rankedOthers  = 5
)

// rankingView is one list of the sidebar.
type rankingView struct {
	Kind    catalog.Kind
	Title   string
	Items   []catalog.RankingItem
	Windows []page.Choice // only for courses
}

// sideRankings begins to fetch the lists that stand beside something else.
func (p *pages) sideRankings(ctx context.Context, l page.Locale, w catalog.Window, kinds ...catalog.Kind) (wait func() []rankingView) {
	return startOptional(ctx, p, "rankings", p.optionalWait(), func(ctx context.Context) []rankingView { return p.rankings(ctx, l, w, kinds...) })
}

// rankings are the lists that have something to show. One that cannot be had is left
// out: a sidebar is no reason to fail a page.
func (p *pages) rankings(ctx context.Context, l page.Locale, w catalog.Window, kinds ...catalog.Kind) []rankingView {
	found := make([]catalog.Ranking, len(kinds))
	var group sync.WaitGroup
	for i, k := range kinds {
		limit := rankedOthers
		if k == catalog.KindCourse {
			limit = rankedCourses
		}
		group.Go(func() {
			r, err := p.Ranking.Ranking(ctx, catalog.RankingQuery{Kind: k, Window: w, Limit: limit})
			if errors.Is(err, context.Canceled) {
				return
			}
			if err != nil {
				p.ReportMissing(ctx, "ranking of "+k.Plural(), err)
				return
			}
			if r.Degraded {
				httpserver.MarkDegraded(ctx)
			}
			found[i] = r
		})
	}
	group.Wait()
	var views []rankingView
	for i, k := range kinds {
		view := rankingView{Kind: k, Title: l.Text("ranking." + string(k)), Items: found[i].Items}
		if k == catalog.KindCourse {
			view.Windows = windowChoices(l, w)
		}
		// The list of courses stays even when nothing happened today: it holds the way
		// to the other windows.
		if len(view.Items) > 0 || k == catalog.KindCourse && w != catalog.WindowWeek {
			views = append(views, view)
		}
	}
	return views
}

func windowChoices(l page.Locale, current catalog.Window) []page.Choice {
	var list []page.Choice
	for _, w := range catalog.RankingWindows() {
		path := "/?window=" + string(w)
		if w == catalog.WindowWeek {
			path = "/"
		}
		list = append(list, page.Choice{
			Label: l.Text("window." + string(w)), URL: l.Link(path) + "#rankings", Current: w == current,
		})
	}
	return list
}
