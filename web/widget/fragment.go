package widget

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/httpserver"
	"github.com/xunke/xunke/web/page"
)

const (
	// fragmentTimeout bounds how long a fragment waits for the servers behind it.
	fragmentTimeout = 5 * time.Second
	// fragmentCache lets a shared cache answer for us: rankings move slowly.
	fragmentCache = "public, max-age=60, stale-while-revalidate=300"
	// fragmentError is the header that says why a fragment is empty.
	fragmentError = "X-Widget-Error"
)

// widgetView is what a widget shows. The script draws the same from the API's answer
// (static/widgets/widgets.js); a test holds the two together.
type widgetView struct {
	Name     string // ranking or related
	Title    string
	Theme    string // empty: that of the page around it
	Language string // BCP 47
	Ordered  bool
	Lines    []widgetLine
	degraded bool

	Form *consultationForm // of a consultation; nothing but Language is set beside it
}

type widgetLine struct {
	Rank      int // 0: none
	Name, URL string
	Facts     []string
}

// fragment makes the content of one widget from what a request asks.
type fragment func(ctx context.Context, asked url.Values, base string, l page.Locale) (widgetView, error)

// fragment answers a widget as HTML that servers include in their pages. Whatever is
// wrong, the body is empty: an include shows it to visitors. The status tells caches and
// programs, a header tells developers. Language and theme come from the address alone,
// so that one copy serves everybody.
func (p *pages) fragment(f fragment) fiber.Handler {
	return func(c *fiber.Ctx) error {
		ctx, cancel := context.WithTimeout(c.UserContext(), fragmentTimeout)
		defer cancel()
		httpserver.UsePagePolicy(c)
		httpserver.AllowAnyOrigin(c)
		// A server that includes it asks with its visitor's Accept-Encoding, and puts what it
		// gets into its page.
		httpserver.LeaveUncompressed(c)
		c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
		c.Set("X-Robots-Tag", "noindex")
		view, err := p.widget(ctx, c, f)
		if err != nil {
			return p.answerNothing(c, err)
		}
		c.Set(fiber.HeaderCacheControl, fragmentCache)
		if p.PublicURL == "" {
			c.Set(fiber.HeaderCacheControl, "no-store") // its links are made of whatever Host was sent
		}
		if view.degraded {
			httpserver.MarkDegraded(ctx)
			c.Set(fiber.HeaderCacheControl, "no-cache") // what comes after the trouble is better
		}
		name, content := "widget", any(view)
		if view.Form != nil {
			view.Form.Theme = view.Theme
			name, content = "consultation", view.Form
		} else if len(view.Lines) == 0 {
			return c.Send(nil)
		}
		var body bytes.Buffer
		l, _ := page.ParseLanguage(view.Language)
		if err := p.RenderPart(&body, l, "widgets", name, content); err != nil {
			return p.answerNothing(c, fmt.Errorf("render a widget: %w", err))
		}
		c.Set(fiber.HeaderContentLanguage, view.Language)
		return c.Send(body.Bytes())
	}
}

func (p *pages) widget(ctx context.Context, c *fiber.Ctx, f fragment) (widgetView, error) {
	asked := httpserver.QueryValues(c)
	l := page.Locale{Language: page.Chinese}
	if tag := popParameter(asked, "lang"); tag != "" {
		known, ok := page.ParseLanguage(tag)
		if !ok {
			return widgetView{}, catalog.Invalidf("lang", "is not one of zh, en")
		}
		l.Language = known
	}
	theme := popParameter(asked, "theme")
	switch theme {
	case "", "light", "dark", "auto":
	default:
		return widgetView{}, catalog.Invalidf("theme", "is not one of light, dark, auto")
	}
	view, err := f(ctx, asked, p.BaseURL(c), l)
	view.Theme = theme
	return view, err
}

// popParameter returns a parameter and removes it from those that are left for the widget.
func popParameter(asked url.Values, name string) string {
	v := asked.Get(name)
	asked.Del(name)
	return v
}

// answerNothing answers an error with nothing to show.
func (p *pages) answerNothing(c *fiber.Ctx, err error) error {
	failure := httpserver.Fail(c, err)
	reason := failure.Detail
	if len(failure.Fields) > 0 {
		var each []string
		for _, field := range failure.Fields {
			each = append(each, field.Field+" "+field.Message)
		}
		reason = strings.Join(each, "; ")
	}
	// A header is one line of ASCII, whatever a caller has written.
	reason = strconv.QuoteToASCII(reason)
	c.Set(fragmentError, reason[1:len(reason)-1])
	return c.Send(nil)
}

func (p *pages) rankingFragment(ctx context.Context, asked url.Values, base string, l page.Locale) (widgetView, error) {
	kind, err := catalog.ParseKind(cmp.Or(strings.TrimSpace(popParameter(asked, "kind")), string(catalog.KindCourse)))
	if err != nil {
		return widgetView{}, err
	}
	q, err := p.ParseRanking(kind, asked)
	if err != nil {
		return widgetView{}, err
	}
	r, err := p.Ranking.Ranking(ctx, q)
	if err != nil {
		return widgetView{}, err
	}
	return rankingWidget(l, base, kind, r), nil
}

func rankingWidget(l page.Locale, base string, k catalog.Kind, r catalog.Ranking) widgetView {
	view := widgetView{
		Name: "ranking", Title: l.Text("ranking."+string(k)) + " · " + l.Text("window."+string(r.Window)),
		Language: l.Tag(), Ordered: true, degraded: r.Degraded,
	}
	for _, item := range r.Items {
		view.Lines = append(view.Lines, widgetLine{
			Rank: item.Rank, Name: item.Name, URL: base + item.URL, Facts: facts(l, item.Org, "", item.Students),
		})
	}
	return view
}

func (p *pages) relatedFragment(ctx context.Context, asked url.Values, base string, l page.Locale) (widgetView, error) {
	id, limit, err := p.ParseRelated(asked)
	if err != nil {
		return widgetView{}, err
	}
	related, err := p.Relater.Related(ctx, id, limit)
	if err != nil {
		return widgetView{}, err
	}
	view := widgetView{Name: "related", Title: l.Text("course.related"), Language: l.Tag()}
	for _, h := range related.Hits {
		view.Lines = append(view.Lines, widgetLine{Name: h.Name, URL: base + h.URL, Facts: facts(l, h.Org, h.Level, h.Students)})
	}
	return view, nil
}

// facts are the few words below a name.
func facts(l page.Locale, org *catalog.Ref, level catalog.Level, students int) []string {
	var list []string
	if org != nil && org.Name != "" {
		list = append(list, org.Name)
	}
	if level != "" {
		list = append(list, l.Level(level))
	}
	if students > 0 {
		list = append(list, l.CountOf("students", l.Count(int64(students)), int64(students)))
	}
	return list
}
