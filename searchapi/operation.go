package searchapi

import (
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/httpserver"
)

// operation declares one call: what it takes, what it answers, who does it. Routing,
// parsing and documentation come from this declaration.
type operation struct {
	id      string // operationId
	method  string
	path    string // with {name} for what varies
	group   text   // its section in the documentation
	summary text
	about   text // more than the summary; empty: nothing
	params  []param
	rules   []any       // what holds of parameters together, as JSON Schema; nil: each is for itself
	body    any         // a value of the type of the JSON body; nil: none
	status  int         // of a good answer
	answer  any         // a value of the type of the JSON answer; nil: mediaType says what it is
	media   string      // of an answer that is not JSON
	also    map[int]any // other statuses with JSON that is no problem; a nil value: no body
	refuses []int       // problems that it may answer besides 500
	open    bool        // pages of any origin may read it
	login   bool        // only who is logged in may make it
	example string      // path and query to try
	handle  func(c *fiber.Ctx, a args) error
}

// fiberPath is the path in Fiber's notation: /courses/:id for /courses/{id}.
func (o operation) fiberPath() string {
	return strings.NewReplacer("{", ":", "}", "").Replace(o.path)
}

// register adds a call to the app.
func (s *Service) register(o operation) {
	app := s.server.App()
	app.Add(o.method, o.fiberPath(), s.handler(o))
	if o.method == http.MethodGet {
		app.Head(o.fiberPath(), s.handler(o))
	} else if o.open {
		app.Options(o.fiberPath(), preflight(o.method))
	}
}

// preflight lets pages of any origin send JSON (Fetch standard, CORS-preflight request).
// What they send carries no cookies and is no more than anybody else may send.
func preflight(method string) fiber.Handler {
	return func(c *fiber.Ctx) error {
		c.Set(fiber.HeaderAccessControlAllowOrigin, "*")
		c.Set(fiber.HeaderAccessControlAllowMethods, method)
		c.Set(fiber.HeaderAccessControlAllowHeaders, fiber.HeaderContentType)
		c.Set(fiber.HeaderAccessControlMaxAge, "86400")
		return c.SendStatus(http.StatusNoContent)
	}
}

func (s *Service) handler(o operation) fiber.Handler {
	return func(c *fiber.Ctx) error {
		switch {
		case o.open:
			c.Set(fiber.HeaderAccessControlAllowOrigin, "*")
		case !isSafe(o.method):
			if err := httpserver.CheckOrigin(c); err != nil {
				return err
			}
		}
		given := httpserver.QueryValues(c)
		for _, p := range o.params {
			if p.in != inPath {
				continue
			}
			value := c.Params(p.name)
			if p.kind == integerParam && beyondInt64(value) {
				return &catalog.Error{Code: catalog.CodeNotFound, Message: fmt.Sprintf("there is no %s %s", p.name, display(value))}
			}
			if given.Has(p.name) {
				return catalog.Invalidf(p.name, "stands in the path, not in the query")
			}
			given.Set(p.name, value)
		}
		a, err := parse(o.params, given)
		if err != nil {
			return err
		}
		return o.handle(c, a)
	}
}

// isSafe says whether a method changes nothing (RFC 9110, section 9.2.1).
func isSafe(method string) bool { return method == http.MethodGet || method == http.MethodHead }

// problems are the statuses of the problems that a call may answer, each once.
func (o operation) problems() []int {
	all := append([]int{http.StatusInternalServerError}, o.refuses...)
	if o.login {
		all = append(all, http.StatusBadRequest, http.StatusUnauthorized, http.StatusServiceUnavailable)
		if !isSafe(o.method) {
			all = append(all, http.StatusForbidden)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// beyondInt64 says whether a text is a whole number that no id can be.
func beyondInt64(s string) bool {
	if s == "" || strings.Trim(s, "0123456789") != "" {
		return false
	}
	n, err := strconv.ParseUint(s, 10, 64)
	return err != nil || n > math.MaxInt64
}

// answerJSON answers 200 with what may not be reused without asking again.
func answerJSON(c *fiber.Ctx, v any) error {
	setNoCache(c)
	return httpserver.WriteJSON(c, http.StatusOK, fiber.MIMEApplicationJSON, v)
}

// setNoCache lets nobody reuse an answer without asking again, unless its handler says
// something else.
func setNoCache(c *fiber.Ctx) {
	if len(c.Response().Header.Peek(fiber.HeaderCacheControl)) == 0 {
		c.Set(fiber.HeaderCacheControl, "no-cache")
	}
}
