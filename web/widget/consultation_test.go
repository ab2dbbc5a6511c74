package widget_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/consultations"
	"github.com/xunke/xunke/web/webtest"
)

func TestConsultationPage(t *testing.T) {
	s := webtest.NewSite()
	outcome := error(nil)
	s.Desk.OnAsk = func(_ context.Context, r consultations.Request) error {
		s.Calls <- r
		return outcome
	}
	s.Start(t)
	webtest.Contains(t, s.Get(t, "/courses/42"), `href="/consultations?course=42"`, "咨询这门课")
	p := s.Get(t, "/consultations?course=42")
	webtest.Status(t, p, http.StatusOK)
	webtest.Contains(t, p, `action="/consultations"`, `name="course_id" value="42"`, `href="/courses/`, `name="mobile" type="tel"`, `content="noindex`)
	webtest.Lacks(t, p, `name="course" `)
	webtest.Contains(t, s.Get(t, "/consultations?lang=en"), `action="/consultations?lang=en"`, `name="course" type="text"`, "Call me back")
	webtest.Contains(t, s.Get(t, "/consultations?course=x"), `name="course" type="text"`)

	form := url.Values{"name": {`陈"<b>`}, "mobile": {"13800138000"}, "course_id": {"42"}}
	if res := s.Post(t, "/consultations?lang=en", form); res.Status != http.StatusOK || res.Header.Get("Location") != "" {
		t.Errorf("sent: %d", res.Status)
	}
	if r := <-s.Calls; r != (consultations.Request{Name: `陈"<b>`, Mobile: "13800138000", CourseID: 42}) {
		t.Errorf("asked %+v", r)
	}
	for _, c := range []struct {
		outcome error
		status  int
		wait    string
	}{
		{catalog.Invalidf("mobile", "is not a mobile number"), http.StatusBadRequest, ""},
		{catalog.TooMany(90 * time.Second), http.StatusTooManyRequests, "90"},
		{catalog.Unavailable("MySQL", nil), http.StatusServiceUnavailable, "5"},
	} {
		outcome = c.outcome
		res := s.Post(t, "/consultations", form)
		if <-s.Calls; res.Status != c.status || res.Header.Get("Retry-After") != c.wait {
			t.Errorf("%v: %d, wait %q", c.outcome, res.Status, res.Header.Get("Retry-After"))
		}
	}
}

func TestConsultationFragment(t *testing.T) {
	s := webtest.NewSite()
	s.PublicURL = "https://xunke.example"
	s.Start(t)
	p := s.Get(t, "/widgets/consultation?course=42&lang=en&theme=dark")
	webtest.Contains(t, p, `action="https://xunke.example/consultations?lang=en"`, `name="course_id" value="42"`, `data-theme="dark"`, "Ask about a course")
	webtest.Lacks(t, p, "<script", "<html", " style=")
	for path, field := range map[string]string{"course=x": "course ", "course=-1": "course ", "kind=orgs": "kind ", "theme=pink": "theme "} {
		p := s.Get(t, "/widgets/consultation?"+path)
		if said := p.Header.Get("X-Widget-Error"); p.Status != http.StatusBadRequest || p.Body != "" || !strings.HasPrefix(said, field) {
			t.Errorf("%s: %d %q with %q", path, p.Status, p.Body, said)
		}
	}
}
