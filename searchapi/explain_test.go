package searchapi

import (
	"context"
	"net/http"
	"testing"

	"github.com/gofiber/fiber/v2"

	"github.com/xunke/xunke/catalog"
)

func TestExplanationsAreForAdmins(t *testing.T) {
	const target = "/api/v1/search?q=a&explain=true"
	for name, tc := range map[string]struct {
		everybody bool
		refuses   func(*fiber.Ctx) int
		want      int
	}{
		"nobody is an admin": {want: http.StatusForbidden},
		"a visitor":          {refuses: func(*fiber.Ctx) int { return http.StatusUnauthorized }, want: http.StatusUnauthorized},
		"too many guesses":   {refuses: func(*fiber.Ctx) int { return http.StatusTooManyRequests }, want: http.StatusTooManyRequests},
		"an admin":           {refuses: func(*fiber.Ctx) int { return 0 }, want: http.StatusOK},
		"a server for all":   {everybody: true, want: http.StatusOK},
	} {
		t.Run(name, func(t *testing.T) {
			f := &fixture{searcher: fakeSearcher{search: func(context.Context, catalog.Query) (catalog.Answer, error) {
				return catalog.Answer{}, nil
			}}}
			f.options.Explain, f.options.RefusesAdmin = tc.everybody, tc.refuses
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
