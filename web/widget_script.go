package web

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/gofiber/fiber/v2"
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
	sheet, script := compact(string(a.named[widgetSheet].plain)), compact(string(a.named[widgetScript].plain))
	quoted, err := json.Marshal(strings.ReplaceAll(sheet, "\n", ""))
	if err != nil {
		return fmt.Errorf("quote %s: %w", widgetSheet, err)
	}
	if strings.Count(script, sheetPlace) != 1 {
		return fmt.Errorf("join %s: it does not have one place for the style sheet", widgetScript)
	}
	return a.add(widgetScript, []byte(strings.Replace(script, sheetPlace, string(quoted), 1)))
}

// compact takes indentation, empty lines and comments that have lines of their own from
// a script or a style sheet. Line ends stay: a script may depend on them.
func compact(source string) string {
	var b strings.Builder
	inComment := false
	for line := range strings.Lines(source) {
		line = strings.TrimSpace(line)
		inComment = inComment || strings.HasPrefix(line, "/*")
		if line != "" && !inComment && !strings.HasPrefix(line, "//") {
			b.WriteString(line)
			b.WriteByte('\n')
		}
		inComment = inComment && !strings.HasSuffix(line, "*/")
	}
	return b.String()
}

// stable answers a file at an address without a hash, to any site.
func (a *assets) stable(name string) fiber.Handler {
	return func(c *fiber.Ctx) error {
		f := a.named[name]
		secure(c)
		anySite(c)
		c.Set(fiber.HeaderContentType, f.contentType)
		c.Set(fiber.HeaderVary, fiber.HeaderAcceptEncoding)
		c.Set(fiber.HeaderCacheControl, widgetCache)
		c.Set(fiber.HeaderETag, f.tag)
		if sameTag(c.Get(fiber.HeaderIfNoneMatch), f.tag) {
			return c.Status(fiber.StatusNotModified).Send(nil)
		}
		return a.send(c, f)
	}
}

// anySite lets pages of any origin load what is answered, also those that isolate
// themselves by Cross-Origin-Embedder-Policy. Nothing of it is about who asks.
func anySite(c *fiber.Ctx) {
	c.Set(fiber.HeaderAccessControlAllowOrigin, "*")
	c.Set("Cross-Origin-Resource-Policy", "cross-origin")
}

// sameTag compares entity tags weakly (RFC 9110, section 13.1.2).
func sameTag(ifNoneMatch, tag string) bool {
	for t := range strings.SplitSeq(ifNoneMatch, ",") {
		t = strings.TrimSpace(t)
		if t == "*" || strings.TrimPrefix(t, "W/") == strings.TrimPrefix(tag, "W/") {
			return true
		}
	}
	return false
}
