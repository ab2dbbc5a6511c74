package admin

import (
	"context"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/consultations"
	"github.com/xunke/xunke/internal/httpserver"
	"github.com/xunke/xunke/web/page"
)

const consultationsPath = "/admin/consultations"

// maxConsultations is how many rows each list of the page has.
const maxConsultations = 100

// Callers are the admins who call visitors back. Errors are catalog.Error values.
type Callers interface {
	// List returns the consultations that wait, oldest first, or those that are done,
	// newest first; total is how many there are.
	List(ctx context.Context, done bool, limit int) (list []consultations.Consultation, total int64, err error)
	// Finish notes that a consultation is done; CodeNotFound.
	Finish(ctx context.Context, id int64, at time.Time) error
}

// callsContent is the page of those who want to be called back.
type callsContent struct {
	Notices []page.Notice
	Waiting []callView
	Done    []callView
	Total   string
	Token   string
}

type callView struct {
	ID                   int64
	Name, Mobile, Called string
	Course, CourseURL    string
	Asked, DoneAt        string
}

func (p *pages) calls(ctx context.Context, c *fiber.Ctx, l page.Locale) error {
	waiting, total, err := p.Callers.List(ctx, false, maxConsultations)
	if err != nil {
		return err
	}
	done, _, err := p.Callers.List(ctx, true, maxConsultations/5)
	if err != nil {
		return err
	}
	content := callsContent{Waiting: callViews(l, waiting), Done: callViews(l, done), Total: l.CountOf("waiting", l.Count(total), total), Token: httpserver.FormToken(c)}
	if c.Query("done") != "" {
		content.Notices = append(content.Notices, page.Notice{Text: l.Text("calls.finished")})
	}
	return p.Render(ctx, c, l, "admin_consultations", fiber.StatusOK, page.Frame{
		Title: l.Text("calls.title"), Path: consultationsPath, NoIndex: true, Content: content,
	})
}

func callViews(l page.Locale, list []consultations.Consultation) []callView {
	views := make([]callView, 0, len(list))
	for _, c := range list {
		v := callView{ID: c.ID, Name: c.Name, Mobile: c.Mobile, Called: spaceDigits(c.Mobile), Course: c.Course, Asked: l.Moment(c.AskedAt)}
		if c.CourseID != 0 {
			v.CourseURL = l.Link(catalog.ItemURL(catalog.KindCourse, c.CourseID))
		}
		if c.DoneAt != nil {
			v.DoneAt = l.Moment(*c.DoneAt)
		}
		views = append(views, v)
	}
	return views
}

// spaceDigits is a number as people read it: 138 0013 8000, and others as they are kept.
func spaceDigits(mobile string) string {
	const home, digits = "+86", 11
	if len(mobile) != len(home)+digits || mobile[:len(home)] != home {
		return mobile
	}
	n := mobile[len(home):]
	return n[:3] + " " + n[3:7] + " " + n[7:]
}

// finishCall notes that somebody was called back.
func (p *pages) finishCall(ctx context.Context, c *fiber.Ctx, l page.Locale) error {
	id, err := strconv.ParseInt(httpserver.FormValue(c, "id"), 10, 64)
	if err != nil {
		return catalog.Invalidf("id", "%q is not an id", page.ShortText(httpserver.FormValue(c, "id")))
	}
	if err := p.Callers.Finish(ctx, id, p.now()); err != nil {
		return err
	}
	return c.Redirect(l.Link(consultationsPath+"?done=1"), fiber.StatusSeeOther)
}
