package widget

import (
	"context"
	"fmt"
	"sync"

	"github.com/gofiber/fiber/v2"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/web/page"
)

// galleryLines is how many lines the widgets of the gallery have.
const galleryLines = 5

// sample is one widget of the gallery: live, and as a line to copy.
type sample struct {
	ID      string // of its heading
	Kind    string // of a ranking, else empty
	Window  catalog.Window
	Course  int64 // of related courses, else 0
	Form    bool  // the form to be called back
	Limit   int
	Snippet string
}

// galleryContent is the page that shows every widget.
type galleryContent struct {
	Base        string
	Script      string // the line that each page needs once
	Policy      string // what a Content-Security-Policy has to allow
	Samples     []sample
	Fragment    widgetView // empty without lines
	FragmentURL string
	SheetLine   string
	Attributes  []option
	Variables   []option
}

// option is an attribute or a variable; a message says what it does.
type option struct{ Name, Values, Message string }

var attributes = []option{
	{"kind", "courses · orgs · teachers", "kind"},
	{"window", "day · week · month · all · rising", "window"},
	{"limit", "1–100 (xunke-related: 1–20)", "limit"},
	{"category, level, city, org-id", "", "filters"},
	{"course", "42", "course"},
	{"lang", "zh · en", "lang"},
	{"theme", "light · dark · auto", "theme"},
	{"heading, heading-level", "", "heading"},
	{"target", "_blank", "target"},
	{"api", "https://…", "api"},
}

var variables = []option{
	{"--xunke-surface, --xunke-line, --xunke-radius, --xunke-padding", "", "card"},
	{"--xunke-ink, --xunke-soft, --xunke-accent, --xunke-top", "", "colours"},
	{"--xunke-faint", "", "faint"},
	{"--xunke-font, --xunke-size", "", "font"},
}

// gallery shows every widget. One that has nothing to show is invisible wherever it
// stands, so rankings of a week without events are shown for all time.
func (p *pages) gallery(ctx context.Context, c *fiber.Ctx, l page.Locale) error {
	base := p.BaseURL(c)
	content := galleryContent{
		Base:       base,
		Script:     fmt.Sprintf(`<script src="%s/%s" async></script>`, base, scriptName),
		Policy:     fmt.Sprintf("script-src %[1]s; connect-src %[1]s", base),
		SheetLine:  fmt.Sprintf(`<link rel="stylesheet" href="%s/%s">`, base, sheetName),
		Attributes: attributes, Variables: variables,
	}
	kinds := catalog.Kinds()
	rankings := make([]catalog.Ranking, len(kinds))
	var group sync.WaitGroup
	for i, k := range kinds {
		group.Go(func() { rankings[i] = p.pickRanking(ctx, k) })
	}
	group.Wait()
	course := int64(1)
	for i, k := range kinds {
		s := sample{ID: k.Plural(), Kind: k.Plural(), Window: rankings[i].Window, Limit: galleryLines}
		s.Snippet = fmt.Sprintf(`<xunke-ranking kind="%s" window="%s" limit="%d"></xunke-ranking>`, s.Kind, s.Window, s.Limit)
		content.Samples = append(content.Samples, s)
		if k == catalog.KindCourse && len(rankings[i].Items) > 0 {
			course = rankings[i].Items[0].ID
		}
	}
	content.Samples = append(content.Samples, sample{
		ID: "related", Course: course, Limit: galleryLines,
		Snippet: fmt.Sprintf(`<xunke-related course="%d" limit="%d"></xunke-related>`, course, galleryLines),
	})
	if p.Consultations != nil {
		content.Samples = append(content.Samples, sample{ID: "consultation", Form: true, Snippet: fmt.Sprintf(`<xunke-consultation course="%d"></xunke-consultation>`, course)})
	}
	content.FragmentURL = fmt.Sprintf("%s/widgets/ranking?kind=courses&window=%s&limit=%d&lang=%s", base, rankings[0].Window, galleryLines, l.Language)
	content.Fragment = rankingWidget(l, base, catalog.KindCourse, rankings[0])
	return p.Render(ctx, c, l, "widgets", fiber.StatusOK, page.Frame{
		Title: l.Text("widgets.title"), Description: l.Text("widgets.about"), Path: "/widgets", Content: content,
	})
}

// pickRanking is the ranking of the week, or of all time where nothing happened.
func (p *pages) pickRanking(ctx context.Context, k catalog.Kind) catalog.Ranking {
	shown := catalog.Ranking{Window: catalog.WindowWeek}
	for _, w := range []catalog.Window{catalog.WindowWeek, catalog.WindowAll} {
		r, err := p.Ranking.Ranking(ctx, catalog.RankingQuery{Kind: k, Window: w, Limit: galleryLines})
		if err != nil {
			p.ReportMissing(ctx, "ranking of "+k.Plural(), err)
			break
		}
		if len(r.Items) > 0 {
			r.Window = w
			return r
		}
	}
	return shown
}
