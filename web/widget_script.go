package web

import (
	"fmt"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/tdewolff/minify/v2"
	"github.com/tdewolff/minify/v2/css"
	"github.com/tdewolff/minify/v2/js"

	"github.com/xunke/xunke/internal/httpserver"
)

// The files that pages of other sites load. Their addresses stay as they are for good:
// they stand in pages that we cannot change.
const (
	widgetScript = "widgets.js"
	widgetSheet  = "widgets.css"
	// widgetCache makes a new version known within minutes, at the cost of one question
	// that is mostly answered with 304.
	widgetCache = "public, max-age=300, stale-while-revalidate=86400"
)

// sheetPlace is where the script has the style sheet that it puts into its elements.
const sheetPlace = `"{{css}}"`

// joinWidgets puts the style sheet of the widgets into their script, so that a page loads
// one file and the look is written down once.
func (a *assets) joinWidgets() error {
	m := newMinifier()
	sheet, err := m.Bytes("text/css", a.named[widgetSheet].plain)
	if err != nil {
		return fmt.Errorf("shorten %s: %w", widgetSheet, err)
	}
	// Back quotes need no escapes inside: neither they nor ${ stand in a style sheet.
	quoted := "`" + strings.ReplaceAll(string(sheet), `\`, `\\`) + "`"
	source := string(a.named[widgetScript].plain)
	if strings.Count(source, sheetPlace) != 1 {
		return fmt.Errorf("join %s: it does not have one place for the style sheet", widgetScript)
	}
	script, err := m.Bytes("text/javascript", []byte(strings.Replace(source, sheetPlace, quoted, 1)))
	if err != nil {
		return fmt.Errorf("shorten %s: %w", widgetScript, err)
	}
	return a.add(widgetScript, script)
}

// newMinifier shortens what other sites load with every page of theirs.
func newMinifier() *minify.M {
	m := minify.New()
	m.AddFunc("text/css", css.Minify)
	m.AddFunc("text/javascript", js.Minify)
	return m
}

// stable answers a file at an address without a hash, to any site.
func (a *assets) stable(name string) fiber.Handler {
	return func(c *fiber.Ctx) error {
		f := a.named[name]
		httpserver.UsePagePolicy(c)
		httpserver.AllowAnyOrigin(c)
		c.Set(fiber.HeaderContentType, f.contentType)
		c.Set(fiber.HeaderVary, fiber.HeaderAcceptEncoding)
		c.Set(fiber.HeaderCacheControl, widgetCache)
		c.Set(fiber.HeaderETag, f.tag)
		if httpserver.TagMatches(c, f.tag) {
			return c.Status(fiber.StatusNotModified).Send(nil)
		}
		return a.send(c, f)
	}
}
