package account_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/xunke/xunke/accounts"
	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/web/webtest"
)

// site is one with accounts. Calls are noted; err is what becomes of those that change something.
type site struct {
	*webtest.Site
	calls []string
	err   error
}

func newSite(t *testing.T) *site {
	t.Helper()
	s := &site{Site: webtest.NewSite()}
	f := webtest.NewLearners()
	f.On = func(call string, values ...string) error {
		switch call {
		case "learner", "profile", "sessions", "export":
			return nil
		}
		s.calls = append(s.calls, strings.Join(append([]string{call}, values...), "|"))
		return s.err
	}
	s.Accounts = f
	s.Start(t)
	return s
}

// did is what was called since it was asked last.
func (s *site) did() string {
	all := strings.Join(s.calls, "; ")
	s.calls = nil
	return all
}

var forms = []struct {
	path, then string
	form       url.Values
	call       string
	isLearner  bool
	typed      []string // comes back where something is wrong
	secrets    []string // never does
}{
	{"/register", "/register?done=sent", url.Values{"email": {"a@b.example"}, "password": {"thirteen lanterns"}, "nickname": {`小"明`}}, `register|a@b.example|thirteen lanterns|小"明|zh`, false, []string{"a@b.example", "小&#34;明"}, []string{"lanterns"}},
	{"/activate", "/login?done=activated", url.Values{"code": {"c0de"}}, "activate|c0de", false, nil, nil},
	{"/login", "/me", url.Values{"email": {"a@b.example"}, "password": {"thirteen lanterns"}}, "log in|a@b.example|thirteen lanterns", false, []string{"a@b.example"}, []string{"lanterns"}},
	{"/login", "/courses/42?x=1", url.Values{"email": {"a@b.example"}, "password": {"x"}, "next": {"/courses/42?x=1"}}, "log in|a@b.example|x", false, []string{"/courses/42?x=1"}, nil},
	{"/recover", "/recover?done=sent", url.Values{"email": {"a@b.example"}}, "recover|a@b.example|zh", false, []string{"a@b.example"}, nil},
	{"/reset", "/login?done=reset", url.Values{"code": {"c0de"}, "password": {"thirteen lanterns"}}, "reset|c0de|thirteen lanterns", false, []string{"c0de"}, []string{"lanterns"}},
	{"/email", "/login?done=email", url.Values{"code": {"c0de"}}, "confirm|c0de", false, nil, nil},
	{"/email", "/me?done=email", url.Values{"code": {"c0de"}}, "confirm|c0de", true, nil, nil},
	{"/me", "/me?done=saved", url.Values{"nickname": {"明"}, "birthday": {"2000-01-02"}, "gender": {"male"}, "city": {"青岛"}, "language": {"en"}}, "change profile|明|2000-01-02|male|青岛|en", true, []string{`value="明"`, `value="2000-01-02"`, `value="male" selected`, `value="青岛"`, `value="en" selected`}, nil},
	{"/me/password", "/me/security?done=password", url.Values{"password": {"present one"}, "new_password": {"thirteen lanterns"}}, "change password|present one|thirteen lanterns", true, nil, []string{"present one", "lanterns"}},
	{"/me/email", "/me/security?done=mailed", url.Values{"email": {"n@b.example"}, "password": {"present one"}}, "ask e-mail|n@b.example|present one", true, []string{"n@b.example"}, []string{"present one"}},
	{"/me/delete", "/login?done=deleted", url.Values{"password": {"present one"}}, "delete|present one", true, nil, []string{"present one"}},
}

