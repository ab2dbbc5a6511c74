package httpserver

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"

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
		f := failing(tc.err)
		a := get(t, f.server(t), "/asked/x?q=private+words")
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
		if strings.Contains(f.log.String(), "private") || !strings.Contains(f.log.String(), "route=/asked/:what status="+fmt.Sprint(tc.status)) {
			t.Errorf("%s: log %s", name, f.log.String())
		}
	}
}

func TestPanicsBecomeProblems(t *testing.T) {
	f := &fixture{asked: func(c *fiber.Ctx) error {
		if c.Params("what") == "panic" {
			panic("out of cheese")
		}
		return c.SendString("fine")
	}}
	s := f.server(t)
	a := get(t, s, "/asked/panic")
	a.problem(t, http.StatusInternalServerError)
	if strings.Contains(a.body, "cheese") || !strings.Contains(f.log.String(), "cheese") || !strings.Contains(f.log.String(), "failure_test.go") {
		t.Errorf("body %s, log %s", a.body, f.log.String())
	}
	if a := get(t, s, "/asked/more"); a.status != http.StatusOK {
		t.Errorf("afterwards: %d", a.status)
	}
}

func TestRequestIDs(t *testing.T) {
	s := new(fixture).server(t)
	for sent, kept := range map[string]bool{"abc-1.2_3": true, "": false, "a b": false, strings.Repeat("x", 65): false, "<script>": false} {
		r := httptest.NewRequest(http.MethodGet, "/asked/x", nil)
		r.Header.Set("X-Request-Id", sent)
		got := do(t, s, r).header.Get("X-Request-Id")
		if (got == sent) != kept || !ValidID(got) {
			t.Errorf("request id %q became %q", sent, got)
		}
	}
}
