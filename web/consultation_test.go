package web_test

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/consultations"
)

func TestConsultationPage(t *testing.T) {
	s := newSite()
	outcome := error(nil)
	s.desk.ask = func(_ context.Context, r consultations.Request) error {
		s.calls <- r
		return outcome
	}
	s.start(t)
	contains(t, s.get(t, "/courses/42"), `href="/consultations?course=42"`, "咨询这门课")
	p := s.get(t, "/consultations?course=42")
	status(t, p, http.StatusOK)
	contains(t, p, `action="/consultations"`, `name="course_id" value="42"`, `href="/courses/`, `name="mobile" type="tel"`, `content="noindex`)
	lacks(t, p, `name="course" `)
	contains(t, s.get(t, "/consultations?lang=en"), `action="/consultations?lang=en"`, `name="course" type="text"`, "Call me back")
	contains(t, s.get(t, "/consultations?course=x"), `name="course" type="text"`)

	form := url.Values{"name": {`陈"<b>`}, "mobile": {"13800138000"}, "course_id": {"42"}}
	if res := s.post(t, "/consultations?lang=en", form); res.StatusCode != http.StatusOK || res.Header.Get("Location") != "" {
		t.Errorf("sent: %s", res.Status)
	}
	if r := <-s.calls; r != (consultations.Request{Name: `陈"<b>`, Mobile: "13800138000", CourseID: 42}) {
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
		res := s.post(t, "/consultations", form)
		if <-s.calls; res.StatusCode != c.status || res.Header.Get("Retry-After") != c.wait {
			t.Errorf("%v: %s, wait %q", c.outcome, res.Status, res.Header.Get("Retry-After"))
		}
	}
}

func TestConsultationFragment(t *testing.T) {
	s := newSite()
	s.publicURL = "https://xunke.example"
	s.start(t)
	p := s.get(t, "/widgets/consultation?course=42&lang=en&theme=dark")
	contains(t, p, `action="https://xunke.example/consultations?lang=en"`, `name="course_id" value="42"`, `data-theme="dark"`, "Ask about a course")
	lacks(t, p, "<script", "<html", " style=")
	for path, field := range map[string]string{"course=x": "course ", "course=-1": "course ", "kind=orgs": "kind ", "theme=pink": "theme "} {
		p := s.get(t, "/widgets/consultation?"+path)
		if said := p.header.Get("X-Widget-Error"); p.status != http.StatusBadRequest || p.body != "" || !strings.HasPrefix(said, field) {
			t.Errorf("%s: %d %q with %q", path, p.status, p.body, said)
		}
	}
}

// fakeCallers has two consultations; what is finished is sent to done.
type fakeCallers struct{ done chan int64 }

func (f fakeCallers) List(_ context.Context, done bool, _ int) ([]consultations.Consultation, int64, error) {
	at := time.Date(2026, 11, 23, 8, 5, 0, 0, time.UTC)
	if done {
		return []consultations.Consultation{{ID: 1, Name: "Ada", Mobile: "+85251234567", Course: "x", AskedAt: at, DoneAt: &at}}, 1, nil
	}
	return []consultations.Consultation{{ID: 2, Name: "陈<b>", Mobile: "+8613800138000", CourseID: 42, Course: "数据结构", AskedAt: at}}, 1, nil
}

func (f fakeCallers) Finish(_ context.Context, id int64, _ time.Time) error {
	if id != 2 {
		return &catalog.Error{Code: catalog.CodeNotFound, Message: "there is no such consultation"}
	}
	f.done <- id
	return nil
}

func TestAdminsAloneSeeConsultations(t *testing.T) {
	s, _ := adminSite()
	callers := fakeCallers{done: make(chan int64, 1)}
	s.admin.Callers = callers
	s.start(t)
	p := s.get(t, "/admin/consultations")
	status(t, p, http.StatusUnauthorized)
	lacks(t, p, "138")
	login := basic(adminPassword)
	p = s.get(t, "/admin/consultations?lang=en", "Authorization", login)
	status(t, p, http.StatusOK)
	contains(t, p, "陈&lt;b&gt;", `href="tel:&#43;8613800138000"`, "138 0013 8000", `href="/courses/42?lang=en"`, "23 Nov 2026 08:05 UTC", "1 person waits", "&#43;85251234567")
	if p.header.Get("Cache-Control") != "no-store" {
		t.Errorf("may be kept: %q", p.header.Get("Cache-Control"))
	}
	contains(t, s.get(t, "/admin/searches", "Authorization", login), `href="/admin/consultations"`)
	token := regexp.MustCompile(`name="token" value="([0-9a-f]{64})"`).FindStringSubmatch(p.body)
	if token == nil {
		t.Fatal("the page has no token")
	}
	own := []string{"Authorization", login, "Origin", s.base}
	for id, want := range map[string]int{"2": http.StatusSeeOther, "3": http.StatusNotFound, "x": http.StatusBadRequest} {
		if res := s.post(t, "/admin/consultations", url.Values{"token": {token[1]}, "id": {id}}, own...); res.StatusCode != want {
			t.Errorf("%s: %s", id, res.Status)
		}
	}
	if res := s.post(t, "/admin/consultations", url.Values{"id": {"2"}}, own...); res.StatusCode != http.StatusForbidden {
		t.Errorf("without the token: %s", res.Status)
	}
	if id := <-callers.done; id != 2 {
		t.Errorf("%d is done", id)
	}
}
