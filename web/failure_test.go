package web_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/web/webtest"
)

// TestCallsAndPagesFailAlike: one table says the status and when to come again.
func TestCallsAndPagesFailAlike(t *testing.T) {
	s := webtest.NewSite()
	var failure error
	s.Details.OnCourse = func(context.Context, int64) (catalog.Course, error) { return catalog.Course{}, failure }
	s.Start(t)
	for _, tc := range []struct {
		err    error
		status int
		wait   string
		says   string
	}{
		{catalog.Invalidf("id", "is odd"), http.StatusBadRequest, "", "something odd"},
		{&catalog.Error{Code: catalog.CodeUnauthorized, Message: "no"}, http.StatusUnauthorized, "", "Admins only"},
		{&catalog.Error{Code: catalog.CodeForbidden, Message: "no"}, http.StatusForbidden, "", "refused"},
		{catalog.NotFound(catalog.KindCourse, 1), http.StatusNotFound, "", "There is nothing here"},
		{catalog.TooMany(90 * time.Second), http.StatusTooManyRequests, "90", "Too many requests"},
		{&catalog.Error{Code: catalog.CodeTooMany, Message: "no"}, http.StatusTooManyRequests, "60", "Too many requests"},
		{catalog.Unavailable("MySQL", nil), http.StatusServiceUnavailable, "5", "does not answer"},
		{context.DeadlineExceeded, http.StatusServiceUnavailable, "5", "does not answer"},
		{&catalog.Error{Code: "a code of tomorrow", Message: "s3cret"}, http.StatusInternalServerError, "", "Something went wrong"},
		{errors.New("s3cret"), http.StatusInternalServerError, "", "Something went wrong"},
	} {
		failure = tc.err
		for path, says := range map[string]string{"/courses/1?lang=en": tc.says, "/api/v1/courses/1": `"status":`} {
			p := s.Get(t, path)
			if p.Status != tc.status || p.Header.Get("Retry-After") != tc.wait || p.Header.Get("Cache-Control") != "no-store" {
				t.Errorf("%v on %s: %d, Retry-After %q, kept %q", tc.err, path, p.Status, p.Header.Get("Retry-After"), p.Header.Get("Cache-Control"))
			}
			if !strings.Contains(p.Body, says) || strings.Contains(p.Body, "s3cret") {
				t.Errorf("%v on %s says %s", tc.err, path, p.Body)
			}
		}
	}
}

// TestPagesThatLackSomethingCount: in the metric that calls count in, too.
func TestPagesThatLackSomethingCount(t *testing.T) {
	down := catalog.Unavailable("Redis", nil)
	for what, tc := range map[string]struct {
		path, route string
		breaks      func(s *webtest.Site)
	}{
		"nothing": {"/", "", func(*webtest.Site) {}},
		"rankings are gone": {"/", "/", func(s *webtest.Site) {
			s.Ranker.OnRanking = func(context.Context, catalog.RankingQuery) (catalog.Ranking, error) { return catalog.Ranking{}, down }
		}},
		"rankings from a substitute": {"/", "/", func(s *webtest.Site) {
			s.Ranker.OnRanking = func(_ context.Context, q catalog.RankingQuery) (catalog.Ranking, error) {
				r := webtest.RankingOf(q)
				r.Degraded = true
				return r, nil
			}
		}},
		"a search without a shard": {"/?q=x", "/", func(s *webtest.Site) {
			s.Searcher.OnSearch = func(_ context.Context, q catalog.Query) (catalog.Answer, error) {
				a := webtest.AnswerTo(q)
				a.Degraded = true
				return a, nil
			}
		}},
		"no search": {"/?q=x", "/", func(s *webtest.Site) {
			s.Searcher.OnSearch = func(context.Context, catalog.Query) (catalog.Answer, error) { return catalog.Answer{}, down }
		}},
		"no related courses": {"/courses/1", "/courses/:id", func(s *webtest.Site) {
			s.Relater.OnRelated = func(context.Context, int64, int) (catalog.Related, error) { return catalog.Related{}, down }
		}},
		"a widget from a substitute": {"/widgets/ranking", "/widgets/ranking", func(s *webtest.Site) {
			s.Ranker.OnRanking = func(_ context.Context, q catalog.RankingQuery) (catalog.Ranking, error) {
				r := webtest.RankingOf(q)
				r.Degraded = true
				return r, nil
			}
		}},
	} {
		t.Run(what, func(t *testing.T) {
			s := webtest.NewSite()
			tc.breaks(s)
			s.Start(t)
			s.Get(t, tc.path)
			figures := s.Get(t, "/metrics").Body
			if tc.route == "" {
				if strings.Contains(figures, "xunke_degraded_answers_total{") {
					t.Error("a whole page counts as degraded")
				}
				return
			}
			if want := `xunke_degraded_answers_total{route="` + tc.route + `"} 1`; !strings.Contains(figures, want) {
				t.Errorf("/metrics lacks %s", want)
			}
		})
	}
}
