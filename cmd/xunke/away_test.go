package main

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/config"
	"github.com/xunke/xunke/internal/testenv"
)

// behindGates is a configuration by which every server is reached through a gate.
func (s *site) behindGates(c config.Config) config.Config {
	s.t.Helper()
	dsn, err := mysql.ParseDSN(c.MySQL.DSN)
	if err != nil {
		s.t.Fatal("read the test's DSN")
	}
	index, err := url.Parse(c.Elasticsearch.Addresses[0])
	if err != nil {
		s.t.Fatal(err)
	}
	s.mysql = testenv.NewGate(s.t, dsn.Addr)
	s.elasticsearch = testenv.NewGate(s.t, index.Host)
	s.redis = testenv.NewGate(s.t, c.Redis.Addresses[0])
	dsn.Addr = s.mysql.Address()
	c.MySQL.DSN = dsn.FormatDSN()
	c.Elasticsearch.Addresses = []string{"http://" + s.elasticsearch.Address()}
	c.Redis.Addresses = []string{s.redis.Address()}
	return c
}

// away stops one server after the other in the middle of its work, and lets it go on.
func (s *site) away(t *testing.T) {
	for _, c := range []struct {
		server   string
		gate     *testenv.Gate
		degraded []string // calls that say that a substitute answers
		whole    []string // what does not need the server
	}{
		{
			"elasticsearch", s.elasticsearch,
			[]string{"/api/v1/courses/1/related", "/api/v1/search?q=" + url.QueryEscape("數據結構"), "/api/v1/courses?level=beginner", "/api/v1/orgs", "/api/v1/teachers"},
			[]string{"/api/v1/suggest?q=c", "/api/v1/courses/1", "/api/v1/rankings/courses", "/", "/?q=c", "/courses/1", "/orgs/1", "/teachers/1"},
		},
		{
			"mysql", s.mysql,
			[]string{"/api/v1/courses/1", "/api/v1/orgs/1", "/api/v1/teachers/1"},
			[]string{"/api/v1/search?q=c", "/api/v1/courses", "/api/v1/suggest?q=c", "/api/v1/rankings/courses", "/", "/?q=c", "/courses/1", "/orgs/1", "/teachers/1"},
		},
		{
			"redis", s.redis,
			[]string{"/api/v1/rankings/courses", "/api/v1/rankings/orgs?window=day"},
			[]string{"/api/v1/search?q=c", "/api/v1/courses", "/api/v1/courses/1", "/", "/?q=c", "/courses/1", "/widgets/ranking?kind=courses"},
		},
	} {
		t.Run(c.server, func(t *testing.T) {
			s.t = t
			gauge := `xunke_breaker_open{server="` + c.server + `"} `
			told := func(target string) bool {
				status, body := s.get(target)
				if status != http.StatusOK {
					t.Errorf("%s: %d %s", target, status, body)
				}
				return strings.Contains(body, `"degraded":true`)
			}
			for _, target := range slices.Concat(c.degraded, c.whole) {
				if told(target) {
					t.Errorf("%s is degraded before", target)
				}
			}
			c.gate.Close()
			for _, target := range c.degraded {
				testenv.Eventually(t, time.Minute, target+" is degraded", func() (bool, string) {
					return told(target), "as it was, and answers are kept for a second or two at most"
				})
			}
			for _, target := range c.whole {
				if told(target) {
					t.Errorf("%s is degraded", target)
				}
			}
			if _, figures := s.get("/metrics"); !strings.Contains(figures, gauge+"1") {
				t.Errorf("/metrics: no %s1", gauge)
			}
			if status, body := s.get("/readyz"); status != http.StatusOK || !strings.Contains(body, `"ready":true,"degraded":true,"not_ready":["`+c.server+`"]`) ||
				!strings.Contains(body, `{"component":"`+c.server+`","message":`) {
				t.Errorf("/readyz: %d %s", status, body)
			}
			if c.server == "elasticsearch" {
				if _, body := s.get("/?q=c"); strings.Count(body, `class="notice warn"`) != 1 || !strings.Contains(body, "按名称查找") {
					t.Errorf("the page does not say once that names alone are looked at")
				}
			}
			c.gate.Open()
			for _, target := range c.degraded {
				testenv.Eventually(t, time.Minute, target+" is whole again", func() (bool, string) {
					return !told(target), "still degraded"
				})
			}
			if _, figures := s.get("/metrics"); !strings.Contains(figures, gauge+"0") {
				t.Errorf("/metrics: no %s0", gauge)
			}
		})
	}
	s.t = t
	var a catalog.Answer
	s.call("/api/v1/search", "/api/v1/search?q="+url.QueryEscape("shujujiegou"), http.StatusOK, &a)
	if a.Degraded || a.Courses.Total != 1 {
		t.Errorf("pinyin after all that: %+v", a)
	}
}
