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
// each GuessesSpan.
const (
	GuessesMost = 10
	GuessesSpan = 10 * time.Minute
)

// GuessLimit bounds wrong passwords.
type GuessLimit interface {
	Limiter
	// Wait is how long who has to wait before Take returns 0 again; it notes nothing.
	Wait(ctx context.Context, who string) time.Duration
}

// AdminPassword lets in who sends the user admin and one password with HTTP Basic
// authentication (RFC 7617).
type AdminPassword struct {
	password [sha256.Size]byte
	formKey  []byte
	guesses  GuessLimit
}

var _ Authenticator = (*AdminPassword)(nil)

// NewAdminPassword lets in who has a password, which may not be empty. A nil guesses does
// not bound wrong ones.
func NewAdminPassword(password string, guesses GuessLimit) *AdminPassword {
	a := &AdminPassword{password: sha256.Sum256([]byte(password)), guesses: guesses}
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
	right := a.matches(encoded)
	if a.guesses != nil {
		ask := a.guesses.Take
		if right {
			ask = a.guesses.Wait
		}
		if wait := ask(c.UserContext(), Network(c)); wait > 0 {
			return Principal{}, nil, &catalog.Error{Code: catalog.CodeTooMany, Message: "too many wrong passwords from this network", Wait: wait}
		}
	}
	if !right {
		return Principal{}, nil, &catalog.Error{Code: catalog.CodeUnauthorized, Message: "user or password is wrong"}
	}
	return Principal{Role: Admin}, a.formKey, nil
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
