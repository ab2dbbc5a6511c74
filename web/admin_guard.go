package web

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
)

const (
	adminUser = "admin"
	// An address may give wrong passwords so often in so long; then it has to wait.
	failuresMost = 10
	failuresSpan = 10 * time.Minute
	// failuresKept bounds the addresses that are remembered.
	failuresKept = 10_000
)

// guardKey is where a request carries the token for its forms.
type adminKey int

const guardKey adminKey = 0

// Guard lets admins in. A browser sends the password by itself, wherever a form comes
// from, so a form has to show that it comes from the page: by the headers that browsers
// set, and by a token that only the page has.
type Guard struct {
	password [sha256.Size]byte
	key      []byte
	host     string // of the public address
	address  func(c *fiber.Ctx) string
	now      func() time.Time

	mu       sync.Mutex
	failures map[string]failure
}

type failure struct {
	times int
	since time.Time
}

// NewGuard lets in who has the password; nil without one. publicURL is how admins reach the
// site, address says where a request comes from, and now is time.Now if it is nil.
func NewGuard(password, publicURL string, address func(c *fiber.Ctx) string, now func() time.Time) *Guard {
	if password == "" {
		return nil
	}
	g := &Guard{password: sha256.Sum256([]byte(password)), address: address, now: now, failures: map[string]failure{}}
	g.key = sign(g.password[:], "admin forms")
	if u, err := url.Parse(publicURL); err == nil {
		g.host = u.Host
	}
	if g.now == nil {
		g.now = time.Now
	}
	return g
}

func sign(key []byte, text string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text))
	return mac.Sum(nil)
}

// token is what a form has to send back. It holds for the day (UTC) and the next.
func (g *Guard) token(at time.Time) string {
	return hex.EncodeToString(sign(g.key, at.UTC().Format(time.DateOnly)))
}

// Refuses is the status with which a request to read is refused, 0 if it is not: it comes
// without the password, or from an address that has to wait. A nil Guard lets nobody in.
func (g *Guard) Refuses(c *fiber.Ctx) int {
	if g == nil {
		return http.StatusForbidden
	}
	from, now := g.address(c), g.now()
	if g.waits(from, now) {
		c.Set(fiber.HeaderRetryAfter, "600")
		return http.StatusTooManyRequests
	}
	given := c.Get(fiber.HeaderAuthorization)
	if !g.knows(given) {
		if given != "" {
			g.fail(from, now)
		}
		c.Set(fiber.HeaderWWWAuthenticate, `Basic realm="Xunke", charset="UTF-8"`)
		return http.StatusUnauthorized
	}
	return 0
}

// refuses is Refuses for pages with forms.
func (g *Guard) refuses(c *fiber.Ctx) int {
	if status := g.Refuses(c); status != 0 {
		return status
	}
	if c.Method() == http.MethodPost && (!g.fromHere(c) || !g.signed(c.FormValue("token"), g.now())) {
		return http.StatusForbidden
	}
	return 0
}

// knows says whether a header has the user and the password. Both are compared in a time
// that says nothing about them.
func (g *Guard) knows(header string) bool {
	encoded, ok := strings.CutPrefix(header, "Basic ")
	raw, err := base64.StdEncoding.DecodeString(encoded)
	if !ok || err != nil {
		return false
	}
	user, password, _ := strings.Cut(string(raw), ":")
	sum := sha256.Sum256([]byte(password))
	return subtle.ConstantTimeCompare([]byte(user), []byte(adminUser))&subtle.ConstantTimeCompare(sum[:], g.password[:]) == 1
}

// fromHere says whether the browser tells that a form comes from a page of this site.
func (g *Guard) fromHere(c *fiber.Ctx) bool {
	if site := c.Get("Sec-Fetch-Site"); site != "" && site != "same-origin" {
		return false
	}
	origin, err := url.Parse(c.Get(fiber.HeaderOrigin))
	if err != nil || origin.Host == "" {
		return false
	}
	return origin.Host == c.Hostname() || g.host != "" && origin.Host == g.host
}

func (g *Guard) signed(token string, now time.Time) bool {
	for _, at := range []time.Time{now, now.AddDate(0, 0, -1)} {
		if subtle.ConstantTimeCompare([]byte(token), []byte(g.token(at))) == 1 {
			return true
		}
	}
	return false
}

// waits says whether an address has given too many wrong passwords.
func (g *Guard) waits(address string, now time.Time) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	f, ok := g.failures[address]
	return ok && f.times >= failuresMost && now.Sub(f.since) < failuresSpan
}

func (g *Guard) fail(address string, now time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	f := g.failures[address]
	if now.Sub(f.since) >= failuresSpan {
		f = failure{since: now}
	}
	f.times++
	if len(g.failures) >= failuresKept {
		clear(g.failures)
	}
	g.failures[address] = f
}
