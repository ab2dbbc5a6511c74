package searchapi

import (
	"slices"

	"github.com/gofiber/fiber/v2"

	"github.com/xunke/xunke/answers"
	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/httpserver"
	"github.com/xunke/xunke/searchlog"
)

// suggestions is the answer of /api/v1/suggest.
type suggestions struct {
	Suggestions []catalog.Suggestion `json:"suggestions"`
}

func (s *Service) search(c *fiber.Ctx, a args) error {
	if err := s.findCursor(a); err != nil {
		return err
	}
	q, err := searchQuery(a)
	if err != nil {
		return err
	}
	if err := s.mayExplain(c, q); err != nil {
		return err
	}
	if err := s.openCursor(&q, a); err != nil {
		return err
	}
	if err := s.AllowSearch(c, q); err != nil {
		return err
	}
	if len(a.notices) == 0 {
		if kept := s.find(c, q); kept != nil {
			return s.answerKept(c, q, kept)
		}
	}
	answer, err := s.searcher.Search(c.UserContext(), q)
	if err != nil {
		return err
	}
	answer.Notices = append(a.notices, answer.Notices...)
	if err := s.finish(c, q, &answer); err != nil {
		return err
	}
	if searched, ok := searchlog.Of(q, answer); ok {
		s.ReportSearch(c, searched)
	}
	return answerJSON(c, answer)
}

// mayExplain refuses explanations to those who are no admins: they are long, and tell how
// to get to the top.
func (s *Service) mayExplain(c *fiber.Ctx, q catalog.Query) error {
	if !q.Explain || s.options.Explain {
		return nil
	}
	if err := httpserver.RequireAdmin(c); err != nil {
		return err
	}
	c.Set(fiber.HeaderCacheControl, "no-store")
	return nil
}

// list answers one kind without a query.
func (s *Service) list(c *fiber.Ctx, k catalog.Kind, a args) error {
	if err := s.findCursor(a); err != nil {
		return err
	}
	q, err := listQuery(k, a)
	if err != nil {
		return err
	}
	if err := s.openCursor(&q, a); err != nil {
		return err
	}
	kept := s.find(c, q)
	if kept == nil {
		answer, err := s.searcher.Search(c.UserContext(), q)
		if err != nil {
			return err
		}
		if kept = s.peek(q); kept == nil { // it is for this one request
			if err := s.finish(c, q, &answer); err != nil {
				return err
			}
			return answerJSON(c, listOf(k, &answer))
		}
	}
	return s.answerList(c, q, k, kept)
}

// listOf is the part of an answer that a list of one kind is.
func listOf(k catalog.Kind, answer *catalog.Answer) any {
	switch k {
	case catalog.KindCourse:
		return listed(answer.Courses, answer.Degraded)
	case catalog.KindOrg:
		return listed(answer.Orgs, answer.Degraded)
	default:
		return listed(answer.Teachers, answer.Degraded)
	}
}

func listed[H any](section *catalog.Section[H], degraded bool) *catalog.Section[H] {
	if section == nil {
		return nil
	}
	list := *section
	list.Degraded = degraded
	return &list
}

func (s *Service) suggest(c *fiber.Ctx, a args) error {
	typed, limit := a.text("q"), int(a.number("limit"))
	switch {
	case typed == "":
		return answerJSON(c, s.suggestionsOf(nil))
	case s.kept == nil:
		found, err := s.searcher.Suggest(c.UserContext(), typed, limit)
		if err != nil {
			return err
		}
		return answerJSON(c, s.suggestionsOf(found))
	}
	kept, err := s.kept.Suggestions(c.UserContext(), typed, limit)
	if err != nil {
		return err
	}
	const name = "suggest"
	form, err := kept.Form(name, func() (answers.Form, error) {
		body, err := httpserver.EncodeJSON(s.suggestionsOf(kept.Lines))
		return answers.Form{Body: body, Tag: httpserver.TagOf(body)}, err
	})
	if err != nil {
		return err
	}
	return s.answerForm(c, kept, name, form)
}

// suggestionsOf are lines with whole links.
func (s *Service) suggestionsOf(lines []catalog.Suggestion) suggestions {
	answer := suggestions{Suggestions: []catalog.Suggestion{}}
	for _, line := range lines {
		line.URL = s.link(line.URL)
		answer.Suggestions = append(answer.Suggestions, line)
	}
	return answer
}

