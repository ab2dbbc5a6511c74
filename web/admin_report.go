package web

import (
	"context"
	"fmt"
	"net/url"
	"slices"

	"github.com/gofiber/fiber/v2"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/httpserver"
	"github.com/xunke/xunke/searchlog"
)

// adminPositions is how far down the lists the page looks.
const adminPositions = 10

// adminContent is the page of what is searched for.
type adminContent struct {
	Notices []notice
	Days    string
	Since   string
	Spans   []choice
	Tiles   []tileView
	Top     []queryView
	Zero    []zeroView
	Kinds   []positionsView
	Token   string
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

func (p *pages) adminSearches(ctx context.Context, c *fiber.Ctx, l locale) error {
	var notices []notice
	if done := c.Query("done"); done == "synonym" || done == "pin" {
		notices = append(notices, notice{Text: l.must("admin.done." + done)})
	}
	return p.report(ctx, c, l, fiber.StatusOK, c.Query("since"), notices)
}

// report shows what was searched for.
func (p *pages) report(ctx context.Context, c *fiber.Ctx, l locale, status int, since string, notices []notice) error {
	if since == "" {
		since = adminSpans[0]
	}
	now := p.Admin.now()
	from, err := searchlog.ParseSince(since, now)
	if err != nil {
		return err
	}
	r, err := p.Admin.Curator.Report(ctx, from, now, guessFrom)
	if err != nil {
		return err
	}
	content := adminContent{
		Notices: notices, Since: since, Token: httpserver.FormToken(c), Empty: r.Totals.Searches == 0, Calls: p.Admin.Callers != nil,
		Days: l.must("admin.days", l.date(r.From), l.date(r.To)), Tiles: tiles(l, r), Top: topViews(l, r), Kinds: positionViews(l, r),
	}
	for _, span := range []string{"24h", "7d", "30d"} {
		content.Spans = append(content.Spans, choice{
			Label: l.must("admin.span." + span), URL: l.link(adminPath + "?since=" + span), Current: span == since,
		})
	}
	if content.Zero, err = p.zeroViews(ctx, l, r); err != nil {
		return err
	}
	return p.render(ctx, c, l, "admin", status, frame{
		Title: l.must("admin.title"), Path: adminPath + "?since=" + url.QueryEscape(since), NoIndex: true, Content: content,
	})
}

func tiles(l locale, r searchlog.Report) []tileView {
	t := r.Totals
	return []tileView{
		{l.must("admin.searches"), l.count(t.Searches), l.must("admin.nameless", l.count(r.Nameless))},
		{l.must("admin.zero_rate"), percent(t.ZeroHitRate()), l.must("admin.times", l.count(t.ZeroHits))},
		{l.must("admin.corrected"), percent(t.CorrectedRate()), l.must("admin.times", l.count(t.Corrected))},
		{l.must("admin.click_rate"), percent(t.ClickRate()), l.must("admin.times", l.count(t.Clicked))},
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

func topViews(l locale, r searchlog.Report) []queryView {
	var views []queryView
	for _, q := range r.Top[:min(adminQueries, len(r.Top))] {
		views = append(views, queryView{
			Text: q.Query, URL: l.link("/?q=" + url.QueryEscape(q.Query)), Searches: l.count(q.Searches), Visitors: l.count(q.Visitors),
			Hits: lastTotal(l, q), Clicks: percent(q.ClickRate()), Bar: bar(float64(q.Searches), float64(r.Top[0].Searches)),
		})
	}
	return views
}

// lastTotal is how many hits a query had last; a dash if it was never asked without filters.
func lastTotal(l locale, q searchlog.QueryCounts) string {
	if q.LastTotal == nil {
		return "–"
	}
	return l.count(*q.LastTotal)
}

// zeroViews are the queries that find nothing, each with the nearest one that finds something.
func (p *pages) zeroViews(ctx context.Context, l locale, r searchlog.Report) ([]zeroView, error) {
	shown := r.ZeroHits[:min(adminQueries, len(r.ZeroHits))]
	texts := make([]string, len(shown))
	for i, q := range shown {
		texts[i] = q.Query
	}
	pinned, err := p.Admin.Curator.Pinned(ctx, texts)
	if err != nil {
		return nil, err
	}
	var good []string
	for _, q := range r.Top {
		if q.LastTotal != nil && *q.LastTotal > 0 && q.ZeroHits == 0 && q.Corrected == 0 {
			good = append(good, q.Query)
		}
	}
	var views []zeroView
	for _, q := range shown {
		views = append(views, zeroView{
			Text: q.Query, URL: l.link("/?q=" + url.QueryEscape(q.Query)), Times: l.must("admin.times", l.count(q.ZeroHits)),
			Now: lastTotal(l, q), Guess: searchlog.Nearest(q.Query, good),
			Synonyms: p.Admin.Curator.Synonyms(q.Query), Pinned: pinned[q.Query],
		})
	}
	return views, nil
}

// positionViews are the first positions of each kind that was shown, on one scale.
func positionViews(l locale, r searchlog.Report) []positionsView {
	rows := slices.DeleteFunc(slices.Clone(r.Positions), func(p searchlog.PositionCounts) bool { return p.Position > adminPositions })
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
					Position: p.Position, Rate: percent(p.Rate()), Clicks: l.count(p.Clicks), Shown: l.count(p.Shown), Bar: bar(p.Rate(), most),
				})
			}
		}
		if v.Rows != nil {
			views = append(views, v)
		}
	}
	return views
}