// TestForms sends each form, well and in vain.
func TestForms(t *testing.T) {
	s := newSite(t)
	for _, f := range forms {
		headers := []string{"Origin", s.Base}
		if f.isLearner {
			headers = append(headers, "Cookie", webtest.SessionCookie)
		}
		p := s.Post(t, f.path, f.form, headers...)
		if call := s.did(); p.Status != http.StatusSeeOther || p.Header.Get("Location") != f.then || call != f.call {
			t.Errorf("%s: %d to %s after %q", f.path, p.Status, p.Header.Get("Location"), call)
		}
		if got := s.Post(t, f.path, f.form, append(headers, "Sec-Fetch-Site", "same-site")...); got.Status != http.StatusForbidden || s.did() != "" {
			t.Errorf("%s of another site: %d", f.path, got.Status)
		}
		if got := s.Post(t, f.path+"?lang=en", f.form, headers...).Header.Get("Location"); s.did() == "" || !strings.HasSuffix(got, "lang=en") {
			t.Errorf("%s loses the language on its way to %s", f.path, got)
		}
		for field := range f.form {
			if field == "next" {
				continue
			}
			s.err = catalog.Invalidf(field, "is one of a kind")
			p := s.Post(t, f.path, f.form, headers...)
			webtest.Status(t, p, http.StatusBadRequest)
			webtest.Contains(t, p, `aria-invalid="true" aria-describedby="`, `-`+field+`-wrong`, ` autofocus`, `class="form-wrong"`)
			webtest.Contains(t, p, f.typed...)
			webtest.Lacks(t, p, append(f.secrets, "is one of a kind", "account.wrong", `role="alert"`)...)
			if n := strings.Count(p.Body, " autofocus"); n != 1 {
				t.Errorf("%s: %d fields have the focus", f.path, n)
			}
		}
		for text, failure := range map[string]struct {
			err    error
			status int
		}{
			"不匹配": {&catalog.Error{Code: catalog.CodeLogin, Message: "x"}, http.StatusUnauthorized}, "2 分钟后": {catalog.TooMany(90 * time.Second), http.StatusTooManyRequests},
			"没有响应": {catalog.Unavailable("MySQL", nil), http.StatusServiceUnavailable},
		} {
			s.err = failure.err
			p := s.Post(t, f.path, f.form, headers...)
			webtest.Status(t, p, failure.status)
			webtest.Contains(t, p, append(f.typed, text, `role="alert"`)...)
			webtest.Lacks(t, p, f.secrets...)
		}
		s.err, s.calls = nil, nil
	}
}

// TestFieldsSayWhatIsWrong in the language of the page, whichever it is.
func TestFieldsSayWhatIsWrong(t *testing.T) {
	s := newSite(t)
	for _, c := range []struct {
		path string
		err  error
		says string
	}{
		{"/register", &catalog.Error{Code: catalog.CodeConflict, Fields: []catalog.FieldError{{Field: "password"}}}, "太容易猜到"},
		{"/register?lang=en", catalog.Invalidf("password", "x"), "10 to 128 characters"},
		{"/register?lang=zh", catalog.Invalidf("email", "x"), "请填写有效的邮箱"},
		{"/activate?lang=zh", &catalog.Error{Code: catalog.CodeNotFound, Fields: []catalog.FieldError{{Field: "code"}}}, "验证码无效或已过期"},
		{"/me/delete?lang=zh", catalog.Invalidf("password", "x"), "当前密码不对"},
		{"/me/password?lang=en", &catalog.Error{Code: catalog.CodeConflict, Fields: []catalog.FieldError{{Field: "password"}}}, "not the present password"},
		{"/recover?lang=zh", catalog.Invalidf("body", "x"), "表单有误"},
	} {
		s.err = c.err
		webtest.Contains(t, s.Post(t, c.path, url.Values{}, "Cookie", webtest.SessionCookie), c.says)
	}
	s.err = catalog.Invalidf("email", "is the present address")
	webtest.Contains(t, s.Post(t, "/me/email", url.Values{"email": {"learner@school.example"}}, "Cookie", webtest.SessionCookie), "这就是当前的邮箱")
}

// TestPagesOfAccounts: nobody keeps or indexes them, looking at one changes nothing, and what
// is for learners leads others to the log-in and back.
func TestPagesOfAccounts(t *testing.T) {
	s := newSite(t)
	for _, path := range []string{"/register", "/register?done=sent", "/activate", "/login", "/login?done=activated", "/login?done=%22%3E", "/recover", "/recover?done=sent", "/reset", "/email", "/me", "/me?done=saved", "/me/security", "/me/data"} {
		var headers []string
		if strings.HasPrefix(path, "/me") {
			p := s.Get(t, path, "Cookie", "xunke-session=ended")
			want := "/login?next=" + url.QueryEscape(path)
			if strings.HasPrefix(path, "/me?") || path == "/me" {
				want = "/login"
			}
			if p.Status != http.StatusSeeOther || p.Header.Get("Location") != want || !strings.Contains(p.Header.Get("Set-Cookie"), "1970") {
				t.Errorf("%s for others: %d to %s", path, p.Status, p.Header.Get("Location"))
			}
			headers = []string{"Cookie", webtest.SessionCookie}
		}
		for _, l := range []string{"zh", "en"} {
			separator := map[bool]string{true: "&", false: "?"}[strings.Contains(path, "?")]
			p := s.Get(t, path+separator+"lang="+l, headers...)
			webtest.Status(t, p, http.StatusOK)
			webtest.Contains(t, p, `content="noindex`)
			webtest.Lacks(t, p, ">account.", `"account.`, "<b>")
			if p.Header.Get("Cache-Control") != "no-store" || p.Header.Get("Referrer-Policy") != "same-origin" {
				t.Errorf("%s: %s, %s", path, p.Header.Get("Cache-Control"), p.Header.Get("Referrer-Policy"))
			}
		}
	}
	if did := s.did(); did != "" {
		t.Errorf("looking at pages did %s", did)
	}
	webtest.Contains(t, s.Get(t, "/register"), `type="email"`, `autocomplete="username"`, `autocomplete="new-password"`, `autocomplete="nickname"`)
	webtest.Contains(t, s.Get(t, "/login?next=/courses/42"), `autocomplete="current-password"`, `name="next" value="/courses/42"`)
	security := s.Get(t, "/me/security?lang=zh", "Cookie", webtest.SessionCookie)
	webtest.Contains(t, security, `autocomplete="username" value="learner@school.example" hidden`, "Firefox · Linux", "未知设备", `name="id" value="2"`)
	webtest.Lacks(t, security, `name="id" value="1"`)
	for _, path := range []string{"/login", "/register"} {
		if p := s.Get(t, path, "Cookie", webtest.SessionCookie); p.Header.Get("Location") != "/me" {
			t.Errorf("%s leads learners to %q", path, p.Header.Get("Location"))
		}
	}
	for _, next := range []string{"https://evil.example/", "//evil.example", `/\evil.example`, "/%5Cevil.example", "javascript:alert(1)", "/\t/evil.example", "evil", ""} {
		p := s.Post(t, "/login", url.Values{"next": {next}})
		if got := p.Header.Get("Location"); got != "/me" {
			t.Errorf("after %q a log-in leads to %s", next, got)
		}
	}
}

