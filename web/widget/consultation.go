package widget

import (
	"context"
	"net/url"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/consultations"
	"github.com/xunke/xunke/internal/httpserver"
	"github.com/xunke/xunke/web/page"
)

// ConsultationPath is the page with the form to be called back; ?course= says for which
// course.
const ConsultationPath = "/consultations"

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

// consultation shows the form, for the course in ?course= if there is one.
func (p *pages) consultation(ctx context.Context, c *fiber.Ctx, l page.Locale) error {
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
func (p *pages) consult(ctx context.Context, c *fiber.Ctx, l page.Locale) error {
	form := consultationForm{
		CourseID: courseOf(httpserver.FormValue(c, "course_id")), Name: httpserver.FormValue(c, "name"), Mobile: httpserver.FormValue(c, "mobile"), Course: httpserver.FormValue(c, "course"),
	}
	err := p.Consultations.Ask(ctx, httpserver.WideNetwork(c), consultations.Request{Name: form.Name, Mobile: form.Mobile, CourseID: form.CourseID, Course: form.Course})
	c.Set(fiber.HeaderCacheControl, "no-store")
	if err == nil {
		// The answer to a form that is sent again by a reload: the same consultation is kept once.
		return p.showConsultation(ctx, c, l, fiber.StatusOK, consultationForm{CourseID: form.CourseID, Sent: true, Said: l.Text("consult.thanks")})
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
		form.Said = l.Text("consult.wrong")
	case catalog.CodeTooMany:
		form.Said = l.Text("consult.wait")
	default:
		return err
	}
	return p.showConsultation(ctx, c, l, httpserver.Fail(c, err).Status, form)
}

func (p *pages) showConsultation(ctx context.Context, c *fiber.Ctx, l page.Locale, status int, form consultationForm) error {
	content := consultationContent{Form: form}
	path := ConsultationPath
	if form.CourseID != 0 {
		course, err := p.Courses.Course(ctx, form.CourseID)
		switch {
		case err == nil:
			content.About, content.CourseURL = course.Name, l.Link(catalog.ItemURL(catalog.KindCourse, course.ID))
			path += "?course=" + strconv.FormatInt(form.CourseID, 10)
		case catalog.CodeOf(err) == catalog.CodeNotFound && !form.Sent:
			return err
		default:
			p.ReportMissing(ctx, "course of a consultation", err)
		}
	}
	content.Form.Action, content.Form.Language = l.Link(ConsultationPath), l.Tag()
	return p.Render(ctx, c, l, "consultation", status, page.Frame{
		Title: l.Text("consult.title"), Description: l.Text("consult.about"), Path: path, NoIndex: true, Content: content,
	})
}

// consultationFragment is the form for pages of other sites, which leads to our page.
func (p *pages) consultationFragment(_ context.Context, asked url.Values, base string, l page.Locale) (widgetView, error) {
	course := popParameter(asked, "course")
	form := &consultationForm{Title: l.Text("consult.heading"), Language: l.Tag(), CourseID: courseOf(course)}
	if course != "" && form.CourseID == 0 {
		return widgetView{}, catalog.Invalidf("course", "is not the id of a course")
	}
	for name := range asked {
		return widgetView{}, catalog.Invalidf(page.ShortText(name), "is not a parameter of this widget")
	}
	form.Action = base + page.Locale{Language: l.Language, Explicit: true}.Link(ConsultationPath)
	return widgetView{Language: l.Tag(), Form: form}, nil
}
