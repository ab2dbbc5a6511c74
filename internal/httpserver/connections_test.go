package httpserver

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// starved is a listener that fails so many times before it accepts.
type starved struct {
	net.Listener
	left atomic.Int64
}

func (l *starved) Accept() (net.Conn, error) {
	if l.left.Add(-1) >= 0 {
		return nil, &net.OpError{Op: "accept", Net: "tcp", Err: os.NewSyscallError("accept4", syscall.EMFILE)}
	}
	return l.Listener.Accept()
}

// TestAcceptWaitsForDescriptors: having no file descriptors passes; the server goes on.
func TestAcceptWaitsForDescriptors(t *testing.T) {
	s := new(fixture).server(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	short := &starved{Listener: listener}
	short.left.Store(3)
	address, stop := serveOn(t, s, short)
	conn := dial(t, address)
	if got := conn.ask(t, "/asked/x"); got != http.StatusOK {
		t.Errorf("after three failures: %d", got)
	}
	if !strings.Contains(get(t, s, "/metrics").body, "xunke_http_accept_failures_total 3") {
		t.Error("the failures are not counted")
	}
	if err := stop(); err != nil {
		t.Errorf("stop: %v", err)
	}
	// A listener that is broken for good still ends the server.
	gone := &connections{Listener: failingListener{}, metrics: s.metrics.connections, warn: func(string, error, int) {}}
	if _, err := gone.Accept(); !errors.Is(err, syscall.EINVAL) {
		t.Errorf("a broken listener: %v", err)
	}
}

type failingListener struct{ net.Listener }

func (failingListener) Accept() (net.Conn, error) { return nil, syscall.EINVAL }

// client is one keep-alive connection.
type client struct {
	net.Conn
	r *bufio.Reader
}

func dial(t *testing.T, address string) client {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	return client{conn, bufio.NewReader(conn)}
}

func (c client) send(t *testing.T, path string) {
	t.Helper()
	if _, err := io.WriteString(c, "GET "+path+" HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
}

// read is the status that comes next; 0: the server has hung up.
func (c client) read(t *testing.T) int {
	t.Helper()
	res, err := http.ReadResponse(c.r, nil)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET) {
		return 0
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	return res.StatusCode
}

func (c client) ask(t *testing.T, path string) int {
	t.Helper()
	c.send(t, path)
	return c.read(t)
}

// TestBusyConnectionsAreKept: what is more than may be open is told so, and nothing that
// is being answered ends.
func TestBusyConnectionsAreKept(t *testing.T) {
	begun, release := make(chan struct{}), make(chan struct{})
	f := &fixture{asked: func(c *fiber.Ctx) error {
		begun <- struct{}{}
		<-release
		return c.SendString("answer")
	}}
	f.config.Connections = Connections{Most: 3}
	s := f.server(t)
	address, stop := serve(t, s)
	var busy []client
	for range 3 {
		c := dial(t, address)
		c.send(t, "/asked/slow")
		<-begun
		busy = append(busy, c)
	}
	if got := dial(t, address).read(t); got != http.StatusServiceUnavailable {
		t.Errorf("one more while all are busy: %d", got)
	}
	figures := get(t, s, "/metrics").body
	for _, want := range []string{"xunke_http_connections 3", `xunke_http_connections_refused_total{reason="full"} 1`, "xunke_http_connections_shed_total 0"} {
		if !strings.Contains(figures, want) {
			t.Errorf("/metrics lacks %s", want)
		}
	}
	close(release)
	for i, c := range busy {
		if got := c.read(t); got != http.StatusOK {
			t.Errorf("busy connection %d: %d", i+1, got)
		}
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
	if !strings.Contains(get(t, s, "/metrics").body, "xunke_http_connections 0") {
		t.Error("closed connections are counted")
	}
}

// TestConnectionsOfOneAddressAreBounded: not of a trusted proxy, through which all come.
func TestConnectionsOfOneAddressAreBounded(t *testing.T) {
	for name, tc := range map[string]struct {
		proxies []string
		third   int
	}{
		"a client": {nil, http.StatusTooManyRequests},
		"a proxy":  {[]string{"127.0.0.1"}, http.StatusOK},
	} {
		f := &fixture{config: Config{Connections: Connections{MostNetwork: 2}, TrustedProxies: tc.proxies}}
		address, stop := serve(t, f.server(t))
		first, second := dial(t, address), dial(t, address)
		if a, b := first.ask(t, "/asked/x"), second.ask(t, "/asked/x"); a != http.StatusOK || b != http.StatusOK {
			t.Errorf("%s: %d, %d", name, a, b)
		}
		third := dial(t, address)
		_, _ = io.WriteString(third, "GET /asked/x HTTP/1.1\r\nHost: x\r\n\r\n") // it may be closed already
		if got := third.read(t); got != tc.third && (got != 0 || tc.third == http.StatusOK) {
			t.Errorf("%s: the third connection is answered %d, want %d", name, got, tc.third)
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
	}
}

// TestIdleConnectionsMakeRoom: a new connection takes the place of the one that idles
// longest, and once three quarters are open whatever has idled for five seconds goes.
func TestIdleConnectionsMakeRoom(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	f := &fixture{config: Config{Connections: Connections{Most: 4}, Now: func() time.Time { return now }}}
	l := f.server(t).limitConnections(nil)
	var ends []net.Conn
	open := func() net.Conn {
		t.Helper()
		server, client := net.Pipe()
		t.Cleanup(func() { _ = client.Close() })
		ends = append(ends, client)
		c := l.take(server)
		if c == nil {
			t.Fatalf("connection %d was not taken", len(ends))
		}
		t.Cleanup(func() { _ = c.Close() })
		return c
	}
	closed := func() (list []int) {
		for i, client := range ends {
			_ = client.SetReadDeadline(time.Now().Add(-time.Second))
			if _, err := client.Read(make([]byte, 1)); errors.Is(err, io.EOF) {
				list = append(list, i+1)
			}
		}
		return list
	}
	first := open()
	open()
	noteState(first, fasthttp.StateActive)
	third := open()
	noteState(first, fasthttp.StateIdle) // the second idles longest, then the third
	fourth := open()
	noteState(third, fasthttp.StateActive)
	if got := closed(); got != nil {
		t.Fatalf("closed below the bound: %v", got)
	}
	open()
	if got := closed(); !slices.Equal(got, []int{2}) {
		t.Fatalf("closed for the fifth: %v", got)
	}
	now = now.Add(idleUnderPressure)
	noteState(fourth, fasthttp.StateActive)
	noteState(fourth, fasthttp.StateIdle)
	open() // first and fifth idle too long, the third is busy, the fourth has just begun to idle
	if got := closed(); !slices.Equal(got, []int{1, 2, 5}) {
		t.Fatalf("closed under pressure: %v", got)
	}
	noteState(fourth, fasthttp.StateActive)
	if l.open != 3 || l.idle.Len() != 1 {
		t.Errorf("%d are open and %d idle, want 3 and 1", l.open, l.idle.Len())
	}
}
