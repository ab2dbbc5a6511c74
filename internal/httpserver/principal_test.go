package httpserver

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/xunke/xunke/catalog"
)

// fakeAuthenticator knows who sends a header with its name; one who sends "wrong" is refused.
type fakeAuthenticator struct {
	header    string
	principal Principal
	asked     *atomic.Int64
}

func (f fakeAuthenticator) Authenticate(c *fiber.Ctx) (Principal, []byte, error) {
	f.asked.Add(1)
	switch c.Get(f.header) {
	case "":
		return Principal{}, nil, nil
	case "wrong":
		return Principal{}, nil, &catalog.Error{Code: catalog.CodeUnauthorized, Message: "that is wrong"}
	default:
		return f.principal, []byte(f.header), nil
	}
}

func (f fakeAuthenticator) Challenge() string { return f.header + " realm" }

// TestWhoAsks: credentials are looked at when a handler asks for them, once, in turn.
func TestWhoAsks(t *testing.T) {
	asked := new(atomic.Int64)
	f := &fixture{asked: func(c *fiber.Ctx) error {
		switch c.Params("what") {
		case "public":
			return c.SendString("public")
		case "admin":
			if err := RequireAdmin(c); err != nil {
				return err
			}
		}
		p, err := PrincipalOf(c)
		if err != nil {
			return err
		}
		return c.JSON(p)
	}}
	f.config.Authenticators = []Authenticator{
		fakeAuthenticator{"Session", Principal{Role: Learner, ID: 7}, asked},
		fakeAuthenticator{"Password", Principal{Role: Admin}, asked},
	}
	s := f.server(t)
	for _, tc := range []struct {
		path, header, value string
		status              int
		body                string
		asked               int64
	}{
		{"/asked/public", "Session", "wrong", http.StatusOK, "public", 0},
		{"/asked/x", "", "", http.StatusOK, `{"Role":0,"ID":0}`, 2},
		{"/asked/x", "Session", "s", http.StatusOK, `{"Role":1,"ID":7}`, 1},
		{"/asked/x", "Session", "wrong", http.StatusUnauthorized, "that is wrong", 1},
		{"/asked/admin", "", "", http.StatusUnauthorized, "for admins", 2},
		{"/asked/admin", "Session", "s", http.StatusForbidden, "for admins", 1},
		{"/asked/admin", "Password", "wrong", http.StatusUnauthorized, "that is wrong", 2},
		{"/asked/admin", "Password", "p", http.StatusOK, `{"Role":2,"ID":0}`, 2},
	} {
		asked.Store(0)
		r := httptest.NewRequest(http.MethodGet, tc.path, nil)
		if tc.header != "" {
			r.Header.Set(tc.header, tc.value)
		}
		a := do(t, s, r)
		if a.status != tc.status || !strings.Contains(a.body, tc.body) || asked.Load() != tc.asked {
			t.Errorf("%s with %q: %d %s, authenticators asked %d times", tc.path, tc.header+" "+tc.value, a.status, a.body, asked.Load())
		}
		if challenged := a.header.Get("WWW-Authenticate") != ""; challenged != (tc.status == http.StatusUnauthorized) {
			t.Errorf("%s with %q: challenge %q", tc.path, tc.header+" "+tc.value, a.header.Get("WWW-Authenticate"))
		}
	}
	get(t, (&fixture{asked: RequireAdmin}).server(t), "/asked/admin").problem(t, http.StatusForbidden)
}

// countingLimit allows most guesses in all.
type countingLimit struct{ most, taken int }

func (l *countingLimit) Take(_ context.Context, who string) time.Duration {
	wait := l.Wait(context.Background(), who)
	if wait == 0 {
		l.taken++
	}
	return wait
}

func (l *countingLimit) Wait(_ context.Context, who string) time.Duration {
	if who != "0.0.0.0/24" || l.taken >= l.most {
		return time.Minute
	}
	return 0
}

