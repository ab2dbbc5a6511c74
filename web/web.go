// Package web is the pages of the catalogue: a search page and a page for each course, org
// and teacher, rendered on the server with html/template. Everything works without
// JavaScript; a few small modules of our own add suggestions as you type, a filter sheet
// and view counts. What all pages share is in web/page; the pages for admins and the
// widgets are rooms of their own.
package web

import (
	"context"
	"embed"
	"html/template"
	"net/url"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/httpserver"
	"github.com/xunke/xunke/searchlog"
	"github.com/xunke/xunke/web/page"
)

//go:embed templates
var roomFiles embed.FS

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
	// Allow has whoever asks pay for a dear search before it is asked; nil: all are free.
	Allow func(c *fiber.Ctx, q catalog.Query) error
	// ReportSearch notes that the page which is being made answers a search; nil: nobody asks.
	ReportSearch func(c *fiber.Ctx, s searchlog.Search)
	// OptionalWait is how long a page that is complete otherwise waits for related courses and
	// rankings; 0: 150 ms.
	OptionalWait time.Duration
	// ConsultationPath is the page on which visitors ask to be called back; empty: nobody
	// calls back.
	ConsultationPath string
	// SecurityContact is the e-mail address, or the URL, that security.txt tells of; empty:
	// there is no such file.
	SecurityContact string
}

// pages are made once.
type pages struct {
	*page.Renderer
	Deps
}

// Mount adds the pages of the catalogue to a server.
func Mount(server *httpserver.Server, r *page.Renderer, deps Deps) error {
	if err := r.Add(page.Room{Files: roomFiles, Functions: functions}); err != nil {
		return err
	}
	p, app := &pages{Renderer: r, Deps: deps}, server.App()
	if deps.SecurityContact != "" {
		app.Get(securityPath, p.security)
	}
	app.Get("/", p.Handle(p.search))
	app.Get("/facets", p.Handle(p.facets))
	app.Get("/courses/:id", p.Handle(p.course))
	app.Get("/orgs/:id", p.Handle(p.org))
	app.Get("/teachers/:id", p.Handle(p.teacher))
	return nil
}

// functions are what only the templates of these pages call.
func functions(l page.Locale) template.FuncMap {
	return template.FuncMap{
		"cover":     cover,
		"emblem":    emblem,
		"stars":     stars,
		"highlight": highlight,
		"tagged": func(f, value string) string {
			return question{kind: catalog.KindCourse, lang: l.LinkLanguage()}.toggle(catalog.Facet(f), value).url()
		},
		"more": func(k string, n int) string {
			return page.Tighten(l.Text("results.more."+k, l.Count(int64(n))))
		},
	}
}

// stars draws a rating in whole stars: ★★★★☆.
func stars(r catalog.Rating) string {
	return strings.Repeat("★", r.Stars()) + strings.Repeat("☆", catalog.MaxStars-r.Stars())
}
