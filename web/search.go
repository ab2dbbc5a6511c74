package web

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/httpserver"
	"github.com/xunke/xunke/searchlog"
	"github.com/xunke/xunke/web/page"
)

// sideHits is how many orgs and teachers stand beside the courses.
const sideHits = 5

// search is the one page of /: the home view for who asks nothing, else the results.
func (p *pages) search(ctx context.Context, c *fiber.Ctx, l page.Locale) error {
	values := page.SearchParameters(c)
	if isHome(values) {
		return p.home(ctx, c, l)
	}
	query, notices, err := p.Parse(values)
	if err != nil {
		return err
	}
	if p.Allow != nil {
		if err := p.Allow(c, query); err != nil {
			return err
		}
	}
	asked := questionOf(values, query, l)
	query.Facets = shownFacets(query)
	answer, err := p.Search.Search(ctx, query)
	status := fiber.StatusOK
	r := results{Locale: l, asked: asked, query: query}
	var content searchContent
	switch {
	case err == nil:
		answer.Notices = append(notices, answer.Notices...)
		if answer.SearchID == "" {
			answer.SearchID = httpserver.NewID() // clicks name the search that they come from
		}
		if answer.Degraded {
			httpserver.MarkDegraded(ctx)
		}
		content = r.content(answer)
		p.reportSearch(c, r, answer, content)
		if content.Empty != nil {
			content.Rankings = p.sideRankings(ctx, l, catalog.WindowWeek, catalog.KindCourse)()
		}
	case httpserver.CodeOf(err) == catalog.CodeUnavailable:
		httpserver.MarkDegraded(ctx)
		status = httpserver.Fail(c, err).Status
		content = r.unavailable()
		content.Rankings = p.sideRankings(ctx, l, catalog.WindowWeek, catalog.KindCourse)()
	default:
		return err
	}
	for i := range content.Rankings {
		content.Rankings[i].Title, content.Rankings[i].Windows = l.Text("empty.hot"), nil
	}
	return p.Render(ctx, c, l, "search", status, page.Frame{
		Title:       r.title(),
		Description: l.Text("home.description"),
		Path:        asked.withLanguage("").url(),
		NoIndex:     asked.text != "" || asked.hasFilters() || asked.page > 1 || values.Has("facets"),
		Text:        asked.text,
		Kind:        asked.kind,
		Content:     content,
	})
}

// reportSearch reports a search with what the page shows of its answer.
func (p *pages) reportSearch(c *fiber.Ctx, r results, answer catalog.Answer, content searchContent) {
	s, ok := searchlog.Of(r.query, answer)
	if !ok || p.ReportSearch == nil {
		return
	}
	s.Shown = content.hitCounts()
	s.Narrowed = s.Narrowed || r.asked.kind != "" // one tab of all
	p.ReportSearch(c, s)
}

// questionOf is the question that a page's links start from: what was asked and found
// valid, without what is the default anyway.
func questionOf(values url.Values, q catalog.Query, l page.Locale) question {
	asked := question{text: q.Text, filters: q.Filters, exact: q.Exact, page: q.Page, lang: l.LinkLanguage()}
	if k, err := catalog.ParseKind(values.Get("type")); err == nil {
		asked.kind = k
	}
	if q.Sort != catalog.SortRelevance {
		asked.sort = q.Sort
	}
	if n, err := strconv.Atoi(values.Get("per_page")); err == nil {
		asked.perPage = n
	}
	return asked
}

// searchContent is what the page of results shows.
type searchContent struct {
	All      bool // every kind was asked for
	Text     string
	SearchID string
	Notices  []page.Notice
	Tabs     []page.Choice
	Summary  string
	Sorts    []page.Choice
	Facets   []facetView
	Chips    []chip
	ClearURL string
	Best     *bestView
	Courses  *sectionView[catalog.CourseHit]
	Orgs     *sectionView[catalog.OrgHit]
	Teachers *sectionView[catalog.TeacherHit]
	Near     *nearView
	Paging   *pagingView
	Empty    *emptyView
	Rankings []rankingView
}

// bestView is the org or the teacher whose name is exactly what was typed.
type bestView struct {
	Org     *catalog.OrgHit
	Teacher *catalog.TeacherHit
}

// nearView is what has only some of what was asked for, or says the same in other words. It
// stands apart from what was found.
type nearView struct {
	Hits    []catalog.CourseHit
	LeftOut string // what the first of them lacks, as a sentence
}

// sectionView is the part of one kind.
type sectionView[H any] struct {
	Total string
	Hits  []H
	First int // the position of the first hit, from 1
	More  *page.Choice
}

// emptyView helps who found nothing.
type emptyView struct {
	Title      string
	FiltersURL string
	KindURL    string
}

// results builds the content of a page from an answer.
type results struct {
	page.Locale
	asked question
	query catalog.Query
}

func (r results) title() string {
	switch {
	case r.asked.text != "":
		return r.Text("search.title", r.asked.text)
	case r.asked.kind != "":
		return r.Text("search.browse", strings.ToLower(r.Text("kind."+string(r.asked.kind))))
	default:
		return r.Text("home.title")
	}
}

