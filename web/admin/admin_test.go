package admin_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/searchlog"
	"github.com/xunke/xunke/web/webtest"
)

func TestAdminsAloneSeeTheReport(t *testing.T) {
	s, _ := webtest.NewAdminSite()
	s.Start(t)
	for what, headers := range map[string][]string{
		"nobody":           nil,
		"a wrong password": {"Authorization", webtest.BasicAuth("guess")},
		"no password":      {"Authorization", webtest.BasicAuth("")},
		"another user":     {"Authorization", "Basic " + "eDph"},
		"nonsense":         {"Authorization", "Basic !"},
		"a token":          {"Authorization", "Bearer x"},
	} {
		p := s.Get(t, "/admin/searches", headers...)
		if p.Status != http.StatusUnauthorized || !strings.HasPrefix(p.Header.Get("WWW-Authenticate"), "Basic ") || strings.Contains(p.Body, "python") {
			t.Errorf("%s: %d, %s", what, p.Status, p.Header)
		}
	}
	p := s.Get(t, "/admin/searches?since=30d&lang=en", "Authorization", webtest.BasicAuth(webtest.AdminPassword))
	webtest.Status(t, p, http.StatusOK)
	if p.Header.Get("Cache-Control") != "no-store" || !strings.Contains(p.Header.Get("X-Robots-Tag"), "noindex") {
		t.Errorf("headers %v", p.Header)
	}
	webtest.Contains(t, p, "12,345", "5.0%", "2.0%", "50.0%", "c&#43;&#43; &amp; &lt;b&gt;", "40.0%", `value="python"`, "分子料理", "2 pinned", `content="noindex`)
	webtest.Lacks(t, p, "%!", "ZgotmplZ", "<no value>", webtest.AdminPassword)
	for path, want := range map[string]int{"/admin/searches?since=soon": http.StatusBadRequest, "/admin/synonyms": http.StatusMethodNotAllowed, "/admin": http.StatusNotFound} {
		webtest.Status(t, s.Get(t, path, "Authorization", webtest.BasicAuth(webtest.AdminPassword)), want)
	}
}

// fakeQueries suggests two queries, of which one is blocked.
type fakeQueries struct{ *webtest.Curator }

func (fakeQueries) Suggested(int) []string { return []string{"数据结构", "数据 骗子 & <b>"} }
func (fakeQueries) Blocked(context.Context) ([]searchlog.BlockedQuery, error) {
	key, _, _ := searchlog.Normal("骗子学校")
	return []searchlog.BlockedQuery{{Key: key, Query: "骗子 学校"}}, nil
}
func (f fakeQueries) Block(_ context.Context, query string) error { return f.Change("block " + query) }
func (f fakeQueries) Unblock(_ context.Context, query string) error {
	return f.Change("unblock " + query)
}

// TestSuggestedQueriesAreBlockedByOneClick posts what the buttons of the page post.
func TestSuggestedQueriesAreBlockedByOneClick(t *testing.T) {
	s, f := webtest.NewAdminSite()
	s.Admin.Queries = fakeQueries{f}
	s.Start(t)
	known := []string{"Authorization", webtest.BasicAuth(webtest.AdminPassword)}
	p := s.Get(t, "/admin/searches?lang=en", known...)
	webtest.Contains(t, p, "Suggested to everybody", `value="数据 骗子 &amp; &lt;b&gt;"`, `name="do" value="block"`, `value="骗子 学校"`, `name="do" value="unblock"`)
	token := regexp.MustCompile(`name="token" value="([^"]+)"`).FindStringSubmatch(p.Body)[1]
	own := append(known, "Origin", s.Base)
	for _, do := range []string{"block", "unblock"} {
		form := url.Values{"token": {token}, "since": {"7d"}, "query": {"数据 骗子"}, "do": {do}}
		if res := s.Post(t, "/admin/queries", form, own...); res.Status != http.StatusSeeOther {
			t.Fatalf("%s: %d", do, res.Status)
		}
		if got := <-f.Done; got != do+" 数据 骗子" {
			t.Errorf("done: %s", got)
		}
	}
	for what, form := range map[string]url.Values{
		"another change": {"token": {token}, "query": {"x"}, "do": {"praise"}},
		"no token":       {"query": {"x"}, "do": {"block"}},
	} {
		if res := s.Post(t, "/admin/queries", form, own...); res.Status != http.StatusBadRequest && res.Status != http.StatusForbidden {
			t.Errorf("%s: %d", what, res.Status)
		}
	}
}

