package searchapi

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestWhatTheRouterRefuses(t *testing.T) {
	s := new(fixture).server(t)
	for _, tc := range []struct {
		method, target string
		status         int
		allow          string
	}{
		{"GET", "/nothing", http.StatusNotFound, ""},
		{"GET", "/api/v1/lessons", http.StatusNotFound, ""},
		{"GET", "/api/v1/courses/1/2/3", http.StatusNotFound, ""},
		{"GET", "/API/v1/search", http.StatusNotFound, ""},
		{"GET", "/api/v1/courses/99999999999999999999", http.StatusNotFound, ""},
		{"GET", "/api/v1/courses/9223372036854775808/related", http.StatusNotFound, ""},
		{"POST", "/api/v1/search", http.StatusMethodNotAllowed, "GET, HEAD"},
		{"DELETE", "/api/v1/courses/1", http.StatusMethodNotAllowed, "GET, HEAD"},
		{"GET", "/api/v1/events", http.StatusMethodNotAllowed, "POST, OPTIONS"},
		{"BREW", "/api/v1/search", http.StatusNotImplemented, ""},
		{"PROPFIND", "/", http.StatusNotImplemented, ""},
		{"TRACE", "/api/v1/search", http.StatusMethodNotAllowed, "GET, HEAD"},
		{"TRACE", "/api/v1/events", http.StatusMethodNotAllowed, "POST, OPTIONS"},
		{"TRACE", "/nothing", http.StatusNotFound, ""},
		{"CONNECT", "/api/v1/search", http.StatusMethodNotAllowed, "GET, HEAD"},
	} {
		a := do(t, s, httptest.NewRequest(tc.method, tc.target, nil))
		a.problem(t, tc.status)
		if a.header.Get("Allow") != tc.allow {
			t.Errorf("%s %s: Allow %q, want %q", tc.method, tc.target, a.header.Get("Allow"), tc.allow)
		}
	}
}

func TestHeaders(t *testing.T) {
	s := new(fixture).server(t)
	for target, want := range map[string]map[string]string{
		"/healthz":           {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Access-Control-Allow-Origin": ""},
		"/api/v1/suggest?q=": {"Cache-Control": "no-cache", "Access-Control-Allow-Origin": "*", "Content-Type": "application/json"},
		"/api/v1/suggest?x=": {"Cache-Control": "no-store", "X-Frame-Options": "DENY"},
		"/nothing":           {"X-Content-Type-Options": "nosniff"},
	} {
		a := get(t, s, target)
		for name, value := range want {
			if a.header.Get(name) != value {
				t.Errorf("%s: %s %q, want %q", target, name, a.header.Get(name), value)
			}
		}
		if a.header.Get("Server") != "" {
			t.Errorf("%s: Server %q", target, a.header.Get("Server"))
		}
	}
}

// TestRawQueries sends what no client library would.
func TestRawQueries(t *testing.T) {
	s := fullFixture().server(t)
	for query, want := range map[string]int{"\xff\xfe": http.StatusBadRequest, "数据": http.StatusOK} {
		r := httptest.NewRequest(http.MethodGet, "/api/v1/search", nil)
		r.RequestURI = "/api/v1/search?q=" + query
		if a := do(t, s, r); a.status != want {
			t.Errorf("%q is answered %d, want %d", query, a.status, want)
		}
	}
}