func TestAdminPassword(t *testing.T) {
	limit := &countingLimit{most: 2}
	f := &fixture{asked: RequireAdmin}
	f.config.Authenticators = []Authenticator{NewAdminPassword("right", GuessLimits{Network: limit})}
	s := f.server(t)
	for _, tc := range []struct {
		user, password string
		status, taken  int
	}{
		{"admin", "right", http.StatusOK, 0},
		{"", "", http.StatusUnauthorized, 0},
		{"admin", "wrong", http.StatusUnauthorized, 1},
		{"admin", "right", http.StatusOK, 1},
		{"root", "right", http.StatusUnauthorized, 2},
		{"admin", "wrong", http.StatusTooManyRequests, 2},
		{"admin", "right", http.StatusTooManyRequests, 2},
	} {
		r := httptest.NewRequest(http.MethodGet, "/asked/x", nil)
		if tc.user != "" {
			r.SetBasicAuth(tc.user, tc.password)
		}
		a := do(t, s, r)
		if a.status != tc.status || limit.taken != tc.taken {
			t.Errorf("%s:%s is answered %d with %d guesses counted, want %d with %d", tc.user, tc.password, a.status, limit.taken, tc.status, tc.taken)
		}
		if wait := a.header.Get("Retry-After"); (wait == "60") != (tc.status == http.StatusTooManyRequests) {
			t.Errorf("%s:%s: Retry-After %q", tc.user, tc.password, wait)
		}
	}
}

// TestFormTokensHoldForTwoDays: the day that they are made on and the next, for the same
// credentials.
func TestFormTokensHoldForTwoDays(t *testing.T) {
	now := time.Date(2026, 11, 23, 23, 59, 0, 0, time.UTC)
	f := &fixture{asked: func(c *fiber.Ctx) error {
		if c.Method() == http.MethodPost {
			return CheckForm(c)
		}
		return c.SendString(FormToken(c))
	}}
	f.config.Now = func() time.Time { return now }
	f.config.PublicURL = "https://xunke.example"
	f.config.Authenticators = []Authenticator{
		fakeAuthenticator{"Session", Principal{Role: Learner, ID: 7}, new(atomic.Int64)},
		fakeAuthenticator{"Password", Principal{Role: Admin}, new(atomic.Int64)},
	}
	s := f.server(t)
	r := httptest.NewRequest(http.MethodGet, "/asked/form", nil)
	r.Header.Set("Session", "s")
	token := do(t, s, r).body
	if len(token) != 64 {
		t.Fatalf("token %q", token)
	}
	if none := get(t, s, "/asked/form").body; none != "" {
		t.Errorf("nobody has the token %q", none)
	}
	post := func(credentials, origin, token string) int {
		t.Helper()
		r := httptest.NewRequest(http.MethodPost, "/asked/form", strings.NewReader("token="+token))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", origin)
		if credentials != "" {
			r.Header.Set(credentials, "s")
		}
		return do(t, s, r).status
	}
	for what, tc := range map[string]struct {
		credentials, origin, token string
		later                      time.Duration
		want                       int
	}{
		"at once":             {"Session", "http://example.com", token, 0, http.StatusOK},
		"from the public URL": {"Session", "https://xunke.example", token, 0, http.StatusOK},
		"the next day":        {"Session", "http://example.com", token, 24 * time.Hour, http.StatusOK},
		"the day after that":  {"Session", "http://example.com", token, 25 * time.Hour, http.StatusForbidden},
		"another site":        {"Session", "https://other.example", token, 0, http.StatusForbidden},
		"no token":            {"Session", "http://example.com", "", 0, http.StatusForbidden},
		"somebody else":       {"Password", "http://example.com", token, 0, http.StatusForbidden},
		"nobody":              {"", "http://example.com", "", 0, http.StatusForbidden},
	} {
		began := now
		now = now.Add(tc.later)
		if got := post(tc.credentials, tc.origin, tc.token); got != tc.want {
			t.Errorf("%s: %d, want %d", what, got, tc.want)
		}
		now = began
	}
}