// TestWhatLearnersDo beside forms with fields.
func TestWhatLearnersDo(t *testing.T) {
	s := newSite(t)
	me := []string{"Cookie", webtest.SessionCookie}
	for _, c := range []struct {
		path, id, call, then string
		ends                 bool
	}{
		{"/logout", "", "log out|session", "/login?done=out", true}, {"/me/sessions/end-all", "", "log out everywhere", "/login?done=out_all", true},
		{"/me/sessions/end", "2", "end|2", "/me/security?done=ended", false},
	} {
		p := s.Post(t, c.path, url.Values{"id": {c.id}}, me...)
		if call := s.did(); call != c.call || p.Header.Get("Location") != c.then || strings.Contains(p.Header.Get("Set-Cookie"), "1970") != c.ends {
			t.Errorf("%s does %q and leads to %s", c.path, call, p.Header.Get("Location"))
		}
		if p := s.Post(t, c.path, url.Values{"id": {c.id}}, append(me, "Origin", "https://evil.example")...); p.Status != http.StatusForbidden || s.did() != "" {
			t.Errorf("%s of another site: %d", c.path, p.Status)
		}
	}
	webtest.Contains(t, s.Get(t, "/me/data", me...), `href="/api/v1/me/export" download`)
	if listed := len(accounts.KeptAfterDeletion()); listed != strings.Count(s.Get(t, "/me/data", me...).Body, "<dt>") {
		t.Errorf("the page does not list the %d things that stay after a deletion", listed)
	}
}

// TestHeaderNamesNobody: a page is the same for all who have a session; only the answer to a
// script, which nobody keeps, has a name.
func TestHeaderNamesNobody(t *testing.T) {
	s := newSite(t)
	nobody := s.Get(t, "/courses/42")
	webtest.Contains(t, nobody, `href="/login"`, `href="/register"`)
	webtest.Lacks(t, nobody, "who.", `href="/me"`)
	learner := s.Get(t, "/courses/42", "Cookie", webtest.SessionCookie)
	webtest.Contains(t, learner, `href="/me"`, "/static/who.")
	webtest.Lacks(t, learner, "小明", `href="/login"`)
	if vary := learner.Header.Get("Vary"); !strings.Contains(vary, "Cookie") || !strings.HasPrefix(learner.Header.Get("Cache-Control"), "private") {
		t.Errorf("a page: %s, %s", vary, learner.Header.Get("Cache-Control"))
	}
	name := s.Get(t, "/me/name", "Cookie", webtest.SessionCookie)
	if name.Body != `{"name":"小明 <b>"}`+"\n" || name.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("the name: %s, %s", name.Body, name.Header.Get("Cache-Control"))
	}
	webtest.Status(t, s.Get(t, "/me/name", "Cookie", "xunke-session=ended"), http.StatusNoContent)
	without := webtest.NewSite().Start(t) // a site without accounts
	webtest.Lacks(t, without.Get(t, "/courses/42", "Cookie", webtest.SessionCookie), "/login", "/me")
	webtest.Status(t, without.Get(t, "/login"), http.StatusNotFound)
}