func (r results) content(a catalog.Answer) searchContent {
	s := searchContent{
		All: r.asked.kind == "", Text: r.asked.text, SearchID: a.SearchID,
		Notices: r.notices(a), Tabs: r.tabs(a), Sorts: r.sorts(),
		Facets: r.facets(a), Chips: r.chips(a), ClearURL: r.asked.withoutFilters().url(),
	}
	total := a.Total()
	s.Summary, s.Near = r.summary(a, total), r.near(a)
	if a.HitCount() == 0 {
		s.Summary = ""
		s.Empty = r.empty(total)
		return s
	}
	if s.All && r.query.Page == 1 {
		s.Best = takeBest(&a, r.asked.text)
	}
	s.Courses = section(r, catalog.KindCourse, a.Courses)
	s.Orgs = section(r, catalog.KindOrg, a.Orgs)
	s.Teachers = section(r, catalog.KindTeacher, a.Teachers)
	s.leaveFirst()
	if !s.All {
		s.Paging = r.paging(total)
	}
	return s
}

// leaveFirst begins the list from which the best match was taken at the second place.
func (s *searchContent) leaveFirst() {
	switch {
	case s.Best == nil:
	case s.Best.Org != nil && s.Orgs != nil:
		s.Orgs.First++
	case s.Best.Teacher != nil && s.Teachers != nil:
		s.Teachers.First++
	}
}

// hitCounts is how many hits of each kind the page shows.
func (s *searchContent) hitCounts() map[catalog.Kind]int {
	n := map[catalog.Kind]int{}
	if s.Courses != nil {
		n[catalog.KindCourse] = len(s.Courses.Hits)
	}
	if s.Orgs != nil {
		n[catalog.KindOrg] = len(s.Orgs.Hits)
	}
	if s.Teachers != nil {
		n[catalog.KindTeacher] = len(s.Teachers.Hits)
	}
	if s.Best != nil && s.Best.Org != nil {
		n[catalog.KindOrg]++
	}
	if s.Best != nil && s.Best.Teacher != nil {
		n[catalog.KindTeacher]++
	}
	return n
}

// unavailable is the page without an answer: the box, the tabs, and what is wrong.
func (r results) unavailable() searchContent {
	return searchContent{
		All: r.asked.kind == "", Text: r.asked.text,
		Tabs: r.tabs(catalog.Answer{}),
		Notices: []page.Notice{{
			Class: "bad", Text: r.Text("notice.unavailable"), LinkText: r.Text("fault.retry"), LinkURL: r.asked.url(),
		}},
		Chips: r.chips(catalog.Answer{}), ClearURL: r.asked.withoutFilters().url(),
	}
}

// section is nil for a kind that has nothing to show.
func section[H any](r results, k catalog.Kind, s *catalog.Section[H]) *sectionView[H] {
	if s == nil || len(s.Hits) == 0 {
		return nil
	}
	v := &sectionView[H]{Total: r.Count(s.Total), Hits: s.Hits, First: (r.query.Page-1)*r.query.PerPage + 1}
	if r.asked.kind == "" && k != catalog.KindCourse {
		v.Hits = v.Hits[:min(sideHits, len(v.Hits))]
	}
	if r.asked.kind == "" && s.Total > int64(len(v.Hits)) {
		v.More = &page.Choice{Label: page.Tighten(r.Text("results.more."+string(k), r.Count(s.Total))), URL: r.asked.withKind(k).url()}
	}
	return v
}

// takeBest takes the org or the teacher that is called what was typed out of its
// section: it goes on top of all, but not past what an admin has pinned before it.
func takeBest(a *catalog.Answer, text string) *bestView {
	if s := a.Orgs; s != nil {
		i := slices.IndexFunc(s.Hits, func(h catalog.OrgHit) bool { return sameName(h.Name, text) })
		if i == 0 || i > 0 && !s.Hits[0].Pinned {
			best := s.Hits[i]
			a.Orgs = without(s, i)
			return &bestView{Org: &best}
		}
	}
	if s := a.Teachers; s != nil {
		i := slices.IndexFunc(s.Hits, func(h catalog.TeacherHit) bool { return sameName(h.Name, text) })
		if i == 0 || i > 0 && !s.Hits[0].Pinned {
			best := s.Hits[i]
			a.Teachers = without(s, i)
			return &bestView{Teacher: &best}
		}
	}
	return nil
}

// without is a section that lacks one hit. The answer itself may be shared by a cache
// and stays as it is.
func without[H any](s *catalog.Section[H], i int) *catalog.Section[H] {
	rest := *s
	rest.Hits = slices.Delete(slices.Clone(s.Hits), i, i+1)
	return &rest
}

func sameName(a, b string) bool {
	fold := func(s string) string { return strings.Join(strings.Fields(s), " ") }
	return b != "" && strings.EqualFold(fold(a), fold(b))
}