// TestWithoutProposals: the report does not depend on them, and says what to do for them.
func TestWithoutProposals(t *testing.T) {
	known := []string{"Authorization", webtest.BasicAuth(webtest.AdminPassword)}
	for fails, says := range map[error]string{searchlog.ErrNoModel: "xunke doctor", catalog.Unavailable("MySQL", nil): "pyhton"} {
		s, f := webtest.NewAdminSite()
		s.Admin.Proposals = webtest.Proposals{Curator: f, Fails: fails}
		s.Start(t)
		p := s.Get(t, "/admin/searches?lang=en", known...)
		webtest.Status(t, p, http.StatusOK)
		webtest.Contains(t, p, says)
		webtest.Lacks(t, p, "proposal")
	}
}

func TestWithoutAPasswordThereAreNoAdmins(t *testing.T) {
	s, _ := webtest.NewAdminSite()
	s.Password = ""
	s.Start(t)
	for _, header := range []string{webtest.BasicAuth(""), webtest.BasicAuth("x")} {
		webtest.Status(t, s.Get(t, "/admin/searches", "Authorization", header), http.StatusNotFound)
	}
	if res := s.Post(t, "/admin/pins", url.Values{}, "Authorization", webtest.BasicAuth("")); res.Status != http.StatusNotFound && res.Status != http.StatusMethodNotAllowed {
		t.Errorf("a form: %d", res.Status)
	}
}

func TestWrongPasswordsHaveToWait(t *testing.T) {
	s, _ := webtest.NewAdminSite()
	var now atomic.Int64 // seconds
	s.Now = func() time.Time { return time.Date(2026, 11, 23, 12, 0, int(now.Load()), 0, time.UTC) }
	s.Start(t)
	for range 10 {
		webtest.Status(t, s.Get(t, "/admin/searches"), http.StatusUnauthorized) // a browser asks without one first
		webtest.Status(t, s.Get(t, "/admin/searches", "Authorization", webtest.BasicAuth("guess")), http.StatusUnauthorized)
	}
	for _, password := range []string{webtest.AdminPassword, "guess"} {
		p := s.Get(t, "/admin/searches?lang=en", "Authorization", webtest.BasicAuth(password))
		if p.Status != http.StatusTooManyRequests || p.Header.Get("Retry-After") != "60" {
			t.Errorf("after ten guesses: %d, wait %q", p.Status, p.Header.Get("Retry-After"))
		}
		webtest.Contains(t, p, "Too many requests")
	}
	now.Store(60) // one more guess is allowed
	webtest.Status(t, s.Get(t, "/admin/searches", "Authorization", webtest.BasicAuth(webtest.AdminPassword)), http.StatusOK)
	webtest.Status(t, s.Get(t, "/admin/searches", "Authorization", webtest.BasicAuth("guess")), http.StatusUnauthorized)
	webtest.Status(t, s.Get(t, "/admin/searches", "Authorization", webtest.BasicAuth(webtest.AdminPassword)), http.StatusTooManyRequests)
	now.Store(660)
	for range 20 { // right passwords are not counted
		webtest.Status(t, s.Get(t, "/admin/searches", "Authorization", webtest.BasicAuth(webtest.AdminPassword)), http.StatusOK)
	}
}

