package httpserver

import (
	"github.com/gofiber/fiber/v2"

	"github.com/xunke/xunke/catalog"
)

// Role is what somebody may do.
type Role int

// The roles.
const (
	Anonymous Role = iota // who does not say who they are
	Learner               // somebody with an account
	Admin                 // who runs the site
)

// Principal is who sends a request.
type Principal struct {
	Role Role
	ID   int64 // of a learner's account, else 0
}

// Authenticator tells who sends a request. A server asks several in turn.
type Authenticator interface {
	// Authenticate returns the zero Principal for a request that carries no credentials of
	// its kind. formKey is a secret of the credentials: tokens of forms are made with it.
	// Errors: CodeUnauthorized for wrong credentials, CodeTooMany after too many of them.
	Authenticate(c *fiber.Ctx) (p Principal, formKey []byte, err error)
	// Challenge is the header WWW-Authenticate of an answer with 401; empty: it has none.
	Challenge() string
}

// identity is who sends a request, once that was asked.
type identity struct {
	principal Principal
	formKey   []byte
	err       error
}

// PrincipalOf is who sends a request. The request is authenticated when this is first
// called: most answers are the same for all. Errors are those of Authenticator.
func PrincipalOf(c *fiber.Ctx) (Principal, error) {
	id := identityOf(c)
	return id.principal, id.err
}

func identityOf(c *fiber.Ctx) identity {
	r := requestOf(c)
	if r == nil {
		return identity{}
	}
	if r.identity != nil {
		return *r.identity
	}
	r.identity = &identity{}
	for _, a := range r.server.authenticators {
		id := identity{}
		if id.principal, id.formKey, id.err = a.Authenticate(c); id.err != nil || id.principal.Role != Anonymous {
			r.identity = &id
			break
		}
	}
	return *r.identity
}

// RequireAdmin is nil for a request of an admin. Errors: CodeUnauthorized for nobody,
// CodeForbidden for somebody else or where there are no admins, and those of Authenticator.
func RequireAdmin(c *fiber.Ctx) error {
	p, err := PrincipalOf(c)
	switch {
	case err != nil:
		return err
	case p.Role == Admin:
		return nil
	case p.Role == Anonymous && requestOf(c).server.HasAdmins():
		return &catalog.Error{Code: catalog.CodeUnauthorized, Message: "this is for admins; send the user admin and api.admin_password with HTTP Basic"}
	default:
		return &catalog.Error{Code: catalog.CodeForbidden, Message: "this is for admins"}
	}
}

// RequireLearner is the account of who is logged in. Errors: CodeLogin for anybody else, and
// those of Authenticator.
func RequireLearner(c *fiber.Ctx) (account int64, err error) {
	p, err := PrincipalOf(c)
	if err == nil && p.Role != Learner {
		err = &catalog.Error{Code: catalog.CodeLogin, Message: "this is for learners: log in first"}
	}
	return p.ID, err
}

// HasAdmins says whether anybody can be an admin of this server.
func (s *Server) HasAdmins() bool {
	for _, a := range s.authenticators {
		if _, learners := a.(SessionCookie); !learners {
			return true
		}
	}
	return false
}

// setChallenges tells how to say who one is.
func (s *Server) setChallenges(c *fiber.Ctx) {
	for _, a := range s.authenticators {
		if challenge := a.Challenge(); challenge != "" {
			c.Append(fiber.HeaderWWWAuthenticate, challenge)
		}
	}
}
