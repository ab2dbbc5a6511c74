package httpserver

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
)

// serve runs a server on a port of its own and returns its address and how to end it.
func serve(t *testing.T, s *Server) (address string, stop func() error) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return serveOn(t, s, listener)
}

// serveOn is serve with a listener.
func serveOn(t *testing.T, s *Server, listener net.Listener) (address string, stop func() error) {
	t.Helper()
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
	f := &fixture{asked: func(c *fiber.Ctx) error {
		close(begun)
		select {
		case <-release:
			return c.SendString("late")
		case <-c.UserContext().Done():
			return c.UserContext().Err()
		}
	}}
	s := f.server(t)
	address, stop := serve(t, s)
	status := make(chan string, 1)
	go func() {
		res, err := http.Get("http://" + address + "/asked/search")
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
	if !s.Stopping() {
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
	if _, err := New(Config{Log: slog.New(slog.DiscardHandler)}); err == nil {
		t.Error("a server without metrics was made")
	}
	_, err = New(Config{Log: slog.New(slog.DiscardHandler), Metrics: NewRegistry("test"), TrustedProxies: []string{"nowhere"}})
	if err == nil || !strings.Contains(err.Error(), `"nowhere"`) {
		t.Errorf("a proxy that is no address: %v", err)
	}
}

// TestRawRequests sends what no client library would.
func TestRawRequests(t *testing.T) {
	address, stop := serve(t, new(fixture).server(t))
	defer func() {
		if err := stop(); err != nil {
			t.Error(err)
		}
	}()
	for name, tc := range map[string]struct {
		request string
		status  int
	}{
		"an address that is too long": {"GET /asked/search?q=" + strings.Repeat("a", readBuffer) + " HTTP/1.1\r\nHost: x\r\n\r\n", 431},
		"a body that is too long":     {"POST /asked/events HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 70000\r\n\r\n" + strings.Repeat(" ", 70000), 413},
		"raw bytes in the query":      {"GET /asked/search?q=\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n", 200},
		"raw Hanzi in the query":      {"GET /asked/search?q=数据 HTTP/1.1\r\nHost: x\r\n\r\n", 200},
		"no HTTP":                     {"hello\r\n\r\n", 400},
		"an unknown method":           {"BREW / HTTP/1.1\r\nHost: x\r\n\r\n", 501},
		"a trailing slash":            {"GET /asked/search/ HTTP/1.1\r\nHost: x\r\n\r\n", 200},
		"dots in the path":            {"GET /asked/../asked/search HTTP/1.1\r\nHost: x\r\n\r\n", 404},
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
			if res.StatusCode >= 400 && (res.Header.Get("Content-Type") != ProblemType || res.Header.Get("X-Content-Type-Options") == "") {
				t.Errorf("%s: %v", name, res.Header)
			}
			_ = res.Body.Close()
		}
		_ = conn.Close()
	}
}

// TestWhatTheServerTellsOfRequests: metrics and log have routes, never what was asked.
func TestWhatTheServerTellsOfRequests(t *testing.T) {
	f := &fixture{asked: func(c *fiber.Ctx) error {
		if c.Params("what") == "panic" {
			panic("broken")
		}
		MarkDegraded(c.UserContext())
		return c.SendString("home")
	}}
	s := f.server(t)
	if a := get(t, s, "/asked/home?q=secret"); a.status != http.StatusOK || a.body != "home" || a.header.Get("Content-Security-Policy") != contentPolicy {
		t.Errorf("home: %d %s %v", a.status, a.body, a.header)
	}
	get(t, s, "/asked/panic").problem(t, http.StatusInternalServerError)
	a := get(t, s, "/nowhere")
	a.problem(t, http.StatusNotFound)
	if a.header.Get("Content-Security-Policy") != contentPolicy || a.header.Get("Server") != "" {
		t.Errorf("headers of what is not there: %v", a.header)
	}
	figures := get(t, s, "/metrics").body
	for _, want := range []string{
		`xunke_degraded_answers_total{route="/asked/:what"} 1`, `route="/asked/:what",status="500"} 1`, `route="(none)",status="404"} 1`,
	} {
		if !strings.Contains(figures, want) {
			t.Errorf("/metrics lacks %s", want)
		}
	}
	if strings.Contains(f.log.String(), "secret") {
		t.Errorf("the log has the query: %s", f.log.String())
	}
}
