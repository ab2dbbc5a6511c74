package web

import (
	"bytes"
	"context"
	"slices"

	"github.com/gofiber/fiber/v2"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/httpserver"
	"github.com/xunke/xunke/web/page"
)

// shownFacets are what a page counts: what is not costly, and the lists that its address opens.
func shownFacets(q catalog.Query) []catalog.Facet {
	if q.Facets == nil {
		return nil
	}
	return slices.DeleteFunc(catalog.Facets(catalog.KindCourse), func(f catalog.Facet) bool {
		return f.IsCostly() && !slices.Contains(q.Facets, f)
	})
}

// facets answers the groups of filters that a page has not counted, as HTML for its script to
// put into their places. Its parameters are those of the page that opens them.
func (p *pages) facets(ctx context.Context, c *fiber.Ctx, l page.Locale) error {
	values := page.SearchParameters(c)
	query, _, err := p.Parse(values)
	if err != nil {
		return err
	}
	if p.Allow != nil {
		if err := p.Allow(c, query); err != nil {
			return err
		}
	}
	r := results{Locale: l, asked: questionOf(values, query, l), query: query}
	kind := r.asked.kind
	if kind == "" {
		kind = catalog.KindCourse
	}
	query.Kinds, query.Page, query.PerPage = []catalog.Kind{kind}, 1, 1
	answer, err := p.Search.Search(ctx, query)
	if err != nil {
		return err
	}
	var body bytes.Buffer
	for _, view := range r.facets(answer) {
		if !slices.Contains(query.Facets, view.Facet) {
			continue
		}
		if err := p.RenderPart(&body, l.Language, "search", "facet", view); err != nil {
			return err
		}
	}
	httpserver.UsePagePolicy(c)
	c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
	c.Set(fiber.HeaderContentLanguage, l.Tag())
	c.Set(fiber.HeaderCacheControl, "private, no-cache")
	c.Set("X-Robots-Tag", "noindex")
	if answer.Degraded {
		httpserver.MarkDegraded(ctx)
	}
	c.Vary(fiber.HeaderAcceptLanguage, fiber.HeaderCookie)
	return c.Send(body.Bytes())
}
