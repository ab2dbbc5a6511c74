// Package widget brings rankings, related courses and the form to be called back to the
// pages of other sites, as elements that a script draws and as fragments of HTML.
package widget

import (
	"context"
	"embed"
	"fmt"
	"net/url"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/consultations"
	"github.com/xunke/xunke/internal/httpserver"
	"github.com/xunke/xunke/web/page"
)

//go:embed templates static
var roomFiles embed.FS

// Relater finds what is related to a course. Errors are catalog.Error values:
// CodeNotFound, CodeUnavailable.
type Relater interface {
	Related(ctx context.Context, course int64, limit int) (catalog.Related, error)
}

// Ranking answers what is hot; an error means that there is nothing to show.
type Ranking interface {
	Ranking(ctx context.Context, q catalog.RankingQuery) (catalog.Ranking, error)
}

// Courses reads whole courses. A hidden or missing one is an error of CodeNotFound.
type Courses interface {
	Course(ctx context.Context, id int64) (catalog.Course, error)
}

// Consultations takes requests of visitors to be called back.
type Consultations interface {
	// Ask takes a request that comes from an address. Errors: CodeInvalid with every field
	// at fault, CodeTooMany, CodeUnavailable.
	Ask(ctx context.Context, from string, r consultations.Request) error
}

// Deps is what the widgets need.
type Deps struct {
	Ranking Ranking
	Relater Relater
	Courses Courses
	// ParseRanking and ParseRelated turn the parameters of the API into what is asked, so
	// that a fragment and the same API call mean the same. An error of CodeInvalid names
	// the fields.
	ParseRanking func(catalog.Kind, url.Values) (catalog.RankingQuery, error)
	ParseRelated func(url.Values) (id int64, limit int, err error)
	// Consultations takes requests to be called back; nil: there is no form.
	Consultations Consultations
}

// pages are made once.
type pages struct {
	*page.Renderer
	Deps
}

// Mount adds the widgets to a server: their script and style sheet, the fragments,
// the page that shows them all, and the page of the form to be called back.
func Mount(server *httpserver.Server, r *page.Renderer, deps Deps) error {
	script, sheet, err := buildScript()
	if err != nil {
		return fmt.Errorf("build the script of the widgets: %w", err)
	}
	for name, content := range map[string][]byte{scriptName: script, sheetName: sheet} {
		if err := r.AddAsset(name, content); err != nil {
			return err
		}
	}
	if err := r.Add(page.Room{Files: roomFiles}); err != nil {
		return err
	}
	p, app := &pages{Renderer: r, Deps: deps}, server.App()
	app.Get("/"+scriptName, p.ServeStable(scriptName, fileCache))
	app.Get("/"+sheetName, p.ServeStable(sheetName, fileCache))
	app.Get("/widgets", p.Handle(p.gallery))
	app.Get("/widgets/ranking", p.fragment(p.rankingFragment))
	app.Get("/widgets/related", p.fragment(p.relatedFragment))
	if p.Consultations != nil {
		app.Get(ConsultationPath, p.Handle(p.consultation))
		app.Post(ConsultationPath, p.Handle(p.consult))
		app.Get("/widgets/consultation", p.fragment(p.consultationFragment))
	}
	return nil
}
