package searchapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/xunke/xunke/catalog"
)

func TestErrorsBecomeProblems(t *testing.T) {
	secret := errors.New("dial tcp 10.1.2.3:9200: s3cret")
	for name, tc := range map[string]struct {
		err    error
		status int
		slug   string
	}{
		"invalid":     {catalog.Invalidf("q", "cannot be searched for"), http.StatusBadRequest, "invalid"},
		"not found":   {fmt.Errorf("look: %w", catalog.NotFound(catalog.KindCourse, 1)), http.StatusNotFound, "not-found"},
		"unavailable": {catalog.Unavailable("Elasticsearch", secret), http.StatusServiceUnavailable, "unavailable"},
		"internal":    {&catalog.Error{Code: catalog.CodeInternal, Message: "s3cret", Cause: secret}, http.StatusInternalServerError, "internal"},
		"unknown":     {secret, http.StatusInternalServerError, "internal"},
		"too late":    {fmt.Errorf("search: %w", context.DeadlineExceeded), http.StatusServiceUnavailable, "unavailable"},
	} {
		f := &fixture{searcher: fakeSearcher{search: func(context.Context, catalog.Query) (catalog.Answer, error) {
			return catalog.Answer{}, tc.err
		}}}
		a := get(t, f.server(t), "/api/v1/search?q=private+words")
		p := a.problem(t, tc.status)
		if p.Type != "/docs#problem-"+tc.slug {
			t.Errorf("%s: type %s", name, p.Type)
		}
		if strings.Contains(a.body, "s3cret") || strings.Contains(a.body, "10.1.2.3") {
			t.Errorf("%s: internals reach the caller: %s", name, a.body)
		}
		if retry := a.header.Get("Retry-After"); (retry != "") != (tc.status == http.StatusServiceUnavailable) {
			t.Errorf("%s: Retry-After %q", name, retry)
		}
		if logged := strings.Contains(f.log.String(), "level=ERROR"); logged != (tc.status >= 500) {
			t.Errorf("%s: logged %t", name, logged)
		}
		if strings.Contains(f.log.String(), "private") || !strings.Contains(f.log.String(), "route=/api/v1/search status="+fmt.Sprint(tc.status)) {
			t.Errorf("%s: log %s", name, f.log.String())
		}
	}
}

func TestPanicsBecomeProblems(t *testing.T) {
	f := &fixture{searcher: fakeSearcher{search: func(context.Context, catalog.Query) (catalog.Answer, error) {
		panic("out of cheese")
	}}}
	s := f.server(t)
	a := get(t, s, "/api/v1/search")
	a.problem(t, http.StatusInternalServerError)
	if strings.Contains(a.body, "cheese") || !strings.Contains(f.log.String(), "cheese") || !strings.Contains(f.log.String(), "problem_test.go") {
		t.Errorf("body %s, log %s", a.body, f.log.String())
	}
	if a := get(t, s, "/healthz"); a.status != http.StatusOK {
		t.Errorf("afterwards: %d", a.status)
	}
}

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
		{"TRACE", "/api/v1/search", http.StatusNotImplemented, ""},
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
		"/nothing":           {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": contentPolicy},
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
	for sent, kept := range map[string]bool{"abc-1.2_3": true, "": false, "a b": false, strings.Repeat("x", 65): false, "<script>": false} {
		r := httptest.NewRequest(http.MethodGet, "/healthz", nil)
		r.Header.Set("X-Request-Id", sent)
		got := do(t, s, r).header.Get("X-Request-Id")
		if (got == sent) != kept || !validRequestID(got) {
			t.Errorf("request id %q became %q", sent, got)
		}
	}
}
