package admin_test

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"testing"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/consultations"
	"github.com/xunke/xunke/web/webtest"
)

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
	s, _ := webtest.NewAdminSite()
	callers := fakeCallers{done: make(chan int64, 1)}
	s.Admin.Callers = callers
	s.Start(t)
	p := s.Get(t, "/admin/consultations")
	webtest.Status(t, p, http.StatusUnauthorized)
	webtest.Lacks(t, p, "138")
	login := webtest.BasicAuth(webtest.AdminPassword)
	p = s.Get(t, "/admin/consultations?lang=en", "Authorization", login)
	webtest.Status(t, p, http.StatusOK)
	webtest.Contains(t, p, "陈&lt;b&gt;", `href="tel:&#43;8613800138000"`, "138 0013 8000", `href="/courses/42?lang=en"`, "23 Nov 2026 08:05 UTC", "1 person waits", "&#43;85251234567")
	if p.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("may be kept: %q", p.Header.Get("Cache-Control"))
	}
	webtest.Contains(t, s.Get(t, "/admin/searches", "Authorization", login), `href="/admin/consultations"`)
	token := regexp.MustCompile(`name="token" value="([0-9a-f]{64})"`).FindStringSubmatch(p.Body)
	if token == nil {
		t.Fatal("the page has no token")
	}
	own := []string{"Authorization", login, "Origin", s.Base}
	for id, want := range map[string]int{"2": http.StatusSeeOther, "3": http.StatusNotFound, "x": http.StatusBadRequest} {
		if res := s.Post(t, "/admin/consultations", url.Values{"token": {token[1]}, "id": {id}}, own...); res.Status != want {
			t.Errorf("%s: %d", id, res.Status)
		}
	}
	if res := s.Post(t, "/admin/consultations", url.Values{"id": {"2"}}, own...); res.Status != http.StatusForbidden {
		t.Errorf("without the token: %d", res.Status)
	}
	if id := <-callers.done; id != 2 {
		t.Errorf("%d is done", id)
	}
}
