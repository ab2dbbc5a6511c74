package web

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/httpserver"
	"github.com/xunke/xunke/web/page"
)

const (
	relatedCourses = 6
	fewestAlsoTook = 3  // that are worth a list of their own
	ownCourses     = 12 // of an org or a teacher, before "all courses"
	metaRunes      = 150
)

// courseContent is the page of a course. No course is in both lists.
type courseContent struct {
	catalog.Course
	Related    []catalog.RelatedCourse
	AlsoTook   []catalog.RelatedCourse // what its learners also took
	ConsultURL string                  // empty: nobody calls back
}

func (p *pages) course(ctx context.Context, c *fiber.Ctx, l page.Locale) error {
	id, err := page.ItemID(c, catalog.KindCourse)
	if err != nil {
		return err
	}
	var content courseContent
	related := startOptional(ctx, p, "related courses", p.optionalWait(), func(ctx context.Context) catalog.Related {
		related, missed := p.Relater.Related(ctx, id, relatedCourses)
		if missed != nil && !errors.Is(missed, context.Canceled) {
			p.ReportMissing(ctx, "related courses", missed)
		}
		return related
	})
	content.Course, err = p.Details.Course(ctx, id)
	found := related()
	if err != nil {
		return err
	}
	if content.Related = found.Hits; len(found.AlsoTook) >= fewestAlsoTook {
		content.Related, content.AlsoTook = found.Alike, found.AlsoTook
	}
	if p.ConsultationPath != "" {
		content.ConsultURL = l.Link(p.ConsultationPath + "?course=" + strconv.FormatInt(id, 10))
	}
	if content.Degraded || found.Degraded {
		httpserver.MarkDegraded(ctx)
	}
	return p.detail(ctx, c, l, catalog.KindCourse, id, content.Name, first(content.Summary, content.Description), content)
}

// orgContent is the page of an org.
type orgContent struct {
	catalog.Org
	List        []catalog.CourseHit
	People      []catalog.TeacherHit
	CoursesURL  string // all courses of it
	TeachersURL string
	Missing     bool // the index did not answer
}

func (p *pages) org(ctx context.Context, c *fiber.Ctx, l page.Locale) error {
	id, err := page.ItemID(c, catalog.KindOrg)
	if err != nil {
		return err
	}
	own := question{lang: l.LinkLanguage()}.toggle(catalog.FacetOrg, strconv.FormatInt(id, 10))
	content := orgContent{
		CoursesURL: own.withKind(catalog.KindCourse).url(), TeachersURL: own.withKind(catalog.KindTeacher).url(),
	}
	ownList := p.ownItems(ctx, "courses of an org", catalog.Query{
		Kinds: []catalog.Kind{catalog.KindCourse, catalog.KindTeacher}, Filters: own.filters,
		Facets: []catalog.Facet{}, Sort: catalog.SortHot, Page: 1, PerPage: ownCourses,
	})
	content.Org, err = p.Details.Org(ctx, id)
	answer, ok := ownList()
	if err != nil {
		return err
	}
	content.Missing = !ok
	if answer.Degraded {
		httpserver.MarkDegraded(ctx)
	}
	content.List, content.People = answer.Courses.List(), answer.Teachers.List()
	if content.Degraded {
		httpserver.MarkDegraded(ctx)
	}
	return p.detail(ctx, c, l, catalog.KindOrg, id, content.Name, first(content.Slogan, content.Description), content)
}

// teacherContent is the page of a teacher.
type teacherContent struct {
	catalog.Teacher
	List       []catalog.CourseHit
	CoursesURL string
	Missing    bool
}

func (p *pages) teacher(ctx context.Context, c *fiber.Ctx, l page.Locale) error {
	id, err := page.ItemID(c, catalog.KindTeacher)
	if err != nil {
		return err
	}
	own := question{kind: catalog.KindCourse, lang: l.LinkLanguage()}.toggle(catalog.FacetTeacher, strconv.FormatInt(id, 10))
	content := teacherContent{CoursesURL: own.url()}
	ownList := p.ownItems(ctx, "courses of a teacher", catalog.Query{
		Kinds: []catalog.Kind{catalog.KindCourse}, Filters: own.filters, Facets: []catalog.Facet{}, Sort: catalog.SortHot, Page: 1, PerPage: ownCourses,
	})
	content.Teacher, err = p.Details.Teacher(ctx, id)
	answer, ok := ownList()
	if err != nil {
		return err
	}
	content.Missing = !ok
	if answer.Degraded {
		httpserver.MarkDegraded(ctx)
	}
	content.List = answer.Courses.List()
	if content.Degraded {
		httpserver.MarkDegraded(ctx)
	}
	return p.detail(ctx, c, l, catalog.KindTeacher, id, content.Name, first(content.Bio, content.Title), content)
}

// detail renders the page of one item.
func (p *pages) detail(ctx context.Context, c *fiber.Ctx, l page.Locale, k catalog.Kind, id int64, name, about string, content any) error {
	return p.Render(ctx, c, l, string(k), fiber.StatusOK, page.Frame{
		Title:       name + " · " + l.Text("brand"),
		Description: summarise(first(about, name)),
		Path:        catalog.ItemURL(k, id),
		Viewed:      &catalog.Key{Kind: k, ID: id},
		Content:     content,
	})
}

// ownItems begins to search what an org or a teacher has; ok is false where the index does
// not answer.
func (p *pages) ownItems(ctx context.Context, what string, q catalog.Query) (wait func() (answer catalog.Answer, ok bool)) {
	type outcome struct {
		answer catalog.Answer
		ok     bool
	}
	search := startOptional(ctx, p, what, listWait, func(ctx context.Context) outcome {
		answer, err := p.Search.Search(ctx, q)
		if err != nil && !errors.Is(err, context.Canceled) {
			p.ReportMissing(ctx, what, err)
		}
		return outcome{answer, err == nil}
	})
	return func() (catalog.Answer, bool) {
		o := search()
		return o.answer, o.ok
	}
}

// first is the first text that is not blank.
func first(texts ...string) string {
	for _, s := range texts {
		if strings.TrimSpace(s) != "" {
			return s
		}
	}
	return ""
}

// summarise is a text on one line, cut to what search engines show.
func summarise(s string) string {
	runes := []rune(strings.Join(strings.Fields(s), " "))
	if len(runes) <= metaRunes {
		return string(runes)
	}
	return string(runes[:metaRunes-1]) + "…"
}