func TestFormsOfAdminsComeFromThePage(t *testing.T) {
	s, f := webtest.NewAdminSite()
	s.Start(t)
	login := webtest.BasicAuth(webtest.AdminPassword)
	p := s.Get(t, "/admin/searches", "Authorization", login)
	token := regexp.MustCompile(`name="token" value="([0-9a-f]{64})"`).FindStringSubmatch(p.Body)
	if token == nil {
		t.Fatal("the page has no token")
	}
	form := func(more ...string) url.Values {
		v := url.Values{"token": {token[1]}, "since": {"7d"}, "query": {"pyhton"}}
		for i := 0; i < len(more); i += 2 {
			v.Set(more[i], more[i+1])
		}
		return v
	}
	for what, attempt := range map[string]struct {
		want    int
		headers []string
	}{
		"another site":      {http.StatusForbidden, []string{"Authorization", login, "Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site"}},
		"a lying origin":    {http.StatusForbidden, []string{"Authorization", login, "Origin", s.Base, "Sec-Fetch-Site", "cross-site"}},
		"a site beside":     {http.StatusForbidden, []string{"Authorization", login, "Origin", "http://127.0.0.1:1"}},
		"no origin":         {http.StatusForbidden, []string{"Authorization", login}},
		"a hidden origin":   {http.StatusForbidden, []string{"Authorization", login, "Origin", "null"}},
		"without the login": {http.StatusUnauthorized, []string{"Origin", s.Base}},
	} {
		if res := s.Post(t, "/admin/synonyms", form("word", "python"), attempt.headers...); res.Status != attempt.want {
			t.Errorf("%s: %d", what, res.Status)
		}
	}
	own := []string{"Authorization", login, "Origin", s.Base, "Sec-Fetch-Site", "same-origin"}
	if res := s.Post(t, "/admin/synonyms", form("word", "python", "token", strings.Repeat("0", 64)), own...); res.Status != http.StatusForbidden {
		t.Errorf("a wrong token: %d", res.Status)
	}
	if len(f.Done) != 0 {
		t.Fatalf("%q was done", <-f.Done)
	}
	for _, good := range []struct {
		path string
		form url.Values
		want string
	}{
		{"/admin/synonyms", form("word", "python"), "pyhton = python"},
		{"/admin/pins", form("item", "course:42"), "pyhton < course:42"},
		{"/admin/pins", form("item", " teacher:7 曾 老师"), "pyhton < teacher:7"},
		{"/admin/pins", form("item", "https://xunke.example/orgs/3?lang=en"), "pyhton < org:3"},
	} {
		res := s.Post(t, good.path, good.form, own...)
		if got := <-f.Done; res.Status != http.StatusSeeOther || got != good.want || !strings.HasPrefix(res.Header.Get("Location"), "/admin/searches?") {
			t.Errorf("%v: %d to %s, done %q", good.form, res.Status, res.Header.Get("Location"), got)
		}
	}
	for _, wrong := range []string{"", "42", "school:1", "course:0", "course:x", "/courses/", "javascript:alert(1)", "//evil/courses/1/2"} {
		if res := s.Post(t, "/admin/pins", form("item", wrong), own...); res.Status != http.StatusBadRequest {
			t.Errorf("item %q: %d", wrong, res.Status)
		}
	}
	if len(f.Done) != 0 {
		t.Errorf("%q was done", <-f.Done)
	}
	for err, want := range map[error]int{
		error(catalog.Invalidf("rule", "one name")): http.StatusBadRequest, catalog.Unavailable("MySQL", errors.New("down")): http.StatusServiceUnavailable,
		errors.New("a mistake"): http.StatusInternalServerError,
	} {
		f.Fails <- err
		if res := s.Post(t, "/admin/synonyms", form("word", "x"), own...); res.Status != want || res.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%v: %d", err, res.Status)
		}
		<-f.Done
	}
}
