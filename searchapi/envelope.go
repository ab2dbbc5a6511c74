package searchapi

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/searchlog"
)

// What a request carries from one handler to the next.
type localKey int

const (
	requestIDKey localKey = iota
	degradedKey
	searchedKey
)

// requestTimeout bounds the work on one request. A client's going away cannot be seen,
// so nothing else would end it.
const requestTimeout = 10 * time.Second

// unmatched is the route in log and metrics of whatever has none.
const unmatched = "(none)"

// contentPolicy is what a page may load unless its handler says otherwise.
const contentPolicy = "default-src 'self'; img-src 'self' https: data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// RequestID is the id of a request, as in its log line and the header X-Request-Id.
func RequestID(c *fiber.Ctx) string {
	id, _ := c.Locals(requestIDKey).(string)
	return id
}

// MarkDegraded notes that the answer comes from a substitute or lacks something.
func MarkDegraded(c *fiber.Ctx) { c.Locals(degradedKey, true) }

// MarkSearched notes that the answer is that of a search, to be reported once it is made.
func MarkSearched(c *fiber.Ctx, search searchlog.Search) { c.Locals(searchedKey, search) }

// reportSearch reports the search that an answer was made for, if a person asked and sees
// the answer.
func (s *Server) reportSearch(c *fiber.Ctx) {
	search, ok := c.Locals(searchedKey).(searchlog.Search)
	if !ok || c.Method() != http.MethodGet || c.Response().StatusCode() != http.StatusOK || fromBot(c) || inAdvance(c) {
		return
	}
	now := s.now()
	s.events.Searched(s.visitors.id(c, now), search, now)
}

// envelope goes around every request: id, headers, deadline, errors and panics to
// problems, metrics, one line of log.
func (s *Server) envelope(c *fiber.Ctx) error {
	began := time.Now()
	s.metrics.inFlight.Inc()
	defer s.metrics.inFlight.Dec()
	s.prepare(c)

	ctx, cancel := context.WithTimeout(context.Background(), requestTimeout)
	defer cancel()
	c.SetUserContext(ctx)
	if err := s.next(c); err != nil {
		if err := s.fail(c, err); err != nil {
			return err
		}
	}
	s.reportSearch(c)
	took := time.Since(began)
	degraded, _ := c.Locals(degradedKey).(bool)
	route, status := routeOf(c), c.Response().StatusCode()
	s.metrics.observe(route, c.Method(), status, took, degraded)
	level := slog.LevelInfo
	if route == "/healthz" || route == "/readyz" || route == "/metrics" {
		level = slog.LevelDebug // asked every few seconds
	}
	// Neither the path nor the query nor who asked: what people look for is theirs.
	s.log.LogAttrs(ctx, level, "request",
		slog.String("method", knownMethod(c.Method())), slog.String("route", route), slog.Int("status", status),
		slog.Duration("took", took), slog.Int("bytes", len(c.Response().Body())),
		slog.String("request_id", RequestID(c)), slog.Bool("degraded", degraded))
	return nil
}

// prepare gives a request its id and an answer the headers that all have.
func (s *Server) prepare(c *fiber.Ctx) {
	id := c.Get(fiber.HeaderXRequestID)
	if !validRequestID(id) {
		id = newID()
	}
	c.Locals(requestIDKey, id)
	c.Set(fiber.HeaderXRequestID, id)
	c.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	c.Set(fiber.HeaderXFrameOptions, "DENY")
	c.Set(fiber.HeaderReferrerPolicy, "strict-origin-when-cross-origin")
	c.Set(fiber.HeaderContentSecurityPolicy, contentPolicy)
	c.Set("Cross-Origin-Opener-Policy", "same-origin")
	c.Set(fiber.HeaderPermissionsPolicy, "camera=(), geolocation=(), microphone=()")
}

// next runs the handlers; a panic in one is an error like any other.
func (s *Server) next(c *fiber.Ctx) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
			s.log.Error("handler panicked", "err", err, "request_id", RequestID(c), "stack", string(debug.Stack()))
		}
	}()
	return c.Next()
}

// fail answers an error with a problem document.
func (s *Server) fail(c *fiber.Ctx, err error) error {
	if RequestID(c) == "" {
		s.prepare(c) // the server refused the request before any handler ran
	}
	p := problemOf(err)
	p.RequestID = RequestID(c)
	p.Type = s.options.PublicURL + p.Type
	s.logFailure(c, p, err)
	c.Status(p.Status)
	c.Set(fiber.HeaderCacheControl, "no-store")
	if p.Status == http.StatusServiceUnavailable {
		c.Set(fiber.HeaderRetryAfter, retryAfter)
	}
	if e, ok := errors.AsType[*catalog.Error](err); ok && e.Wait > 0 {
		c.Set(fiber.HeaderRetryAfter, strconv.FormatFloat(math.Ceil(e.Wait.Seconds()), 'f', 0, 64))
	}
	return writeJSON(c, p.Status, problemType, p)
}

// logFailure logs what an operator has to know. The same trouble on every request is
// logged once in a while; the access log has each.
func (s *Server) logFailure(c *fiber.Ctx, p Problem, err error) {
	if p.Status < http.StatusInternalServerError {
		return
	}
	attrs := []any{"err", err, "request_id", p.RequestID, "route", routeOf(c)}
	if p.Status == http.StatusServiceUnavailable {
		missed, ok := s.unavailable.allow(time.Now())
		if !ok {
			return
		}
		attrs = append(attrs, "not_logged", missed)
	}
	if e, ok := errors.AsType[*catalog.Error](err); ok && e.Hint != "" {
		attrs = append(attrs, "hint", e.Hint)
	}
	s.log.Error("request failed", attrs...)
}

// routeOf is the pattern of the route that a request took.
func routeOf(c *fiber.Ctx) string {
	path := c.Route().Path
	if path == "" || (path == "/" && c.Path() != "/") {
		return unmatched // only the envelope itself matched
	}
	return path
}

// validRequestID says whether an id from outside may stand in our log and headers.
func validRequestID(id string) bool {
	const allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."
	return id != "" && len(id) <= 64 && strings.Trim(id, allowed) == ""
}

// newID is a random id of 128 bits.
func newID() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // crypto/rand never fails: the program ends instead
	return hex.EncodeToString(b)
}
