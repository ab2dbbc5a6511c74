package web_test

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/xunke/xunke/web"
)

// bomb is 300 MB of zeros, packed twice into some 2 KB.
func bomb(t *testing.T) []byte {
	t.Helper()
	body := make([]byte, 300<<20)
	for range 2 {
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
		body = packed.Bytes()
	}
	return body
}

// TestEveryRouteBoundsItsBody walks all routes that there are: none unpacks a body, and
// none takes a large one, whatever the method and the encoding.
func TestEveryRouteBoundsItsBody(t *testing.T) {
	s := newSite()
	s.admin, s.password = &web.Admin{Curator: &fakeCurator{}}, adminPassword
	s.start(t)
	packed := bomb(t)
	large := bytes.Repeat([]byte(" "), 65<<10)
	ask := func(method, path, coding, media string, body []byte) int {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, s.base+path, bytes.NewReader(body))
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
	for _, route := range s.server.App().GetRoutes(true) {
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
		if got := ask(route.Method, path, "", "application/json", large); got != http.StatusRequestEntityTooLarge {
			t.Errorf("%s with %d bytes: %d, want 413", name, len(large), got)
		}
	}
	for _, name := range []string{"POST /api/v1/events", "POST /api/v1/consultations", "POST /consultations", "POST /admin/pins", "GET /"} {
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
