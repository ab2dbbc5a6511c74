package searchapi

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/xunke/xunke/accounts"
	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/httpserver"
)

const logInBody = `{"email":"a@b.example","password":"thirteen lanterns drift"}`

// TestCookiesOfSessions: over TLS the name that only this host can set; without TLS, where
// somebody develops, one that browsers take. Always out of reach of scripts and other sites.
func TestCookiesOfSessions(t *testing.T) {
	for url, want := range map[string]string{
		"https://school.example": "__Host-xunke-session=session; expires=%; path=/; HttpOnly; secure; SameSite=Lax",
		"http://127.0.0.1:8080":  "xunke-session=session; expires=%; path=/; HttpOnly; SameSite=Lax",
	} {
		server, err := httpserver.New(httpserver.Config{PublicURL: url, Secret: "x", Log: slog.New(slog.DiscardHandler), Metrics: httpserver.NewRegistry("test")})
		if err != nil {
			t.Fatal(err)
		}
		full := fullFixture()
		s, err := Mount(server, Deps{
			Searcher: full.searcher, Relater: full.relater, Details: full.details, Ranker: full.ranker, Events: full.events, Learners: full.learners(), Log: slog.New(slog.DiscardHandler),
		}, Options{PublicURL: url})
		if err != nil {
			t.Fatal(err)
		}
		a := post(t, s, "/api/v1/auth/login", jsonType, logInBody)
		before, after, _ := strings.Cut(want, "%")
		if got := a.header.Get("Set-Cookie"); a.status != http.StatusOK || !strings.HasPrefix(got, before) || !strings.HasSuffix(got, after) || a.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d %q", url, a.status, got)
		}
		if strings.Contains(a.body, `"session"`) {
			t.Errorf("the session is in the body: %s", a.body)
		}
		out := post(t, s, "/api/v1/auth/logout", jsonType, "")
		if got := out.header.Get("Set-Cookie"); out.status != http.StatusNoContent || !strings.Contains(got, "expires=Thu, 01 Jan 1970") {
			t.Errorf("%s: %d %q", url, out.status, got)
		}
	}
}

// TestOtherSitesCannotAct: a browser that a page of another site has send a request is
// refused at each call that changes something and that is not open to all origins.
func TestOtherSitesCannotAct(t *testing.T) {
	s := fullFixture().server(t)
	walked := 0
	for _, o := range s.operations() {
		if isSafe(o.method) || o.open {
			continue
		}
		walked++
		for name, headers := range map[string]map[string]string{
			"cross-site": {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}, "same-site": {"Sec-Fetch-Site": "same-site"},
			"an old browser": {"Origin": "https://evil.example"}, "a sandbox": {"Origin": "null"},
		} {
			r := httptest.NewRequest(o.method, pathTo(o.path), strings.NewReader(logInBody))
			r.Header.Set("Content-Type", jsonType)
			r.Header.Set("Cookie", "xunke-session=session")
			for k, v := range headers {
				r.Header.Set(k, v)
			}
			a := do(t, s, r)
			if p := a.problem(t, http.StatusForbidden); !strings.HasSuffix(p.Type, "#problem-cross-site") || a.header.Get("Set-Cookie") != "" {
				t.Errorf("%s, %s: %+v", o.path, name, p)
			}
		}
	}
	if walked < 9 {
		t.Errorf("only %d calls were walked", walked)
	}
	for _, headers := range []map[string]string{{}, {"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}, {"Origin": "http://example.com"}} {
		r := httptest.NewRequest(http.MethodPost, "/api/v1/auth/login", strings.NewReader(logInBody))
		r.Header.Set("Content-Type", jsonType)
		for k, v := range headers {
			r.Header.Set(k, v)
		}
		if a := do(t, s, r); a.status != http.StatusOK {
			t.Errorf("%v: %d %s", headers, a.status, a.body)
		}
	}
}

// TestAccountsThatCannotBeServed: each failure is a problem with its status, and neither
// answer nor log repeats what was typed.
func TestAccountsThatCannotBeServed(t *testing.T) {
	for status, err := range map[int]error{
		http.StatusUnauthorized:       &catalog.Error{Code: catalog.CodeLogin, Message: "they do not go together"},
		http.StatusTooManyRequests:    &catalog.Error{Code: catalog.CodeTooMany, Message: "too often", Wait: time.Minute},
		http.StatusServiceUnavailable: &catalog.Error{Code: catalog.CodeUnavailable, Message: "too many log in", Wait: 2 * time.Second},
		http.StatusBadRequest:         catalog.Invalidf("email", "is not an address"),
	} {
		f := fullFixture()
		f.accounts.err = err
		s := f.server(t)
		a := post(t, s, "/api/v1/auth/login", jsonType, logInBody)
		a.problem(t, status)
		if retry := a.header.Get("Retry-After"); (retry != "") != (status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable) {
			t.Errorf("%d: Retry-After %q", status, retry)
		}
		for _, secret := range []string{"lanterns", "b.example"} {
			if strings.Contains(a.body+f.log.String(), secret) {
				t.Errorf("%d: %s is repeated: %s\n%s", status, secret, a.body, f.log.String())
			}
		}
	}
	s := fullFixture().server(t)
	for body, field := range map[string]string{
		``: "body", `{"email":1,"password":"x"}`: "email", `{"email":"a@b.example","password":"x","id":1}`: "id", `[]`: "body", `{"email":null}`: "email",
	} {
		if p := post(t, s, "/api/v1/auth/login", jsonType, body).problem(t, http.StatusBadRequest); fields(p) != field {
			t.Errorf("%q: %s, want %s", body, fields(p), field)
		}
	}
	post(t, new(fixture).server(t), "/api/v1/auth/login", jsonType, logInBody).problem(t, http.StatusNotFound) // without accounts there is no such call
}

// TestFormsAreDescribed: what the description allows is what the service takes, and what it
// refuses by its form is not described.
func TestFormsAreDescribed(t *testing.T) {
	email, password := forms["email"], forms["password"]
	is := func(f textForm, s string) bool {
		n := utf8.RuneCountInString(s)
		return n >= f.minLength && n <= f.maxLength && regexp.MustCompile(strings.ReplaceAll(f.pattern, `\u00`, `\x`)).MatchString(s)
	}
	for s, want := range map[string]bool{
		"0@0.A": true, "a@b.cn": true, "Learner+1@mail.school.edu.cn": true, "a.b.c@x-y-z.example": true, strings.Repeat("a", 64) + "@b.example": true,
		"": false, "a@b": false, "a b@c.example": false, "a..b@c.example": false, ".a@c.example": false, "a@-c.example": false, "a@c..example": false,
		"a@b.1": false, "学@b.cn": false, strings.Repeat("a", 65) + "@b.example": false, "a@" + strings.Repeat("b", 64) + ".cn": false,
	} {
		_, why := accounts.ParseEmail(s)
		if got := is(email, s); got != want || got && why != "" {
			t.Errorf("%q is described: %v; refused: %s", s, got, why)
		}
	}
	for s, want := range map[string]bool{
		"thirteen lanterns": true, "春风又绿江南岸明月何时": true, "123456789": false, strings.Repeat("a", 129): false, "thirteen\x00lanterns": false, "thirteen\u0085lanterns": false,
	} {
		if got := is(password, s); got != want {
			t.Errorf("%q is described: %v", s, got)
		}
	}
}
