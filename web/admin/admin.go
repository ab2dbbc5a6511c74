// Package admin is the pages for admins: what is searched for, trends of courses, and who
// wants to be called back.
package admin

import (
	"context"
	"embed"
	"errors"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/httpserver"
	"github.com/xunke/xunke/searchlog"
	"github.com/xunke/xunke/web/page"
)

const (
	searchesPath = "/admin/searches"
	// maxQueries is how many queries the lists of the page have.
	maxQueries = 20
	// guessFrom is how many of the top queries a guess is chosen from.
	guessFrom = 300
)

// spans are the spans that the page offers, the first being its own choice.
var spans = []string{"7d", "24h", "30d"}

//go:embed templates static
var roomFiles embed.FS

// Ranking answers what is hot. Errors are catalog.Error values.
type Ranking interface {
	Ranking(ctx context.Context, q catalog.RankingQuery) (catalog.Ranking, error)
}

// Deps is what the pages for admins need.
type Deps struct {
	Curator     Curator
	Trends      Trends
	Ranking     Ranking
	Callers     Callers          // nil: nobody calls back
	Queries     Queries          // nil: nothing is known of suggestions
	Proposals   Proposals        // nil: no synonyms are proposed
	CappedViews CappedViews      // nil: nothing is known of views that are not counted
	Now         func() time.Time // nil: time.Now
}

func (d Deps) now() time.Time {
	if d.Now == nil {
		return time.Now()
	}
	return d.Now()
}

// pages are made once.
type pages struct {
	*page.Renderer
	Deps
}

// Curator reads what is searched for and mends what finds nothing. Errors are
// catalog.Error values: CodeInvalid for what cannot be done, CodeUnavailable.
type Curator interface {
	// Report is of whole days (UTC), with at most limit queries in each list.
	Report(ctx context.Context, from, to time.Time, limit int) (searchlog.Report, error)
	// Synonyms are what else a query is searched for.
	Synonyms(query string) []string
	// CountPins is how many items are pinned for each of some queries.
	CountPins(ctx context.Context, queries []string) (map[string]int, error)
	// AddSynonym lets a query and a word stand for one another.
	AddSynonym(ctx context.Context, query, word string) error
	// Pin puts an item before all other hits of a query.
	Pin(ctx context.Context, query string, item catalog.Key) error
}

// Mount adds the pages for admins to a server. One without admins gets none.
func Mount(server *httpserver.Server, r *page.Renderer, deps Deps) error {
	if !server.HasAdmins() {
		return nil
	}
	if err := r.Add(page.Room{Files: roomFiles}); err != nil {
		return err
	}
	p, app := &pages{Renderer: r, Deps: deps}, server.App()
	app.Get(searchesPath, p.Handle(p.forAdmins(p.searches)))
	app.Get(trendsPath, p.Handle(p.forAdmins(p.trends)))
	app.Get("/admin/courses/:id/trend", p.Handle(p.forAdmins(p.trend)))
	app.Post("/admin/synonyms", p.Handle(p.forAdmins(p.addSynonym)))
	if p.Proposals != nil {
		app.Post(dismissedPath, p.Handle(p.forAdmins(p.dismissProposal)))
	}
	app.Post("/admin/pins", p.Handle(p.forAdmins(p.addPin)))
	if p.Queries != nil {
		app.Post(queriesPath, p.Handle(p.forAdmins(p.changeQuery)))
	}
	if p.Callers != nil {
		app.Get(consultationsPath, p.Handle(p.forAdmins(p.calls)))
		app.Post(consultationsPath, p.Handle(p.forAdmins(p.finishCall)))
	}
	return nil
}

// forAdmins lets only admins through to a page, which nobody may keep. Its forms have to
// come from a page of this site.
func (p *pages) forAdmins(h page.Handler) page.Handler {
	return func(ctx context.Context, c *fiber.Ctx, l page.Locale) error {
		c.Set(fiber.HeaderCacheControl, "no-store")
		c.Set("X-Robots-Tag", "noindex, nofollow")
		if err := httpserver.RequireAdmin(c); err != nil {
			return err
		}
		if c.Method() == fiber.MethodPost {
			if err := httpserver.CheckForm(c); err != nil {
				return err
			}
		}
		return h(ctx, c, l)
	}
}

// addSynonym lets a query and a word stand for one another.
func (p *pages) addSynonym(ctx context.Context, c *fiber.Ctx, l page.Locale) error {
	return p.finishChange(ctx, c, l, "synonym", p.Curator.AddSynonym(ctx, httpserver.FormValue(c, "query"), httpserver.FormValue(c, "word")))
}

// addPin puts an item before all other hits of a query.
func (p *pages) addPin(ctx context.Context, c *fiber.Ctx, l page.Locale) error {
	item, err := parseItem(httpserver.FormValue(c, "item"))
	if err == nil {
		err = p.Curator.Pin(ctx, httpserver.FormValue(c, "query"), item)
	}
	return p.finishChange(ctx, c, l, "pin", err)
}

// finishChange goes back to the report with what was done, or says why it could not be.
func (p *pages) finishChange(ctx context.Context, c *fiber.Ctx, l page.Locale, what string, err error) error {
	since := httpserver.FormValue(c, "since")
	if e, ok := errors.AsType[*catalog.Error](err); ok && httpserver.FailureOf(err).Status < fiber.StatusInternalServerError {
		failure := httpserver.Fail(c, err)
		return p.report(ctx, c, l, failure.Status, since, []page.Notice{{Class: "bad", Text: l.Text("admin.not." + what), Strong: reasons(e)}})
	}
	if err != nil {
		return err
	}
	back := url.Values{"since": {since}, "done": {what}}
	return c.Redirect(l.Link(searchesPath+"?"+back.Encode()), fiber.StatusSeeOther)
}

// reasons are what an error says of its fields, or of itself.
func reasons(e *catalog.Error) string {
	parts := make([]string, 0, len(e.Fields))
	for _, f := range e.Fields {
		parts = append(parts, f.Message)
	}
	if len(parts) == 0 {
		return e.Message
	}
	return strings.Join(parts, "; ")
}

// parseItem reads course:42, /courses/42 or the whole address of an item. What stands
// behind a space is its name.
func parseItem(text string) (catalog.Key, error) {
	first, _, _ := strings.Cut(strings.TrimSpace(text), " ")
	if u, err := url.Parse(first); err == nil && strings.Contains(u.Path, "/") {
		first = strings.Replace(strings.Trim(u.Path, "/"), "/", ":", 1)
	}
	kind, number, _ := strings.Cut(first, ":")
	k, err := catalog.ParseKind(kind)
	id, idErr := strconv.ParseInt(number, 10, 64)
	if err != nil || idErr != nil || id < 1 {
		return catalog.Key{}, catalog.Invalidf("item", "%q is not an item such as course:42 or /courses/42", page.ShortText(text))
	}
	return catalog.Key{Kind: k, ID: id}, nil
}
