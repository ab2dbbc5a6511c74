package web

import (
	"context"
	"net/url"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/consultations"
	"github.com/xunke/xunke/internal/httpserver"
)

// Consultations takes requests of visitors to be called back.
type Consultations interface {
	// Ask takes a request that comes from an address. Errors: CodeInvalid with every field
	// at fault, CodeTooMany, CodeUnavailable.
	Ask(ctx context.Context, from string, r consultations.Request) error
}

const consultationPath = "/consultations"

// consultationForm is the form, on our page and as a fragment. The script draws the same.
type consultationForm struct {
	Title    string // empty: the page has one
	Theme    string
	Language string
	Action   string
	CourseID int64
	Name     string
	Mobile   string
	Course   string
	Wrong    map[string]bool // fields that could not be taken
	Said     string
	Sent     bool
}

// consultationContent is the page.
type consultationContent struct {
	Form      consultationForm
	About     string // the course, if it is known
	CourseURL string
}

func (p *pages) mountConsultations(app *fiber.App) {
	if p.Consultations == nil {
		return
	}
	app.Get(consultationPath, p.page(p.consultation))
	app.Post(consultationPath, p.page(p.consult))
	app.Get("/widgets/consultation", p.fragment(p.consultationFragment))
}

// consultation shows the form, for the course in ?course= if there is one.
func (p *pages) consultation(ctx context.Context, c *fiber.Ctx, l locale) error {
	form := consultationForm{CourseID: courseOf(c.Query("course"))}
	return p.showConsultation(ctx, c, l, fiber.StatusOK, form)
}

func courseOf(text string) int64 {
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id < 0 {
		return 0
	}
	return id
}

// consult takes the form. What was typed comes back only to whoever sent it, with the
// fields that are wrong.
func (p *pages) consult(ctx context.Context, c *fiber.Ctx, l locale) error {
	form := consultationForm{
		CourseID: courseOf(httpserver.FormValue(c, "course_id")), Name: httpserver.FormValue(c, "name"), Mobile: httpserver.FormValue(c, "mobile"), Course: httpserver.FormValue(c, "course"),
	}
	err := p.Consultations.Ask(ctx, httpserver.WideNetwork(c), consultations.Request{Name: form.Name, Mobile: form.Mobile, CourseID: form.CourseID, Course: form.Course})
	c.Set(fiber.HeaderCacheControl, "no-store")
	if err == nil {
		// The answer to a form that is sent again by a reload: the same consultation is kept once.
		return p.showConsultation(ctx, c, l, fiber.StatusOK, consultationForm{CourseID: form.CourseID, Sent: true, Said: l.must("consult.thanks")})
	}
	failure := httpserver.FailureOf(err)
	switch failure.Code {
	case catalog.CodeInvalid:
		form.Wrong = map[string]bool{}
		for _, f := range failure.Fields {
			form.Wrong[f.Field] = true
			if f.Field == "course_id" { // it is gone: the visitor says what it was
				form.CourseID, form.Wrong["course"] = 0, true
			}
		}
		form.Said = l.must("consult.wrong")
	case catalog.CodeTooMany:
		form.Said = l.must("consult.wait")
	default:
		return err
	}
	return p.showConsultation(ctx, c, l, httpserver.Fail(c, err).Status, form)
}

func (p *pages) showConsultation(ctx context.Context, c *fiber.Ctx, l locale, status int, form consultationForm) error {
	content := consultationContent{Form: form}
	path := consultationPath
	if form.CourseID != 0 {
		course, err := p.Details.Course(ctx, form.CourseID)
		switch {
		case err == nil:
			content.About, content.CourseURL = course.Name, l.link(catalog.ItemURL(catalog.KindCourse, course.ID))
			path += "?course=" + strconv.FormatInt(form.CourseID, 10)
		case catalog.CodeOf(err) == catalog.CodeNotFound && !form.Sent:
			return err
		default:
			p.missed(ctx, "course of a consultation", err)
		}
	}
	content.Form.Action, content.Form.Language = l.link(consultationPath), l.tag()
	return p.render(ctx, c, l, "consultation", status, frame{
		Title: l.must("consult.title"), Description: l.must("consult.about"), Path: path, NoIndex: true, Content: content,
	})
}

// consultationFragment is the form for pages of other sites, which leads to our page.
func (p *pages) consultationFragment(_ context.Context, asked url.Values, base string, l locale) (widgetView, error) {
	course := popParameter(asked, "course")
	form := &consultationForm{Title: l.must("consult.heading"), Language: l.tag(), CourseID: courseOf(course)}
	if course != "" && form.CourseID == 0 {
		return widgetView{}, catalog.Invalidf("course", "is not the id of a course")
	}
	for name := range asked {
		return widgetView{}, catalog.Invalidf(shortText(name), "is not a parameter of this widget")
	}
	form.Action = base + locale{l.language, true}.link(consultationPath)
	return widgetView{Language: l.tag(), Form: form}, nil
}
