package searchapi

import (
	"context"
	"errors"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/searchapi/fake"
)

func contains(s, part string) bool { return strings.Contains(s, part) }

// stop has a server serve and end.
func stop(t *testing.T, s *Service) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.server.Serve(ctx, listener); err != nil {
		t.Fatal(err)
	}
}

func TestReadinessNamesWhatIsMissing(t *testing.T) {
	fine := func(context.Context) error { return nil }
	for name, tc := range map[string]struct {
		mysql, elastic, redis error
		stopping              bool
		status                int
		missing               []string // and the answer is degraded where it is a server
	}{
		"all there":        {status: http.StatusOK},
		"no MySQL":         {mysql: catalog.Unavailable("MySQL", errors.New("s3cret")), status: http.StatusOK, missing: []string{"mysql"}},
		"no Elasticsearch": {elastic: errors.New("s3cret"), status: http.StatusOK, missing: []string{"elasticsearch"}},
		"no Redis":         {redis: errors.New("s3cret"), status: http.StatusOK, missing: []string{"redis"}},
		"neither of the two": {
			mysql: errors.New("s3cret"), elastic: errors.New("s3cret"), status: http.StatusServiceUnavailable, missing: []string{"mysql", "elasticsearch"},
		},
		"nothing": {
			mysql: errors.New("s3cret"), elastic: errors.New("s3cret"), redis: errors.New("s3cret"),
			status: http.StatusServiceUnavailable, missing: []string{"mysql", "elasticsearch", "redis"},
		},
		"stopping": {stopping: true, status: http.StatusServiceUnavailable, missing: []string{"stopping"}},
	} {
		f := &fixture{
			searcher: fake.Searcher{OnReady: func(context.Context) error { return tc.elastic }},
			details:  fake.Details{OnReady: func(context.Context) error { return tc.mysql }},
			checks:   []Check{{Name: "redis", Ready: func(context.Context) error { return tc.redis }}},
		}
		s := f.server(t)
		if tc.stopping {
			stop(t, s)
		}
		a := get(t, s, "/readyz")
		var r readiness
		a.decode(t, &r)
		if a.status != tc.status || r.Ready != (tc.status == http.StatusOK) || !slices.Equal(r.NotReady, tc.missing) || len(r.Checks) != 3 ||
			r.Degraded != (len(tc.missing) > 0 && !tc.stopping) {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
		if contains(a.body, "s3cret") {
			t.Errorf("%s: internals reach the caller: %s", name, a.body)
		}
	}
	// A warning is told and takes nothing out of service.
	refused, oldest := int64(2), time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	f := &fixture{
		searcher: fake.Searcher{OnReady: fine}, details: fake.Details{OnReady: fine},
		warnings: func(context.Context) []Warning {
			return []Warning{{Component: "deadletters", Message: "refused", Count: &refused, Oldest: &oldest, Hint: "look"}}
		},
	}
	a := get(t, f.server(t), "/readyz")
	if a.status != http.StatusOK ||
		!contains(a.body, `"warnings":[{"component":"deadletters","message":"refused","count":2,"oldest":"2026-11-23T00:00:00Z","hint":"look"}]`) {
		t.Errorf("a warning: %d %s", a.status, a.body)
	}
	// Where the first index is being built, it tells how far that is.
	f = &fixture{
		searcher: fake.Searcher{OnReady: func(context.Context) error { return errors.New("no alias") }}, details: fake.Details{OnReady: fine},
		firstIndex: func(context.Context) string { return "courses, 5 of 9 rows" },
	}
	if a := get(t, f.server(t), "/readyz"); !contains(a.body, `"not_ready":["elasticsearch"],"building":"courses, 5 of 9 rows"`) {
		t.Errorf("the first index: %d %s", a.status, a.body)
	}
	f.searcher = fake.Searcher{OnReady: fine}
	if a := get(t, f.server(t), "/readyz"); contains(a.body, "building") {
		t.Errorf("there is an index: %s", a.body)
	}
	// A check that hangs does not hang the answer, and neither do warnings.
	release := make(chan struct{})
	f = &fixture{
		searcher: fake.Searcher{OnReady: fine},
		details:  fake.Details{OnReady: func(context.Context) error { <-release; return nil }},
		warnings: func(context.Context) []Warning { <-release; return nil },
	}
	a = get(t, f.server(t), "/readyz")
	close(release)
	if a.status != http.StatusOK || !contains(a.body, `"degraded":true`) || strings.Count(a.body, "no answer within 2s") != 2 {
		t.Errorf("a check that hangs: %d %s", a.status, a.body)
	}
}

// TestOnlyOperatorsSeeDetails: all others are told whether it is ready, no more.
func TestOnlyOperatorsSeeDetails(t *testing.T) {
	for _, tc := range []struct {
		err    error
		status int
		body   string
	}{
		{nil, http.StatusOK, `{"ready":true}`},
		{errors.New("away"), http.StatusServiceUnavailable, `{"ready":false}`},
	} {
		f := &fixture{
			operators: []string{"127.0.0.1"},
			searcher:  fake.Searcher{OnReady: func(context.Context) error { return tc.err }}, details: fake.Details{OnReady: func(context.Context) error { return tc.err }},
			warnings: func(context.Context) []Warning { return []Warning{{Component: "deadletters", Message: "refused"}} },
		}
		s := f.server(t)
		if a := get(t, s, "/readyz"); a.status != tc.status || strings.TrimSpace(a.body) != tc.body {
			t.Errorf("/readyz: %d %s, want %s", a.status, a.body, tc.body)
		}
		if a := get(t, s, "/metrics"); a.status != http.StatusNotFound {
			t.Errorf("/metrics: %d", a.status)
		}
	}
}