// findCursor is an error of CodeNotFound for a cursor that this server does not know,
// whatever else is asked.
func (s *Service) findCursor(a args) error {
	if !a.given[cursorName] {
		return nil
	}
	return s.cursors.find(a.text(cursorName))
}

// openCursor fills the position of a query from its parameter.
func (s *Service) openCursor(q *catalog.Query, a args) error {
	if !a.given[cursorName] {
		return nil
	}
	position, err := s.cursors.open(*q, a.text(cursorName))
	if err != nil {
		return err
	}
	q.Cursor = position
	return nil
}

// finish completes an answer: what was asked for is there and no list is null, links are
// whole, positions are sealed.
func (s *Service) finish(c *fiber.Ctx, q catalog.Query, answer *catalog.Answer) error {
	if answer.Degraded {
		httpserver.MarkDegraded(c.UserContext())
		c.Set(fiber.HeaderCacheControl, "no-store")
	}
	if answer.SearchID == "" {
		answer.SearchID = httpserver.NewID()
	}
	return s.complete(q, answer)
}

// complete is finish for what is the same for everybody: all but the id.
func (s *Service) complete(q catalog.Query, answer *catalog.Answer) error {
	if answer.Notices == nil {
		answer.Notices = []catalog.Notice{}
	}
	var err error
	if answer.Courses, err = finishSection(s, q, catalog.KindCourse, answer.Courses); err != nil {
		return err
	}
	if answer.Orgs, err = finishSection(s, q, catalog.KindOrg, answer.Orgs); err != nil {
		return err
	}
	if answer.Teachers, err = finishSection(s, q, catalog.KindTeacher, answer.Teachers); err != nil {
		return err
	}
	for _, part := range answer.Parts() {
		for _, h := range slices.Concat(part.Hits, part.Near) {
			s.finishHit(h)
		}
	}
	if answer.Courses != nil {
		for i := range answer.Courses.Hits {
			fillLists(&answer.Courses.Hits[i])
		}
		for i := range answer.Courses.Near {
			fillLists(&answer.Courses.Near[i])
		}
	}
	return nil
}

// finishSection is a copy of a section that may be changed, since the searcher may keep
// its own; nil for a kind that was not asked for.
func finishSection[H any](s *Service, q catalog.Query, k catalog.Kind, found *catalog.Section[H]) (*catalog.Section[H], error) {
	if !slices.Contains(q.Kinds, k) {
		return nil, nil
	}
	section := catalog.Section[H]{}
	if found != nil {
		section = *found
	}
	section.Hits, section.Near = append([]H{}, section.Hits...), slices.Clone(section.Near)
	facets := make(map[catalog.Facet][]catalog.FacetValue, len(section.Facets))
	for f, values := range section.Facets {
		facets[f] = append([]catalog.FacetValue{}, values...)
	}
	section.Facets = facets
	section.NextCursor = nil
	if section.Next != nil && len(q.Kinds) == 1 {
		next, err := s.cursors.seal(q, *section.Next)
		if err != nil {
			return nil, err
		}
		section.NextCursor = &next
	}
	return &section, nil
}

// courseHits is a copy of hits with whole links and without null lists.
func (s *Service) courseHits(hits []catalog.CourseHit) []catalog.CourseHit {
	out := append([]catalog.CourseHit{}, hits...)
	for i := range out {
		s.finishCourse(&out[i])
	}
	return out
}

func (s *Service) finishCourse(h *catalog.CourseHit) {
	s.finishHit(&h.Hit)
	fillLists(h)
}

// fillLists has no list of a course be null.
func fillLists(h *catalog.CourseHit) {
	if h.Teachers == nil {
		h.Teachers = []catalog.Ref{}
	}
	if h.Tags == nil {
		h.Tags = []string{}
	}
}

func (s *Service) finishHit(h *catalog.Hit) {
	h.URL = s.link(h.URL)
	if h.Highlight == nil {
		h.Highlight = map[string][]string{}
	}
}

// link makes a path a link that works from any site, where it is known how this one is
// reached.
func (s *Service) link(path string) string {
	if len(path) == 0 || path[0] != '/' {
		return path
	}
	return s.options.PublicURL + path
}
