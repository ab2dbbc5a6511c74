package web

import (
	"context"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/consultations"
	"github.com/xunke/xunke/internal/httpserver"
)

const adminConsultationsPath = "/admin/consultations"

// adminConsultations is how many rows each list of the page has.
const adminConsultations = 100

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
	Notices []notice
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

func (p *pages) adminCalls(ctx context.Context, c *fiber.Ctx, l locale) error {
	waiting, total, err := p.Admin.Callers.List(ctx, false, adminConsultations)
	if err != nil {
		return err
	}
	done, _, err := p.Admin.Callers.List(ctx, true, adminConsultations/5)
	if err != nil {
		return err
	}
	content := callsContent{Waiting: callViews(l, waiting), Done: callViews(l, done), Total: l.counted("waiting", l.count(total), total), Token: httpserver.FormToken(c)}
	if c.Query("done") != "" {
		content.Notices = append(content.Notices, notice{Text: l.must("calls.finished")})
	}
	return p.render(ctx, c, l, "admin_consultations", fiber.StatusOK, frame{
		Title: l.must("calls.title"), Path: adminConsultationsPath, NoIndex: true, Content: content,
	})
}

func callViews(l locale, list []consultations.Consultation) []callView {
	views := make([]callView, 0, len(list))
	for _, c := range list {
		v := callView{ID: c.ID, Name: c.Name, Mobile: c.Mobile, Called: spaced(c.Mobile), Course: c.Course, Asked: l.moment(c.AskedAt)}
		if c.CourseID != 0 {
			v.CourseURL = l.link(catalog.ItemURL(catalog.KindCourse, c.CourseID))
		}
		if c.DoneAt != nil {
			v.DoneAt = l.moment(*c.DoneAt)
		}
		views = append(views, v)
	}
	return views
}

// spaced is a number as people read it: 138 0013 8000, and others as they are kept.
func spaced(mobile string) string {
	const home, digits = "+86", 11
	if len(mobile) != len(home)+digits || mobile[:len(home)] != home {
		return mobile
	}
	n := mobile[len(home):]
	return n[:3] + " " + n[3:7] + " " + n[7:]
}

// finishCall notes that somebody was called back.
func (p *pages) finishCall(ctx context.Context, c *fiber.Ctx, l locale) error {
	id, err := strconv.ParseInt(httpserver.FormValue(c, "id"), 10, 64)
	if err != nil {
		return catalog.Invalidf("id", "%q is not an id", shortText(httpserver.FormValue(c, "id")))
	}
	if err := p.Admin.Callers.Finish(ctx, id, p.Admin.now()); err != nil {
		return err
	}
	return c.Redirect(l.link(adminConsultationsPath+"?done=1"), fiber.StatusSeeOther)
}
