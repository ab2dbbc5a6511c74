package page

import (
	"context"
	"errors"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/httpserver"
)

// timeout bounds how long a page waits for the servers behind it. A page is shown
// without what did not come in time.
const timeout = 5 * time.Second

// Handler makes one page. An error becomes the page that says what is wrong.
type Handler func(ctx context.Context, c *fiber.Ctx, l Locale) error

// Handle turns a handler into one of Fiber's.
func (r *Renderer) Handle(h Handler) fiber.Handler {
	return func(c *fiber.Ctx) error {
		l := localeOf(c)
		ctx, cancel := context.WithTimeout(c.UserContext(), timeout)
		defer cancel()
		if err := h(ctx, c, l); err != nil {
			return r.fault(ctx, c, l, err)
		}
		return nil
	}
}

// renderNotFound lets every other route answer first, and shows a page where none did.
func (r *Renderer) renderNotFound(c *fiber.Ctx) error {
	err := c.Next()
	var e *fiber.Error
	if !errors.As(err, &e) || e.Code != fiber.StatusNotFound || !wantsPage(c) {
		return err
	}
	return r.fault(c.UserContext(), c, localeOf(c), &catalog.Error{Code: catalog.CodeNotFound, Message: "there is no such page"})
}

// wantsPage says whether a person asks, as opposed to a program or an <img>.
func wantsPage(c *fiber.Ctx) bool {
	if c.Method() != fiber.MethodGet && c.Method() != fiber.MethodHead {
		return false
	}
	return !strings.HasPrefix(c.Path(), "/api/") && strings.Contains(c.Get(fiber.HeaderAccept), fiber.MIMETextHTML)
}

// faultContent is what an error page shows.
type faultContent struct {
	Code   catalog.Code
	Fields []catalog.FieldError
	GoURL  string // where to go on without what is wrong; empty: the home page
	Retry  bool
}

// fault shows an error in words for visitors.
func (r *Renderer) fault(ctx context.Context, c *fiber.Ctx, l Locale, err error) error {
	failure := httpserver.Fail(c, err)
	content := faultContent{Code: failure.Code, Retry: failure.Retry()}
	if failure.Code == catalog.CodeInvalid {
		content.Fields = failure.Fields
		content.GoURL = l.Link(withoutFields(SearchParameters(c), content.Fields))
	}
	return r.Render(ctx, c, l, "fault", failure.Status, Frame{
		Title: l.Text("fault." + string(failure.Code)), Path: "/", NoIndex: true, Text: ShortText(SearchParameters(c).Get("q")), Content: content,
	})
}

// known are the parameters of a search page. Any other is ignored and not carried on:
// messengers and campaigns add their own to an address that is passed along.
var known = func() []string {
	names := []string{"q", "type", "sort", "page", "per_page", "exact", "facets"}
	for _, f := range catalog.Facets(catalog.KindCourse) { // those of a course are all of them
		names = append(names, string(f))
	}
	return names
}()

// SearchParameters are the known parameters of a request.
func SearchParameters(c *fiber.Ctx) url.Values {
	values := httpserver.QueryValues(c)
	maps.DeleteFunc(values, func(name string, _ []string) bool { return !slices.Contains(known, name) })
	return values
}

// withoutFields is the address of the same search without the parameters at fault.
func withoutFields(values url.Values, fields []catalog.FieldError) string {
	for _, f := range fields {
		values.Del(f.Field)
	}
	for name, list := range values {
		values[name] = slices.DeleteFunc(list, func(v string) bool { return v == "" })
	}
	if encoded := values.Encode(); encoded != "" {
		return "/?" + encoded
	}
	return "/"
}

// ShortText is a caller's text as an error page may repeat it.
func ShortText(s string) string {
	runes := []rune(strings.ToValidUTF8(s, "\uFFFD"))
	return string(runes[:min(len(runes), catalog.MaxQueryRunes)])
}

// ItemID reads the id in a path. What is no id names no item.
func ItemID(c *fiber.Ctx, k catalog.Kind) (int64, error) {
	id, err := strconv.ParseInt(c.Params("id"), 10, 64)
	if err != nil || id < 1 {
		return 0, catalog.NotFound(k, id)
	}
	return id, nil
}
