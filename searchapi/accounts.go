package searchapi

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/xunke/xunke/accounts"
	"github.com/xunke/xunke/internal/httpserver"
)

// Visitors is what somebody does with an account before they are logged in. Errors are those
// of accounts.Service.
type Visitors interface {
	Register(ctx context.Context, network string, r accounts.Registration) error
	Activate(ctx context.Context, code string) error
	LogIn(ctx context.Context, c accounts.Client, email, password string) (token string, s accounts.Session, err error)
	Recover(ctx context.Context, network, email string, l accounts.Language) error
	Reset(ctx context.Context, code, password string) error
}

// Learners is what somebody does who is logged in. Errors are those of accounts.Service.
type Learners interface {
	LogOut(ctx context.Context, token string) error
	LogOutAll(ctx context.Context, account int64) error
	Sessions(ctx context.Context, account int64, token string) ([]accounts.Session, error)
	EndSession(ctx context.Context, account, id int64) error
	ChangePassword(ctx context.Context, c accounts.Client, account int64, present, next string) (token string, s accounts.Session, err error)
}

// Profiles is what a learner does with what is kept of them. Errors are those of
// accounts.Service.
type Profiles interface {
	Profile(ctx context.Context, account int64) (accounts.Profile, error)
	ChangeProfile(ctx context.Context, account int64, c accounts.Change) (accounts.Profile, error)
	Export(ctx context.Context, account int64, token string) (accounts.Export, error)
	AskEmail(ctx context.Context, c accounts.Client, account int64, email, password string) error
	Delete(ctx context.Context, c accounts.Client, account int64, password string) error
}

// Accounts is all of it.
type Accounts interface {
	Visitors
	Learners
	Profiles
	ConfirmEmail(ctx context.Context, code string) error
}

type registerBody struct {
	Email    string `json:"email" about:"an international domain is taken as it is typed, too, and kept in ASCII" form:"email"`
	Password string `json:"password" about:"what is guessed first is refused with 409" form:"password"`
	Nickname string `json:"nickname,omitempty" maxLength:"40"`
}

type codeBody struct {
	Code string `json:"code" about:"as it was mailed" maxLength:"64"`
}

type loginBody struct {
	Email    string `json:"email"`
	Password string `json:"password"`
}

type recoverBody struct {
	Email string `json:"email" form:"email"`
}

type resetBody struct {
	Code     string `json:"code" about:"as it was mailed; it says whose password is set" maxLength:"64"`
	Password string `json:"password" about:"the new one" form:"password"`
}

type passwordBody struct {
	Password    string `json:"password" about:"the present one"`
	NewPassword string `json:"new_password" form:"password"`
}

// done is the answer to what was done at once.
type done struct {
	Status string `json:"status"`
}

// loggedIn is the answer to a log-in. The session itself is in the cookie alone.
type loggedIn struct {
	Status    string    `json:"status"`
	ExpiresAt time.Time `json:"expires_at"`
}

type sessionList struct {
	Sessions []accounts.Session `json:"sessions"`
}

// languageOf is the language of mails to who sends a request: English for who asks for it
// first, else Chinese.
func languageOf(c *fiber.Ctx) accounts.Language {
	if strings.HasPrefix(strings.ToLower(strings.TrimSpace(c.Get(fiber.HeaderAcceptLanguage))), "en") {
		return accounts.English
	}
	return accounts.Chinese
}

func clientOf(c *fiber.Ctx) accounts.Client {
	return accounts.Client{Network: httpserver.WideNetwork(c), Agent: c.Get(fiber.HeaderUserAgent), Token: httpserver.SessionToken(c)}
}

// answerPrivately answers what nobody may keep.
func answerPrivately(c *fiber.Ctx, status int, v any) error {
	c.Set(fiber.HeaderCacheControl, "no-store")
	if v == nil {
		return c.SendStatus(status)
	}
	return httpserver.WriteJSON(c, status, fiber.MIMEApplicationJSON, v)
}

