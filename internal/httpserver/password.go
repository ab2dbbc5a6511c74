package httpserver

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/xunke/xunke/catalog"
)

const adminUser = "admin"

// A network may give GuessesMost wrong passwords at once, and as many again spread over
// each GuessesSpan; all networks together GuessesOfAll. A network that gave the right one
// is known for KnownFor, and does not wait for what others guess.
const (
	GuessesMost  = 10
	GuessesOfAll = 100
	GuessesSpan  = 10 * time.Minute
	KnownFor     = 30 * 24 * time.Hour
)

// GuessLimit bounds wrong passwords.
type GuessLimit interface {
	Limiter
	// Wait is how long who has to wait before Take returns 0 again; it notes nothing.
	Wait(ctx context.Context, who string) time.Duration
}

// GuessLimits bound wrong passwords. A nil limit is none.
type GuessLimits struct {
	Network GuessLimit // GuessesMost, by network
	// All is GuessesOfAll: who guesses from many networks at once is slowed down, too.
	All GuessLimit
	// Known is once in KnownFor, by network: who has to wait has given the right password.
	Known GuessLimit
}

// everybody is who All counts.
const everybody = "everybody"

// AdminPassword lets in who sends the user admin and one password with HTTP Basic
// authentication (RFC 7617).
type AdminPassword struct {
	password [sha256.Size]byte
	formKey  []byte
	limits   GuessLimits
}

var _ Authenticator = (*AdminPassword)(nil)

// NewAdminPassword lets in who has a password, which may not be empty.
func NewAdminPassword(password string, limits GuessLimits) *AdminPassword {
	a := &AdminPassword{password: sha256.Sum256([]byte(password)), limits: limits}
	a.formKey = deriveKey(a.password[:], "admin forms")
	return a
}

// Challenge implements Authenticator.
func (*AdminPassword) Challenge() string { return `Basic realm="Xunke", charset="UTF-8"` }

// Authenticate implements Authenticator. The password is compared first and the limit
// asked afterwards: it then decides in one step which guess was the last one allowed,
// however many come at the same time. After too many guesses the right password has to
// wait, too: otherwise guessing could go on.
func (a *AdminPassword) Authenticate(c *fiber.Ctx) (Principal, []byte, error) {
	encoded, ok := strings.CutPrefix(c.Get(fiber.HeaderAuthorization), "Basic ")
	if !ok {
		return Principal{}, nil, nil
	}
	right, network := a.matches(encoded), WideNetwork(c)
	if wait := a.wait(c.UserContext(), network, right); wait > 0 {
		return Principal{}, nil, &catalog.Error{Code: catalog.CodeTooMany, Message: "too many wrong passwords", Wait: wait}
	}
	if !right {
		if r := requestOf(c); r != nil {
			r.server.log.Warn("wrong password of an admin", "network", network, "request_id", r.id)
		}
		return Principal{}, nil, &catalog.Error{Code: catalog.CodeUnauthorized, Message: "user or password is wrong"}
	}
	return Principal{Role: Admin}, a.formKey, nil
}

// wait counts a password, right or wrong, and is how long its network has to wait.
func (a *AdminPassword) wait(ctx context.Context, network string, right bool) time.Duration {
	ask := func(l GuessLimit, who string) time.Duration {
		switch {
		case l == nil:
			return 0
		case right:
			return l.Wait(ctx, who)
		default:
			return l.Take(ctx, who)
		}
	}
	if wait := ask(a.limits.Network, network); wait > 0 {
		return wait
	}
	if wait := ask(a.limits.All, everybody); wait > 0 {
		known := right && a.limits.Known != nil && a.limits.Known.Wait(ctx, network) > 0
		if !known {
			return wait
		}
	}
	if right && a.limits.Known != nil {
		a.limits.Known.Take(ctx, network)
	}
	return 0
}

// matches says whether the user and the password are right. Both are compared in a time
// that says nothing about them.
func (a *AdminPassword) matches(encoded string) bool {
	raw, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return false
	}
	user, password, _ := strings.Cut(string(raw), ":")
	sum := sha256.Sum256([]byte(password))
	return subtle.ConstantTimeCompare([]byte(user), []byte(adminUser))&subtle.ConstantTimeCompare(sum[:], a.password[:]) == 1
}
