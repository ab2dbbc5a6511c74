package httpserver

import (
	"context"
	"crypto/sha256"
	"time"

	"github.com/gofiber/fiber/v2"
)

// The names of the cookie of a session. A browser takes one that begins with __Host- over TLS
// only, from this host alone and for all of it, so that no other host can set it (RFC 6265bis,
// section 4.1.3.2). Without TLS, as where somebody develops, browsers refuse that name.
const (
	secureCookie = "__Host-xunke-session"
	plainCookie  = "xunke-session"
)

// Learners knows whose session a cookie is of.
type Learners interface {
	// Learner is the account of a session; 0: there is no such session. CodeUnavailable.
	Learner(ctx context.Context, token string) (account int64, err error)
}

// SessionCookie lets in who has the cookie of a session.
type SessionCookie struct{ Learners Learners }

var _ Authenticator = SessionCookie{}

// Authenticate implements Authenticator. A cookie of no session is that of one that has
// ended: who sends it is nobody.
func (s SessionCookie) Authenticate(c *fiber.Ctx) (Principal, []byte, error) {
	token := SessionToken(c)
	if token == "" {
		return Principal{}, nil, nil
	}
	account, err := s.Learners.Learner(c.UserContext(), token)
	if err != nil || account == 0 {
		return Principal{}, nil, err
	}
	sum := sha256.Sum256([]byte(token))
	return Principal{Role: Learner, ID: account}, deriveKey(sum[:], "learner forms"), nil
}

// Challenge implements Authenticator: browsers know none for cookies.
func (SessionCookie) Challenge() string { return "" }

// CookieName is the name of the cookie of a session where visitors reach a site by an URL.
func CookieName(publicURL string) string {
	if isSecure(publicURL) {
		return secureCookie
	}
	return plainCookie
}

func cookieName(c *fiber.Ctx) string {
	if Secure(c) {
		return secureCookie
	}
	return plainCookie
}

// SessionToken is what the cookie of a session has; empty: there is none.
func SessionToken(c *fiber.Ctx) string { return c.Cookies(cookieName(c)) }

// SetSession gives a browser the cookie of a session, until it expires.
func SetSession(c *fiber.Ctx, token string, expires time.Time) {
	c.Cookie(&fiber.Cookie{
		Name: cookieName(c), Value: token, Path: "/", Expires: expires, Secure: Secure(c), HTTPOnly: true, SameSite: fiber.CookieSameSiteLaxMode,
	})
}

// ClearSession takes the cookie of a session from a browser.
func ClearSession(c *fiber.Ctx) { SetSession(c, "", time.Unix(1, 0)) }
