package admin

import (
	"context"
	"fmt"
	"net/url"
	"slices"

	"github.com/gofiber/fiber/v2"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/httpserver"
	"github.com/xunke/xunke/searchlog"
	"github.com/xunke/xunke/web/page"
)

// maxPositions is how far down the lists the page looks.
const maxPositions = 10

// searchesContent is the page of what is searched for.
type searchesContent struct {
	Notices []page.Notice
	Days    string
	Since   string
	Spans   []page.Choice
	Tiles   []tileView
	Top     []queryView
	Zero    []zeroView
	Help    string // why no synonyms are proposed
	Kinds   []positionsView
	Token   string
	Queries []queryList
	Empty   bool
	Calls   bool // there is a page of who wants to be called back
}

// tileView is one figure.
type tileView struct{ Label, Value, Note string }

// queryView is one of the top queries. Bar is its width in a hundred.
type queryView struct {
	Text, URL                        string
	Searches, Visitors, Hits, Clicks string
	Bar                              int
}

// zeroView is a query that finds nothing, with what would mend it.
type zeroView struct {
	Text, URL, Times, Now string
	Guess                 string
	Synonyms              []string
	Proposals             []proposalView
	Pinned                int
}

// positionsView is how often the hits of a kind are opened, by position.
type positionsView struct {
	Kind catalog.Kind
	Rows []positionView
}

type positionView struct {
	Position            int
	Rate, Clicks, Shown string
	Bar                 int
}

func (p *pages) searches(ctx context.Context, c *fiber.Ctx, l page.Locale) error {
	var notices []page.Notice
	if done := c.Query("done"); slices.Contains([]string{"synonym", "dismiss", "pin", "block", "unblock"}, done) {
		notices = append(notices, page.Notice{Text: l.Text("admin.done." + done)})
	}
	return p.report(ctx, c, l, fiber.StatusOK, c.Query("since"), notices)
}

// report shows what was searched for.
func (p *pages) report(ctx context.Context, c *fiber.Ctx, l page.Locale, status int, since string, notices []page.Notice) error {
	if since == "" {
		since = spans[0]
	}
	now := p.now()
	from, err := searchlog.ParseSince(since, now)
	if err != nil {
		return err
	}
	r, err := p.Curator.Report(ctx, from, now, guessFrom)
	if err != nil {
		return err
	}
	content := searchesContent{
		Notices: notices, Since: since, Token: httpserver.FormToken(c), Empty: r.Totals.Searches == 0, Calls: p.Callers != nil,
		Days: l.Text("admin.days", l.Date(r.From), l.Date(r.To)), Tiles: tiles(l, r), Top: topViews(l, r), Kinds: positionViews(l, r),
	}
	for _, span := range []string{"24h", "7d", "30d"} {
		content.Spans = append(content.Spans, page.Choice{
			Label: l.Text("admin.span." + span), URL: l.Link(searchesPath + "?since=" + span), Current: span == since,
		})
	}
	if content.Zero, content.Help, err = p.zeroViews(ctx, l, r); err != nil {
		return err
	}
	if content.Queries, err = p.queryLists(ctx, l); err != nil {
		return err
	}
	return p.Render(ctx, c, l, "admin", status, page.Frame{
		Title: l.Text("admin.title"), Path: searchesPath + "?since=" + url.QueryEscape(since), NoIndex: true, Content: content,
	})
}

func tiles(l page.Locale, r searchlog.Report) []tileView {
	t := r.Totals
	return []tileView{
		{l.Text("admin.searches"), l.Count(t.Searches), l.Text("admin.nameless", l.Count(r.Nameless))},
		{l.Text("admin.zero_rate"), percent(t.ZeroHitRate()), l.Text("admin.times", l.Count(t.ZeroHits))},
		{l.Text("admin.corrected"), percent(t.CorrectedRate()), l.Text("admin.times", l.Count(t.Corrected))},
		{l.Text("admin.click_rate"), percent(t.ClickRate()), l.Text("admin.times", l.Count(t.Clicked))},
	}
}

func percent(share float64) string { return fmt.Sprintf("%.1f%%", 100*share) }

// bar is the width in a hundred of a part of the longest one; what is there is seen.
func bar(part, most float64) int {
	if part <= 0 || most <= 0 {
		return 0
	}
	return max(1, int(100*part/most+0.5))
}

func topViews(l page.Locale, r searchlog.Report) []queryView {
	var views []queryView
	for _, q := range r.Top[:min(maxQueries, len(r.Top))] {
		views = append(views, queryView{
			Text: q.Query, URL: l.Link("/?q=" + url.QueryEscape(q.Query)), Searches: l.Count(q.Searches), Visitors: l.Count(q.Visitors),
			Hits: lastTotal(l, q), Clicks: percent(q.ClickRate()), Bar: bar(float64(q.Searches), float64(r.Top[0].Searches)),
		})
	}
	return views
}

// lastTotal is how many hits a query had last; a dash if it was never asked without filters.
func lastTotal(l page.Locale, q searchlog.QueryCounts) string {
	if q.LastTotal == nil {
		return "–"
	}
	return l.Count(*q.LastTotal)
}

// zeroViews are the queries that find nothing, each with the nearest one that finds something
// and with what it may mean. help says why there is nothing of the latter.
func (p *pages) zeroViews(ctx context.Context, l page.Locale, r searchlog.Report) (views []zeroView, help string, err error) {
	shown := r.ZeroHits[:min(maxQueries, len(r.ZeroHits))]
	texts := make([]string, len(shown))
	for i, q := range shown {
		texts[i] = q.Query
	}
	pinned, err := p.Curator.CountPins(ctx, texts)
	if err != nil {
		return nil, "", err
	}
	proposals, help := p.proposals(ctx, l, shown)
	var good []string
	for _, q := range r.Top {
		if q.LastTotal != nil && *q.LastTotal > 0 && q.ZeroHits == 0 && q.Corrected == 0 {
			good = append(good, q.Query)
		}
	}
	for _, q := range shown {
		views = append(views, zeroView{
			Text: q.Query, URL: l.Link("/?q=" + url.QueryEscape(q.Query)), Times: l.Text("admin.times", l.Count(q.ZeroHits)),
			Now: lastTotal(l, q), Guess: searchlog.Nearest(q.Query, good),
			Synonyms: p.Curator.Synonyms(q.Query), Pinned: pinned[q.Query], Proposals: proposals[q.Query],
		})
	}
	return views, help, nil
}

// positionViews are the first positions of each kind that was shown, on one scale.
func positionViews(l page.Locale, r searchlog.Report) []positionsView {
	rows := slices.DeleteFunc(slices.Clone(r.Positions), func(p searchlog.PositionCounts) bool { return p.Position > maxPositions })
	most := 0.0
	for _, p := range rows {
		most = max(most, p.Rate())
	}
	var views []positionsView
	for _, k := range catalog.Kinds() {
		v := positionsView{Kind: k}
		for _, p := range rows {
			if p.Kind == k {
				v.Rows = append(v.Rows, positionView{
					Position: p.Position, Rate: percent(p.Rate()), Clicks: l.Count(p.Clicks), Shown: l.Count(p.Shown), Bar: bar(p.Rate(), most),
				})
			}
		}
		if v.Rows != nil {
			views = append(views, v)
		}
	}
	return views
}
