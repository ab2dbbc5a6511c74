package httpserver

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/gofiber/fiber/v2"
)

// contentPolicy is what an answer may load unless its handler says otherwise.
const contentPolicy = "default-src 'self'; img-src 'self' https: data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// pagePolicy is what a page of the site may load. Images may come from anywhere: the
// catalogue names them by URL.
var pagePolicy = strings.Join([]string{
	"default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'",
	"img-src 'self' https: http: data:", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'",
}, "; ")

// setHeaders sets the security headers that every answer has.
func setHeaders(c *fiber.Ctx) {
	c.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	c.Set(fiber.HeaderXFrameOptions, "DENY")
	c.Set(fiber.HeaderReferrerPolicy, "strict-origin-when-cross-origin")
	c.Set(fiber.HeaderContentSecurityPolicy, contentPolicy)
	c.Set("Cross-Origin-Opener-Policy", "same-origin")
	if Secure(c) { // this host only: the names below it may be anybody's
		c.Set(fiber.HeaderStrictTransportSecurity, "max-age=31536000")
	}
	c.Set(fiber.HeaderPermissionsPolicy, "camera=(), geolocation=(), microphone=()")
}

// Secure says whether visitors reach this site over TLS.
func Secure(c *fiber.Ctx) bool {
	r := requestOf(c)
	return r != nil && isSecure(r.server.publicURL)
}

func isSecure(publicURL string) bool { return strings.HasPrefix(publicURL, "https://") }

// UsePagePolicy lets an answer load what a page of the site needs, and nothing else.
func UsePagePolicy(c *fiber.Ctx) { c.Set(fiber.HeaderContentSecurityPolicy, pagePolicy) }

// AllowAnyOrigin lets pages of any origin load what is answered, also those that isolate
// themselves by Cross-Origin-Embedder-Policy. It is for what depends on nobody who asks.
func AllowAnyOrigin(c *fiber.Ctx) {
	c.Set(fiber.HeaderAccessControlAllowOrigin, "*")
	c.Set("Cross-Origin-Resource-Policy", "cross-origin")
}

// TagOf is a weak entity tag of contents.
func TagOf(contents ...[]byte) string {
	h := sha256.New()
	for _, content := range contents {
		_, _ = h.Write(content)
	}
	return `W/"` + base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:12]) + `"`
}

// TagMatches compares an entity tag with those of If-None-Match, weakly (RFC 9110,
// section 13.1.2).
func TagMatches(c *fiber.Ctx, tag string) bool {
	for t := range strings.SplitSeq(c.Get(fiber.HeaderIfNoneMatch), ",") {
		t = strings.TrimSpace(t)
		if t == "*" || strings.TrimPrefix(t, "W/") == strings.TrimPrefix(tag, "W/") {
			return true
		}
	}
	return false
}

// WriteJSON answers v. Answers are served as JSON and with nosniff, so that the marks of
// a highlight need no escaping.
func WriteJSON(c *fiber.Ctx, status int, contentType string, v any) error {
	body, err := EncodeJSON(v)
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, contentType)
	return c.Status(status).Send(body)
}

// EncodeJSON is v as WriteJSON answers it.
func EncodeJSON(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("encode answer: %w", err)
	}
	return b.Bytes(), nil
}
