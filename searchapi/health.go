package searchapi

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/httpserver"
)

// checkElasticsearch is the check that fails as long as there is no index.
const checkElasticsearch = "elasticsearch"

// checkTimeout bounds one check of /readyz.
const checkTimeout = 2 * time.Second

// buildingTimeout bounds what is asked after a check has failed.
const buildingTimeout = 500 * time.Millisecond

// health is the answer of /healthz.
type health struct {
	Status  string `json:"status"`
	Version string `json:"version"`
}

// readiness is the answer of /readyz. Ready means that requests are answered: with one of
// MySQL and Elasticsearch away the other has substitutes for its answers, and whoever took
// the site out of service for it would take away those. Degraded means that something is
// missing, which NotReady names; Warnings never make a server unready. All but operators are
// only told whether it is ready.
type readiness struct {
	Ready    bool          `json:"ready"`
	Degraded bool          `json:"degraded,omitzero"`
	NotReady []string      `json:"not_ready,omitzero"`
	Building string        `json:"building,omitempty"` // how far the first index is, while there is none
	Checks   []checkResult `json:"checks,omitzero"`
	Warnings []Warning     `json:"warnings,omitzero"`
}

// checkResult is what one check found.
type checkResult struct {
	Name    string `json:"name"`
	Ready   bool   `json:"ready"`
	Message string `json:"message"`
	TookMS  int64  `json:"took_ms"`
}

func (s *Service) health(c *fiber.Ctx, _ args) error {
	c.Set(fiber.HeaderCacheControl, "no-store")
	return answerJSON(c, health{Status: "ok", Version: s.options.Version})
}

func (s *Service) readiness(c *fiber.Ctx, _ args) error {
	r := s.check(c.UserContext())
	if !httpserver.ForOperators(c) {
		r = readiness{Ready: r.Ready}
	}
	c.Set(fiber.HeaderCacheControl, "no-store")
	if !r.Ready {
		return httpserver.WriteJSON(c, http.StatusServiceUnavailable, fiber.MIMEApplicationJSON, r)
	}
	return answerJSON(c, r)
}

// check asks every server at the same time.
func (s *Service) check(ctx context.Context) readiness {
	results := make([]checkResult, len(s.checks))
	var wg sync.WaitGroup
	for i, check := range s.checks {
		wg.Go(func() { results[i] = s.run(ctx, check) })
	}
	warnings := []Warning{}
	wg.Go(func() { warnings = append(warnings, s.warn(ctx)...) })
	wg.Wait()
	r := readiness{NotReady: []string{}, Checks: results, Warnings: warnings}
	for i, result := range results {
		if result.Ready {
			r.Ready = r.Ready || s.checks[i].Answers
		} else {
			r.Degraded, r.NotReady = true, append(r.NotReady, result.Name)
		}
		if !result.Ready && result.Name == checkElasticsearch && s.firstIndex != nil {
			ctx, cancel := context.WithTimeout(ctx, buildingTimeout)
			r.Building = s.firstIndex(ctx)
			cancel()
		}
	}
	if s.server.Stopping() {
		r.Ready, r.NotReady = false, append(r.NotReady, "stopping")
	}
	return r
}

// warn asks for the warnings, as long as a check may take.
func (s *Service) warn(ctx context.Context) []Warning {
	if s.warnings == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	answered := make(chan []Warning, 1)
	go func() { answered <- s.warnings(ctx) }()
	select {
	case w := <-answered:
		return w
	case <-ctx.Done():
		return []Warning{{Component: "warnings", Message: "not known: no answer within " + checkTimeout.String(), Hint: "run: xunke status"}}
	}
}

// run asks one server. A check that does not come back in time counts as failed and is
// left behind.
func (s *Service) run(ctx context.Context, check Check) checkResult {
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	began := time.Now()
	answered := make(chan error, 1)
	go func() { answered <- check.Ready(ctx) }()
	var err error
	select {
	case err = <-answered:
	case <-ctx.Done():
		err = ctx.Err()
	}
	result := checkResult{Name: check.Name, Ready: err == nil, TookMS: time.Since(began).Milliseconds()}
	if e, ok := errors.AsType[*catalog.Error](err); ok {
		result.Message = e.Message
		if e.Hint != "" {
			result.Message += " (" + e.Hint + ")"
		}
	} else if errors.Is(err, context.DeadlineExceeded) {
		result.Message = "no answer within " + checkTimeout.String()
	} else if err != nil {
		result.Message = "does not answer as it should; the log says more"
	}
	if err != nil {
		if suppressed, ok := s.unready.Allow(); ok {
			s.log.Warn("not ready", "check", check.Name, "err", err, "not_logged", suppressed)
		}
	}
	return result
}