func (s *Service) registerAccount(c *fiber.Ctx, _ args) error {
	var body registerBody
	if err := readBody(c, &body, "email, password and nickname"); err != nil {
		return err
	}
	err := s.learners.Accounts.Register(c.UserContext(), httpserver.WideNetwork(c), accounts.Registration{
		Email: body.Email, Password: body.Password, Nickname: body.Nickname, Language: languageOf(c),
	})
	if err != nil {
		return err
	}
	return answerPrivately(c, http.StatusAccepted, accepted{Status: "accepted"})
}

func (s *Service) activateAccount(c *fiber.Ctx, _ args) error {
	var body codeBody
	if err := readBody(c, &body, "code"); err != nil {
		return err
	}
	if err := s.learners.Accounts.Activate(c.UserContext(), body.Code); err != nil {
		return err
	}
	return answerPrivately(c, http.StatusOK, done{Status: "activated"})
}

func (s *Service) logIn(c *fiber.Ctx, _ args) error {
	var body loginBody
	if err := readBody(c, &body, "email and password"); err != nil {
		return err
	}
	token, session, err := s.learners.Accounts.LogIn(c.UserContext(), clientOf(c), body.Email, body.Password)
	if err != nil {
		return err
	}
	httpserver.SetSession(c, token, session.ExpiresAt)
	return answerPrivately(c, http.StatusOK, loggedIn{Status: "logged_in", ExpiresAt: session.ExpiresAt})
}

func (s *Service) logOut(c *fiber.Ctx, _ args) error {
	if err := s.learners.Accounts.LogOut(c.UserContext(), httpserver.SessionToken(c)); err != nil {
		return err
	}
	httpserver.ClearSession(c)
	return answerPrivately(c, http.StatusNoContent, nil)
}

func (s *Service) logOutAll(c *fiber.Ctx, account int64, _ args) error {
	if err := s.learners.Accounts.LogOutAll(c.UserContext(), account); err != nil {
		return err
	}
	httpserver.ClearSession(c)
	return answerPrivately(c, http.StatusNoContent, nil)
}

func (s *Service) recoverAccount(c *fiber.Ctx, _ args) error {
	var body recoverBody
	if err := readBody(c, &body, "email"); err != nil {
		return err
	}
	if err := s.learners.Accounts.Recover(c.UserContext(), httpserver.WideNetwork(c), body.Email, languageOf(c)); err != nil {
		return err
	}
	return answerPrivately(c, http.StatusAccepted, accepted{Status: "accepted"})
}

func (s *Service) resetPassword(c *fiber.Ctx, _ args) error {
	var body resetBody
	if err := readBody(c, &body, "code and password"); err != nil {
		return err
	}
	if err := s.learners.Accounts.Reset(c.UserContext(), body.Code, body.Password); err != nil {
		return err
	}
	httpserver.ClearSession(c) // it has ended with all others
	return answerPrivately(c, http.StatusOK, done{Status: "reset"})
}

func (s *Service) listSessions(c *fiber.Ctx, account int64, _ args) error {
	list, err := s.learners.Accounts.Sessions(c.UserContext(), account, httpserver.SessionToken(c))
	if err != nil {
		return err
	}
	return answerPrivately(c, http.StatusOK, sessionList{Sessions: list})
}

func (s *Service) endSession(c *fiber.Ctx, account int64, a args) error {
	if err := s.learners.Accounts.EndSession(c.UserContext(), account, a.number("id")); err != nil {
		return err
	}
	return answerPrivately(c, http.StatusNoContent, nil)
}

func (s *Service) changePassword(c *fiber.Ctx, account int64, _ args) error {
	var body passwordBody
	if err := readBody(c, &body, "password and new_password"); err != nil {
		return err
	}
	token, session, err := s.learners.Accounts.ChangePassword(c.UserContext(), clientOf(c), account, body.Password, body.NewPassword)
	if err != nil {
		return err
	}
	httpserver.SetSession(c, token, session.ExpiresAt)
	return answerPrivately(c, http.StatusOK, loggedIn{Status: "logged_in", ExpiresAt: session.ExpiresAt})
}
