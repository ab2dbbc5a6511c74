// Package account is the pages by which visitors become learners and learners keep their
// account: forms that work without JavaScript, with what is wrong beside the field that has it.
package account

import (
	"context"
	"embed"
	"net/url"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/xunke/xunke/accounts"
	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/httpserver"
	"github.com/xunke/xunke/web/page"
)

//go:embed templates static
var roomFiles embed.FS

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

// pages are made once.
type pages struct {
	*page.Renderer
	accounts Accounts
}

// Mount adds the pages of accounts to a server.
func Mount(server *httpserver.Server, r *page.Renderer, a Accounts) error {
	if err := r.Add(page.Room{Files: roomFiles}); err != nil {
		return err
	}
	p, app := &pages{Renderer: r, accounts: a}, server.App()
	for path, form := range map[string]struct{ show, take page.Handler }{
		"/register": {p.showRegister, p.register},
		"/activate": {p.showActivate, p.activate},
		"/login":    {p.showLogIn, p.logIn},
		"/recover":  {p.showRecover, p.recover},
		"/reset":    {p.showReset, p.reset},
		"/email":    {p.showConfirm, p.confirm},
		"/me":       {p.forLearner(p.showProfile), p.forLearner(p.changeProfile)},
	} {
		app.Get(path, p.private(form.show))
		app.Post(path, p.taking(form.take))
	}
	app.Post("/logout", p.taking(p.logOut))
	app.Get("/me/name", p.private(p.name))
	app.Get("/me/security", p.private(p.forLearner(p.showSecurity)))
	app.Post("/me/password", p.taking(p.forLearner(p.changePassword)))
	app.Post("/me/email", p.taking(p.forLearner(p.changeEmail)))
	app.Post("/me/sessions/end", p.taking(p.forLearner(p.endSession)))
	app.Post("/me/sessions/end-all", p.taking(p.forLearner(p.endSessions)))
	app.Get("/me/data", p.private(p.forLearner(p.showData)))
	app.Post("/me/delete", p.taking(p.forLearner(p.deleteAccount)))
	return nil
}

// private makes a page that nobody keeps, and whose address no other site hears. It is not
// no-referrer: with that, browsers send forms with the origin null.
func (p *pages) private(h page.Handler) fiber.Handler {
	return p.Handle(func(ctx context.Context, c *fiber.Ctx, l page.Locale) error {
		c.Set(fiber.HeaderCacheControl, "no-store")
		c.Set(fiber.HeaderReferrerPolicy, "same-origin")
		return h(ctx, c, l)
	})
}

// taking takes a form that no page of another site has sent.
func (p *pages) taking(h page.Handler) fiber.Handler {
	return p.private(func(ctx context.Context, c *fiber.Ctx, l page.Locale) error {
		if err := httpserver.CheckOrigin(c); err != nil {
			return err
		}
		return h(ctx, c, l)
	})
}

// forLearner sends whoever is not logged in to the page to do so, and back afterwards.
func (p *pages) forLearner(h func(ctx context.Context, c *fiber.Ctx, l page.Locale, account int64) error) page.Handler {
	return func(ctx context.Context, c *fiber.Ctx, l page.Locale) error {
		account, err := httpserver.RequireLearner(c)
		if catalog.CodeOf(err) == catalog.CodeLogin {
			if httpserver.SessionToken(c) != "" { // of a session that has ended
				httpserver.ClearSession(c)
			}
			path := "/login"
			if c.Method() == fiber.MethodGet && c.Path() != "/me" {
				path += "?next=" + url.QueryEscape(c.Path())
			}
			return seeOther(c, l, path)
		} else if err != nil {
			return err
		}
		return h(ctx, c, l, account)
	}
}

// seeOther leads on after a form, so that a reload does not send it again.
func seeOther(c *fiber.Ctx, l page.Locale, path string) error {
	return c.Redirect(l.Link(path), fiber.StatusSeeOther)
}

// localPath is where to go on after a log-in: a path of this site, else /me.
func localPath(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || !strings.HasPrefix(u.Path, "/") || strings.HasPrefix(u.Path, "//") || strings.Contains(u.Path, `\`) {
		return "/me"
	}
	return u.RequestURI()
}

func clientOf(c *fiber.Ctx) accounts.Client {
	return accounts.Client{Network: httpserver.WideNetwork(c), Agent: c.Get(fiber.HeaderUserAgent), Token: httpserver.SessionToken(c)}
}

// name answers what to call who is logged in; nothing for anybody else. The header of a page
// asks for it, if the browser has a session: pages themselves are the same for all learners.
func (p *pages) name(ctx context.Context, c *fiber.Ctx, _ page.Locale) error {
	account, err := httpserver.RequireLearner(c)
	if catalog.CodeOf(err) == catalog.CodeLogin {
		return c.SendStatus(fiber.StatusNoContent)
	} else if err != nil {
		return err
	}
	profile, err := p.accounts.Profile(ctx, account)
	if err != nil {
		return err
	}
	return httpserver.WriteJSON(c, fiber.StatusOK, fiber.MIMEApplicationJSON, map[string]string{"name": profile.Nickname})
}
