package searchapi

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/httpserver"
	"github.com/xunke/xunke/searchapi/fake"
)

// fakeAuthenticator takes everybody for one role.
type fakeAuthenticator struct {
	role httpserver.Role
	err  error
}

func (f fakeAuthenticator) Authenticate(*fiber.Ctx) (httpserver.Principal, []byte, error) {
	return httpserver.Principal{Role: f.role}, nil, f.err
}

func (fakeAuthenticator) Challenge() string { return "Basic" }

func TestExplanationsAreForAdmins(t *testing.T) {
	const target = "/api/v1/search?q=a&explain=true"
	tooMany := catalog.TooMany(time.Minute)
	for name, tc := range map[string]struct {
		everybody bool
		asks      []httpserver.Authenticator // nil: there are no admins
		want      int
	}{
		"nobody is an admin": {want: http.StatusForbidden},
		"a visitor":          {asks: []httpserver.Authenticator{fakeAuthenticator{}}, want: http.StatusUnauthorized},
		"a learner":          {asks: []httpserver.Authenticator{fakeAuthenticator{role: httpserver.Learner}}, want: http.StatusForbidden},
		"too many guesses":   {asks: []httpserver.Authenticator{fakeAuthenticator{err: tooMany}}, want: http.StatusTooManyRequests},
		"an admin":           {asks: []httpserver.Authenticator{fakeAuthenticator{}, fakeAuthenticator{role: httpserver.Admin}}, want: http.StatusOK},
		"a server for all":   {everybody: true, want: http.StatusOK},
	} {
		t.Run(name, func(t *testing.T) {
			f := &fixture{searcher: fake.Searcher{OnSearch: func(context.Context, catalog.Query) (catalog.Answer, error) {
				return catalog.Answer{}, nil
			}}}
			f.options.Explain, f.authenticators = tc.everybody, tc.asks
			s := f.server(t)
			if a := get(t, s, target); a.status != tc.want {
				t.Errorf("answers %d, want %d: %s", a.status, tc.want, a.body)
			}
			if a := get(t, s, "/api/v1/search?q=a&explain=false"); a.status != http.StatusOK {
				t.Errorf("without an explanation it answers %d", a.status)
			}
		})
	}
}
