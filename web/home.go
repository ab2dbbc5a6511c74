package web

import (
	"context"
	"net/url"
	"slices"
	"sync"

	"github.com/gofiber/fiber/v2"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/httpserver"
	"github.com/xunke/xunke/web/page"
)

const (
	homeCourses    = 9
	homePeople     = 6 // orgs, and as many teachers
	homeCategories = 14
)

// homeContent is the page of a visitor who has not asked anything yet.
type homeContent struct {
	Notices    []page.Notice
	Counts     string
	Categories []page.Choice
	Courses    []catalog.CourseHit
	Orgs       []catalog.OrgHit
	Teachers   []catalog.TeacherHit
	More       map[string]string // all of a kind
	Rankings   []rankingView
}

// home shows what there is: subjects, the newest courses, orgs, teachers, and what is
// hot. What a server cannot answer is left out, with a notice.
func (p *pages) home(ctx context.Context, c *fiber.Ctx, l page.Locale) error {
	window, err := windowOf(c)
	if err != nil {
		return err
	}
	var (
		all, newest       catalog.Answer
		allErr, newestErr error
		group             sync.WaitGroup
	)
	rankings := p.sideRankings(ctx, l, window, catalog.Kinds()...)
	group.Go(func() {
		all, allErr = p.Search.Search(ctx, catalog.Query{
			Kinds: catalog.Kinds(), Sort: catalog.SortHot, Page: 1, PerPage: homePeople,
			Facets: []catalog.Facet{catalog.FacetCategory},
		})
	})
	group.Go(func() {
		newest, newestErr = p.Search.Search(ctx, catalog.Query{
			Kinds: []catalog.Kind{catalog.KindCourse}, Sort: catalog.SortNewest, Page: 1, PerPage: homeCourses,
			Facets: []catalog.Facet{},
		})
	})
	group.Wait()

	content := homeContent{Rankings: rankings(), More: map[string]string{}}
	for _, k := range catalog.Kinds() {
		content.More[string(k)] = question{kind: k, lang: l.LinkLanguage()}.url()
	}
	status := fiber.StatusOK
	for _, err := range []error{allErr, newestErr} {
		if err == nil {
			continue
		}
		if httpserver.CodeOf(err) != catalog.CodeUnavailable {
			return err
		}
		httpserver.MarkDegraded(ctx)
		status = httpserver.Fail(c, err).Status
		content.Notices = []page.Notice{{Class: "bad", Text: l.Text("notice.unavailable")}}
	}
	if status == fiber.StatusOK {
		content.fill(l, all, newest)
	}
	if all.Degraded || newest.Degraded {
		httpserver.MarkDegraded(ctx)
	}
	return p.Render(ctx, c, l, "home", status, page.Frame{
		Title: l.Text("home.title"), Description: l.Text("home.description"), Path: "/", Content: content,
	})
}

func (h *homeContent) fill(l page.Locale, all, newest catalog.Answer) {
	if all.Degraded || newest.Degraded {
		h.Notices = append(h.Notices, page.Notice{Text: l.Text("notice.partial")})
	}
	var totals [3]int64
	if s := all.Courses; s != nil {
		totals[0] = s.Total
		q := question{kind: catalog.KindCourse, lang: l.LinkLanguage()}
		for _, v := range s.Facets[catalog.FacetCategory][:min(homeCategories, len(s.Facets[catalog.FacetCategory]))] {
			h.Categories = append(h.Categories, page.Choice{
				Label: facetLabel(l, catalog.FacetCategory, v), Count: l.Count(v.Count), URL: q.toggle(catalog.FacetCategory, v.Value).url(),
			})
		}
	}
	if s := all.Orgs; s != nil {
		totals[1], h.Orgs = s.Total, s.Hits
	}
	if s := all.Teachers; s != nil {
		totals[2], h.Teachers = s.Total, s.Hits
	}
	if s := newest.Courses; s != nil {
		h.Courses = s.Hits
	}
	h.Counts = page.Tighten(l.Text("home.counts", l.Count(totals[0]), l.Count(totals[1]), l.Count(totals[2])))
}

// isHome says whether an address asks nothing.
func isHome(values url.Values) bool {
	for _, list := range values {
		for _, v := range list {
			if v != "" {
				return false
			}
		}
	}
	return true
}

// windowOf is the window of the rankings on the home page, a week unless told otherwise.
func windowOf(c *fiber.Ctx) (catalog.Window, error) {
	asked := catalog.Window(c.Query("window", string(catalog.WindowWeek)))
	if i := slices.Index(catalog.RankingWindows(), asked); i >= 0 {
		return catalog.RankingWindows()[i], nil
	}
	return "", catalog.Invalidf("window", "is not one of day, week, month, all, rising")
}
