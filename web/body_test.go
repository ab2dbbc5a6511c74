package web_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/xunke/xunke/web/admin"
	"github.com/xunke/xunke/web/webtest"
)

// bomb is 300 MB of zeros, packed twice into a few KB: parts of a MB that are packed one by one are
// packed as a whole, too, and are made at once.
func bomb(t *testing.T) []byte {
	t.Helper()
	pack := func(body []byte) []byte {
		var packed bytes.Buffer
		w, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(body); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return packed.Bytes()
	}
	return pack(bytes.Repeat(pack(make([]byte, 1<<20)), 300))
}

// announce sends the head of a request whose body has so many bytes, and returns the status
// of the answer. The body is not sent: the server closes the connection without reading it,
// and who still writes then may lose the answer.
func announce(t *testing.T, base, method, path string, bytes int) int {
	t.Helper()
	address := strings.TrimPrefix(base, "http://")
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
	if _, err := fmt.Fprintf(conn, "%s %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n", method, path, address, bytes); err != nil {
		t.Fatal(err)
	}
	res, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: method})
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	_ = res.Body.Close()
	return res.StatusCode
}

// TestEveryRouteBoundsItsBody walks all routes that there are: none unpacks a body, and
// none takes a large one, whatever the method and the encoding.
func TestEveryRouteBoundsItsBody(t *testing.T) {
	s := webtest.NewSite()
	s.Admin, s.Password = &admin.Deps{}, webtest.AdminPassword
	s.Accounts = webtest.NewLearners()
	s.Start(t)
	packed := bomb(t)
	ask := func(method, path, coding, media string, body []byte) int {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, s.Base+path, bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		if coding != "" {
			r.Header.Set("Content-Encoding", coding)
		}
		r.Header.Set("Content-Type", media)
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatalf("%s %s: %v", method, path, err)
		}
		_ = res.Body.Close()
		return res.StatusCode
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	walked := map[string]bool{}
	for _, route := range s.Server.App().GetRoutes(true) {
		path := strings.NewReplacer(":id", "1", ":key", "x", "*", "x").Replace(route.Path)
		name := route.Method + " " + route.Path
		if walked[name] {
			continue
		}
		walked[name] = true
		for _, media := range []string{"application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=b"} {
			for _, coding := range []string{"gzip, gzip", "gzip", "deflate", "br", "zstd", "identity", "x"} {
				if got := ask(route.Method, path, coding, media, packed); got != http.StatusUnsupportedMediaType {
					t.Errorf("%s with Content-Encoding %s of %s: %d, want 415", name, coding, media, got)
				}
			}
		}
		if got := announce(t, s.Base, route.Method, path, 65<<10); got != http.StatusRequestEntityTooLarge {
			t.Errorf("%s with 65 KiB: %d, want 413", name, got)
		}
	}
	for _, name := range []string{"POST /api/v1/events", "POST /api/v1/consultations", "POST /api/v1/auth/login", "PATCH /api/v1/me", "DELETE /api/v1/me", "POST /consultations", "POST /admin/pins", "GET /"} {
		if !walked[name] {
			t.Errorf("%s was not walked; there are %d routes", name, len(walked))
		}
	}
	runtime.ReadMemStats(&after)
	// All of it together: a single body that is unpacked takes more.
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 250<<20 {
		t.Errorf("%d routes took %d MB", len(walked), grown>>20)
	}
}
