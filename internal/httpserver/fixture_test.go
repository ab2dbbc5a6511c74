package httpserver

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	// fasthttp keeps one goroutine that tells the time to all servers of a process, and
	// one for each server that ends up to ten seconds after it.
	goleak.VerifyTestMain(m,
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"),
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*workerPool).Start.func2"))
}

// fixture is a server with one route, /asked/:what, and what it logs.
type fixture struct {
	config Config
	asked  fiber.Handler // nil: it answers "answer"
	log    strings.Builder
}

func (f *fixture) server(t testing.TB) *Server {
	t.Helper()
	f.config.Secret = "a secret of the tests"
	f.config.Log = slog.New(slog.NewTextHandler(&f.log, nil))
	f.config.Metrics = NewRegistry("test")
	s, err := New(f.config)
	if err != nil {
		t.Fatal(err)
	}
	if f.asked == nil {
		f.asked = func(c *fiber.Ctx) error { return c.SendString("answer") }
	}
	s.App().Get("/asked/:what", f.asked)
	s.App().Post("/asked/:what", f.asked)
	s.App().Get("/metrics", s.Exposition())
	return s
}

// failing is a fixture whose route fails.
func failing(err error) *fixture {
	return &fixture{asked: func(*fiber.Ctx) error { return err }}
}

// answer is what came back, read whole.
type answer struct {
	status int
	header http.Header
	body   string
}

// problem checks that the answer is a whole problem document and returns it.
func (a answer) problem(t testing.TB, status int) Problem {
	t.Helper()
	var p Problem
	if a.status != status || a.header.Get("Content-Type") != ProblemType {
		t.Fatalf("answer %d %s %s, want a problem with %d", a.status, a.header.Get("Content-Type"), a.body, status)
	}
	if err := json.Unmarshal([]byte(a.body), &p); err != nil {
		t.Fatalf("decode %q: %v", a.body, err)
	}
	if p.Status != status || p.Title == "" || p.Type == "" || p.Detail == "" || p.RequestID == "" || p.RequestID != a.header.Get("X-Request-Id") {
		t.Fatalf("problem %+v is not whole", p)
	}
	return p
}

func get(t testing.TB, s *Server, target string) answer {
	t.Helper()
	return do(t, s, httptest.NewRequest(http.MethodGet, target, nil))
}

func do(t testing.TB, s *Server, r *http.Request) answer {
	t.Helper()
	res, err := s.App().Test(r, int(time.Minute.Milliseconds()))
	if err != nil {
		t.Fatalf("%s %.200s: %.200v", r.Method, r.URL.String(), err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{status: res.StatusCode, header: res.Header, body: string(body)}
}
