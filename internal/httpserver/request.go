package httpserver

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net/url"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"
)

// requestKey is where a request's own data is found, in its Fiber context and in its
// context.Context.
type requestKey struct{}

// request is what the server knows of a request.
type request struct {
	server   *Server
	id       string
	degraded atomic.Bool
	after    []func()
	identity *identity // nil: nobody has asked yet
	plain    bool      // not to be compressed
}

// requestTimeout bounds the work on one request. A client's going away cannot be seen,
// so nothing else would end it.
const requestTimeout = 10 * time.Second

// unmatched is the route in log and metrics of whatever has none.
const unmatched = "(none)"

// requestOf is nil before the server has seen the request.
func requestOf(c *fiber.Ctx) *request {
	r, _ := c.Locals(requestKey{}).(*request)
	return r
}

// RequestID is the id of a request, as in its log line and the header X-Request-Id.
func RequestID(c *fiber.Ctx) string {
	if r := requestOf(c); r != nil {
		return r.id
	}
	return ""
}

// MarkDegraded notes that the answer comes from a substitute or lacks something. ctx is
// the request's, and any goroutine may do it.
func MarkDegraded(ctx context.Context) {
	if r, ok := ctx.Value(requestKey{}).(*request); ok {
		r.degraded.Store(true)
	}
}

// AfterAnswer has something done once the answer is made, whatever its status.
func AfterAnswer(c *fiber.Ctx, do func()) {
	if r := requestOf(c); r != nil {
		r.after = append(r.after, do)
	}
}

// handle goes around every request: id, headers, deadline, errors and panics to problems,
// metrics, one line of log.
func (s *Server) handle(c *fiber.Ctx) error {
	began := time.Now()
	s.metrics.inFlight.Inc()
	defer s.metrics.inFlight.Dec()
	r := s.begin(c)

	ctx, cancel := context.WithTimeout(context.WithValue(context.Background(), requestKey{}, r), requestTimeout)
	defer cancel()
	c.SetUserContext(ctx)
	err := refusePacked(c)
	if err == nil {
		err = s.checkHost(c)
	}
	if err == nil {
		err = s.next(c)
	}
	if err != nil {
		if err := s.fail(c, err); err != nil {
			return err
		}
	}
	for _, do := range r.after {
		do()
	}
	compress(c)
	if s.Stopping() {
		c.Context().SetConnectionClose() // the client's next request finds another server
	}
	took := time.Since(began)
	route, status, degraded := routeOf(c), c.Response().StatusCode(), r.degraded.Load()
	s.metrics.observe(route, c.Method(), status, took, degraded)
	level := slog.LevelInfo
	if isProbe(route) {
		level = slog.LevelDebug // asked every few seconds
	}
	// Neither the path nor the query nor who asked: what people look for is theirs.
	s.log.LogAttrs(ctx, level, "request",
		slog.String("method", knownMethod(c.Method())), slog.String("route", route), slog.Int("status", status),
		slog.Duration("took", took), slog.Int("bytes", len(c.Response().Body())),
		slog.String("request_id", r.id), slog.Bool("degraded", degraded))
	return nil
}

// begin gives a request its id and an answer the headers that all have.
func (s *Server) begin(c *fiber.Ctx) *request {
	r := &request{server: s, id: c.Get(fiber.HeaderXRequestID)}
	if !ValidID(r.id) {
		r.id = NewID()
	}
	c.Locals(requestKey{}, r)
	c.Set(fiber.HeaderXRequestID, r.id)
	setHeaders(c)
	return r
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

// routeOf is the pattern of the route that a request took.
func routeOf(c *fiber.Ctx) string {
	path := c.Route().Path
	if path == "" || (path == "/" && c.Path() != "/") {
		return unmatched // only handle itself matched
	}
	return path
}

// ValidID says whether an id from outside may stand in our log and headers.
func ValidID(id string) bool {
	const allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."
	return id != "" && len(id) <= 64 && strings.Trim(id, allowed) == ""
}

// NewID is a random id of 128 bits, of a request or of a search.
func NewID() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // crypto/rand never fails: the program ends instead
	return hex.EncodeToString(b)
}

// QueryValues are the parameters in the query of a request. Unlike net/url it keeps an
// escape that is none and a semicolon as they are: people type them.
func QueryValues(c *fiber.Ctx) url.Values {
	values := url.Values{}
	for k, v := range c.Context().QueryArgs().All() {
		if len(k) == 0 && len(v) == 0 {
			continue // ?&a=b
		}
		values.Add(string(k), string(v))
	}
	return values
}
