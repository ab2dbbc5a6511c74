// Package web is the pages: a search page and a page for each course, org and teacher,
// rendered on the server with html/template. Everything works without JavaScript; a few
// small modules of our own add suggestions as you type, a filter sheet and view counts.
// Widgets bring rankings and related courses to the pages of other sites.
package web

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/httpserver"
	"github.com/xunke/xunke/internal/logging"
	"github.com/xunke/xunke/searchlog"
)

// timeout bounds how long a page waits for the servers behind it. A page is shown
// without what did not come in time.
const timeout = 5 * time.Second

// Search answers what visitors ask. Errors are catalog.Error values: CodeInvalid for a
// question that has no answer, CodeUnavailable when the index does not answer.
type Search interface {
	Search(ctx context.Context, q catalog.Query) (catalog.Answer, error)
}

// Relater finds what is related to a course. Errors as those of Search, and CodeNotFound.
type Relater interface {
	Related(ctx context.Context, course int64, limit int) (catalog.Related, error)
}

// Details reads whole items. A hidden or missing one is an error of CodeNotFound.
type Details interface {
	Course(ctx context.Context, id int64) (catalog.Course, error)
	Org(ctx context.Context, id int64) (catalog.Org, error)
	Teacher(ctx context.Context, id int64) (catalog.Teacher, error)
}

// Ranking answers what is hot; an error means that there is nothing to show.
type Ranking interface {
	Ranking(ctx context.Context, q catalog.RankingQuery) (catalog.Ranking, error)
}

// Deps is what the pages need.
type Deps struct {
	Search  Search
	Relater Relater
	Details Details
	Ranking Ranking
	// Parse turns the parameters of the search API into a query, so that a page's link
	// and the same API call mean the same. An error of CodeInvalid names the fields.
	Parse func(url.Values) (catalog.Query, []catalog.Notice, error)
	// ParseRanking and ParseRelated do the same for the fragments of widgets.
	ParseRanking func(catalog.Kind, url.Values) (catalog.RankingQuery, error)
	ParseRelated func(url.Values) (id int64, limit int, err error)
	// Allow has whoever asks pay for a dear search before it is asked; nil: all are free.
	Allow func(c *fiber.Ctx, q catalog.Query) error
	// Searched notes that the page which is being made answers a search; nil: nobody asks.
	Searched func(c *fiber.Ctx, s searchlog.Search)
	// Consultations takes requests to be called back; nil: there is no form.
	Consultations Consultations
	// Admin is for the pages for admins; nil, or a server without admins: there are none.
	Admin *Admin
	// BesideWait is how long a page that is complete otherwise waits for related courses and
	// rankings; 0: 150 ms.
	BesideWait time.Duration
	// PublicURL is how visitors reach the site, without a slash at the end. Empty:
	// canonical and alternate links are relative.
	PublicURL string
	// SecurityContact is the e-mail address, or the URL, that security.txt tells of; empty:
	// there is no such file.
	SecurityContact string
	Log             *slog.Logger
}

// pages holds what is made once: templates in each language and the static files.
type pages struct {
	Deps
	assets    *assets
	templates map[locale]templateSet
	absent    logging.KeyedLimiter
}

// Mount adds the pages and their static files to a server. Requests that no other route
// answers get a page that says so, unless they are for the API.
func Mount(server *httpserver.Server, deps Deps) error {
	p, err := newPages(deps)
	if err != nil {
		return err
	}
	app := server.App()
	app.Use(p.unmatched)
	app.Get(staticPath+"*", p.assets.serve)
	if deps.SecurityContact != "" {
		app.Get(securityPath, p.security)
	}
	app.Get("/", p.page(p.search))
	app.Get("/courses/:id", p.page(p.course))
	app.Get("/orgs/:id", p.page(p.org))
	app.Get("/teachers/:id", p.page(p.teacher))
	p.mountWidgets(app)
	p.mountConsultations(app)
	if server.HasAdmins() {
		p.mountAdmin(app)
	}
	return nil
}

func newPages(deps Deps) (*pages, error) {
	a, err := newAssets()
	if err != nil {
		return nil, fmt.Errorf("load static files: %w", err)
	}
	t, err := parseTemplates(a)
	if err != nil {
		return nil, fmt.Errorf("parse templates: %w", err)
	}
	return &pages{Deps: deps, assets: a, templates: t}, nil
}
