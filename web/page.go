package web

import (
	"context"
	"errors"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/httpserver"
)

// handler makes one page. An error becomes the page that says what is wrong.
type handler func(ctx context.Context, c *fiber.Ctx, l locale) error

// page turns a handler into one of Fiber's.
func (p *pages) page(h handler) fiber.Handler {
	return func(c *fiber.Ctx) error {
		l := localeOf(c)
		ctx, cancel := context.WithTimeout(c.UserContext(), timeout)
		defer cancel()
		if err := h(ctx, c, l); err != nil {
			return p.fault(ctx, c, l, err)
		}
		return nil
	}
}

// unmatched lets every other route answer first, and shows a page where none did.
func (p *pages) unmatched(c *fiber.Ctx) error {
	err := c.Next()
	var e *fiber.Error
	if !errors.As(err, &e) || e.Code != fiber.StatusNotFound || !wantsPage(c) {
		return err
	}
	return p.fault(c.UserContext(), c, localeOf(c), &catalog.Error{Code: catalog.CodeNotFound, Message: "there is no such page"})
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
func (p *pages) fault(ctx context.Context, c *fiber.Ctx, l locale, err error) error {
	failure := httpserver.Fail(c, err)
	content := faultContent{Code: failure.Code, Retry: failure.Retry()}
	if failure.Code == catalog.CodeInvalid {
		content.Fields = failure.Fields
		content.GoURL = l.link(withoutFields(parameters(c), content.Fields))
	}
	return p.render(ctx, c, l, "fault", failure.Status, frame{
		Title: l.must("fault." + string(failure.Code)), Path: "/", NoIndex: true, Text: shortText(parameters(c).Get("q")), Content: content,
	})
}

// known are the parameters of a search page. Any other is ignored and not carried on:
// messengers and campaigns add their own to an address that is passed along.
var known = func() []string {
	names := []string{"q", "type", "sort", "page", "per_page", "exact"}
	for _, f := range orderedFacets {
		names = append(names, string(f))
	}
	return names
}()

// parameters are the known parameters of a request.
func parameters(c *fiber.Ctx) url.Values {
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

// shortText is a caller's text as an error page may repeat it.
func shortText(s string) string {
	runes := []rune(strings.ToValidUTF8(s, "\uFFFD"))
	return string(runes[:min(len(runes), catalog.MaxQueryRunes)])
}
