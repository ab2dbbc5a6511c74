package searchapi

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/xunke/xunke/catalog"
)

// serve runs a server on a port of its own and returns its address and how to end it.
func serve(t *testing.T, s *Server) (address string, stop func() error) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx, listener) }()
	return listener.Addr().String(), func() error {
		cancel()
		select {
		case err := <-ended:
			return err
		case <-time.After(time.Minute):
			return fmt.Errorf("still running")
		}
	}
}

// TestStopLetsRequestsFinish: a request that had begun is answered after the end was
// asked for, and new connections are refused.
func TestStopLetsRequestsFinish(t *testing.T) {
	begun, release := make(chan struct{}), make(chan struct{})
	f := &fixture{searcher: fakeSearcher{search: func(ctx context.Context, _ catalog.Query) (catalog.Answer, error) {
		close(begun)
		select {
		case <-release:
			return catalog.Answer{}, nil
		case <-ctx.Done():
			return catalog.Answer{}, ctx.Err()
		}
	}}}
	s := f.server(t)
	address, stop := serve(t, s)
	status := make(chan string, 1)
	go func() {
		res, err := http.Get("http://" + address + "/api/v1/search")
		if err != nil {
			status <- err.Error()
			return
		}
		_ = res.Body.Close()
		status <- res.Status
	}()
	<-begun
	stopped := make(chan error, 1)
	go func() { stopped <- stop() }()
	for deadline := time.Now().Add(time.Minute); ; {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			break // nobody listens any more
		}
		_ = conn.Close()
		if time.Now().After(deadline) {
			t.Fatal("new connections are still taken")
		}
	}
	if !s.stopping.Load() {
		t.Error("it does not say that it is stopping")
	}
	select {
	case err := <-stopped:
		t.Fatalf("stopped before the request was done: %v", err)
	default:
	}
	close(release)
	if got := <-status; got != "200 OK" {
		t.Errorf("the request that had begun: %s", got)
	}
	if err := <-stopped; err != nil {
		t.Errorf("stop: %v", err)
	}
	http.DefaultClient.CloseIdleConnections()
}

func TestServeSaysWhyItCannot(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	if err := new(fixture).server(t).Serve(t.Context(), listener); err == nil {
		t.Error("no error from a listener that is closed")
	}
	if _, err := New(Deps{Log: slog.New(slog.DiscardHandler)}, Options{}); err == nil {
		t.Error("a server without anything behind it was made")
	}
	f := &fixture{options: Options{TrustedProxies: []string{"nowhere"}}}
	_, err = New(Deps{
		Searcher: f.searcher, Relater: f.relater, Details: f.details, Ranker: f.ranker, Events: f.events,
		Log: slog.New(slog.DiscardHandler), Metrics: NewRegistry("test"),
	}, f.options)
	if err == nil || !strings.Contains(err.Error(), `"nowhere"`) {
		t.Errorf("a proxy that is no address: %v", err)
	}
}

// TestRawRequests sends what no client library would.
func TestRawRequests(t *testing.T) {
	f := &fixture{searcher: fakeSearcher{search: func(context.Context, catalog.Query) (catalog.Answer, error) {
		return catalog.Answer{}, nil
	}}}
	address, stop := serve(t, f.server(t))
	defer func() {
		if err := stop(); err != nil {
			t.Error(err)
		}
	}()
	for name, tc := range map[string]struct {
		request string
		status  int
	}{
		"an address that is too long": {"GET /api/v1/search?q=" + strings.Repeat("a", readBuffer) + " HTTP/1.1\r\nHost: x\r\n\r\n", 431},
		"a body that is too long":     {"POST /api/v1/events HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 70000\r\n\r\n" + strings.Repeat(" ", 70000), 413},
		"raw bytes in the query":      {"GET /api/v1/search?q=\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n", 400},
		"raw Hanzi in the query":      {"GET /api/v1/search?q=数据 HTTP/1.1\r\nHost: x\r\n\r\n", 200},
		"no HTTP":                     {"hello\r\n\r\n", 400},
		"an unknown method":           {"BREW / HTTP/1.1\r\nHost: x\r\n\r\n", 501},
		"a trailing slash":            {"GET /api/v1/search/ HTTP/1.1\r\nHost: x\r\n\r\n", 200},
		"dots in the path":            {"GET /api/v1/../v1/search HTTP/1.1\r\nHost: x\r\n\r\n", 404},
	} {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		if err := conn.SetDeadline(time.Now().Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		// The server may answer and hang up before it has read everything.
		go func() { _, _ = conn.Write([]byte(tc.request)) }()
		res, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else {
			if res.StatusCode != tc.status {
				t.Errorf("%s: %d, want %d", name, res.StatusCode, tc.status)
			}
			if res.StatusCode >= 400 && (res.Header.Get("Content-Type") != problemType || res.Header.Get("X-Content-Type-Options") == "") {
				t.Errorf("%s: %v", name, res.Header)
			}
			_ = res.Body.Close()
		}
		_ = conn.Close()
	}
}

// TestPagesShareTheServer: pages get the same envelope as calls.
func TestPagesShareTheServer(t *testing.T) {
	f := new(fixture)
	registry := NewRegistry("test")
	s, err := New(Deps{
		Searcher: f.searcher, Relater: f.relater, Details: f.details, Ranker: f.ranker, Events: f.events,
		Pages: func(app *fiber.App, _ func(*fiber.Ctx) string) error {
			app.Get("/", func(c *fiber.Ctx) error { MarkDegraded(c); return c.SendString("home") })
			app.Get("/broken", func(*fiber.Ctx) error { panic("broken") })
			return nil
		},
		Log: slog.New(slog.NewTextHandler(&f.log, nil)), Metrics: registry,
	}, Options{Secret: "x"})
	if err != nil {
		t.Fatal(err)
	}
	if a := get(t, s, "/?q=secret"); a.status != http.StatusOK || a.body != "home" || a.header.Get("Content-Security-Policy") != contentPolicy {
		t.Errorf("home: %d %s %v", a.status, a.body, a.header)
	}
	get(t, s, "/broken").problem(t, http.StatusInternalServerError)
	get(t, s, "/nowhere").problem(t, http.StatusNotFound)
	figures := get(t, s, "/metrics").body
	for _, want := range []string{
		`xunke_degraded_answers_total{route="/"} 1`, `route="/broken",status="500"} 1`, `route="(none)",status="404"} 1`,
	} {
		if !contains(figures, want) {
			t.Errorf("/metrics lacks %s", want)
		}
	}
	if contains(f.log.String(), "secret") {
		t.Errorf("the log has the query: %s", f.log.String())
	}
}
