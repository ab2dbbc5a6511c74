package httpserver

import (
	"crypto/subtle"
	"encoding/hex"
	"net/url"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/xunke/xunke/catalog"
)

// FormTokenField is the field of a form that sends its token back.
const FormTokenField = "token"

// FormToken is what the forms of a page have to send back. A browser sends credentials by
// itself, wherever a form comes from; the token is known only to the page. It holds for
// the day (UTC) and the next. It is empty for a principal without credentials.
func FormToken(c *fiber.Ctx) string {
	r := requestOf(c)
	if r == nil {
		return ""
	}
	return formToken(identityOf(c).formKey, r.server.now())
}

func formToken(key []byte, at time.Time) string {
	if len(key) == 0 {
		return ""
	}
	return hex.EncodeToString(deriveKey(key, at.UTC().Format(time.DateOnly)))
}

// CheckForm is nil for a form that comes from a page of this site, by the headers that
// browsers set and by its token, and an error of CodeForbidden for any other.
func CheckForm(c *fiber.Ctx) error {
	if r := requestOf(c); r != nil && r.server.fromOwnPage(c) && r.server.validToken(c) {
		return nil
	}
	return &catalog.Error{Code: catalog.CodeForbidden, Message: "this form does not come from a page of this site"}
}

func (s *Server) validToken(c *fiber.Ctx) bool {
	key, sent, now := identityOf(c).formKey, FormValue(c, FormTokenField), s.now()
	if len(key) == 0 {
		return false
	}
	for _, at := range []time.Time{now, now.AddDate(0, 0, -1)} {
		if subtle.ConstantTimeCompare([]byte(sent), []byte(formToken(key, at))) == 1 {
			return true
		}
	}
	return false
}

// fromOwnPage says whether the browser tells that a form comes from a page of this site.
func (s *Server) fromOwnPage(c *fiber.Ctx) bool {
	if site := c.Get("Sec-Fetch-Site"); site != "" && site != "same-origin" {
		return false
	}
	origin, err := url.Parse(c.Get(fiber.HeaderOrigin))
	if err != nil || origin.Host == "" {
		return false
	}
	return origin.Host == Host(c) || s.publicHost != "" && origin.Host == s.publicHost
}

// CheckOrigin is nil for a request that no page of another site has had a browser send, and
// an error of CodeCrossSite for any other: the algorithm of net/http's CrossOriginProtection.
// Browsers say where a request comes from; what is no browser has no cookies to misuse.
func CheckOrigin(c *fiber.Ctx) error {
	refused := &catalog.Error{Code: catalog.CodeCrossSite, Message: "a page of another site has sent this"}
	switch c.Get("Sec-Fetch-Site") {
	case "same-origin", "none":
		return nil
	case "":
	default:
		return refused
	}
	sent := c.Get(fiber.HeaderOrigin)
	if sent == "" {
		return nil
	}
	origin, err := url.Parse(sent)
	r := requestOf(c)
	if err != nil || origin.Host == "" || r == nil || origin.Host != Host(c) && origin.Host != r.server.publicHost {
		return refused
	}
	return nil
}
