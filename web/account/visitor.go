package account

import (
	"context"

	"github.com/gofiber/fiber/v2"

	"github.com/xunke/xunke/accounts"
	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/httpserver"
	"github.com/xunke/xunke/web/page"
)

// card is a page with one form, or with what was done.
type card struct {
	Name  string // its texts begin with account.NAME
	Form  *form  // nil: there is nothing to fill in
	Lead  string
	Done  string // what has just been done
	Links []page.Choice
}

// show shows a card. done, if it is a word of ours, says what was done before.
func (p *pages) show(ctx context.Context, c *fiber.Ctx, l page.Locale, status int, x card) error {
	path := "/" + x.Name
	if x.Form != nil {
		x.Form.Action = l.Link(path)
	}
	return p.Render(ctx, c, l, "account_card", status, page.Frame{
		Title: l.Text("account.title", l.Text("account."+x.Name+".heading")), Path: path, NoIndex: true, Content: x,
	})
}

// take has a form do something; what is refused is shown with what was typed.
func (p *pages) take(ctx context.Context, c *fiber.Ctx, l page.Locale, x card, then string, do func(sent map[string]string) error) error {
	err := do(x.Form.read(c))
	if err == nil {
		return seeOther(c, l, then)
	}
	status, err := x.Form.refuse(c, l, err)
	if err != nil {
		return err
	}
	return p.show(ctx, c, l, status, x)
}

// done is the text of what was done just before, as the address says; empty: nothing.
func done(c *fiber.Ctx, l page.Locale) string {
	text, err := l.Lookup("account.done." + page.ShortText(c.Query("done")))
	if err != nil {
		return ""
	}
	return text
}

func link(l page.Locale, key, path string) page.Choice {
	return page.Choice{Label: l.Text(key), URL: l.Link(path)}
}

func (p *pages) registerCard(l page.Locale) card {
	email := emailField(l)
	email.Focus = true
	return card{
		Name: "register", Form: (&form{Name: "register", Submit: l.Text("account.register.submit")}).add(email, newPasswordField(l, "password"), nicknameField(l)),
		Links: []page.Choice{link(l, "account.to.login", "/login"), link(l, "account.to.activate", "/activate")},
	}
}

func (p *pages) showRegister(ctx context.Context, c *fiber.Ctx, l page.Locale) error {
	if c.Query("done") == "sent" {
		return p.show(ctx, c, l, fiber.StatusOK, card{
			Name: "register", Done: l.Text("account.register.sent"), Lead: l.Text("account.mail.help"),
			Links: []page.Choice{link(l, "account.to.activate", "/activate"), link(l, "account.to.again", "/register")},
		})
	}
	return p.unlessLoggedIn(c, l, "/me", func() error { return p.show(ctx, c, l, fiber.StatusOK, p.registerCard(l)) })
}

func (p *pages) register(ctx context.Context, c *fiber.Ctx, l page.Locale) error {
	return p.take(ctx, c, l, p.registerCard(l), "/register?done=sent", func(sent map[string]string) error {
		return p.accounts.Register(ctx, httpserver.WideNetwork(c), accounts.Registration{
			Email: sent["email"], Password: sent["password"], Nickname: sent["nickname"], Language: languageOf(l),
		})
	})
}

// codeCard is a form for a mailed code. The link in the mail has it behind a #, which browsers
// send to no server: a script puts it into the form, and only the button uses it up.
func codeCard(l page.Locale, name, again string, more ...*field) card {
	f := (&form{Name: name, Submit: l.Text("account." + name + ".submit")}).add(codeField(l)).add(more...)
	return card{Name: name, Form: f, Lead: l.Text("account." + name + ".lead"), Links: []page.Choice{link(l, "account.to.code", again)}}
}

func (p *pages) showActivate(ctx context.Context, c *fiber.Ctx, l page.Locale) error {
	return p.show(ctx, c, l, fiber.StatusOK, codeCard(l, "activate", "/register"))
}

func (p *pages) activate(ctx context.Context, c *fiber.Ctx, l page.Locale) error {
	return p.take(ctx, c, l, codeCard(l, "activate", "/register"), "/login?done=activated", func(sent map[string]string) error {
		return p.accounts.Activate(ctx, sent["code"])
	})
}

func (p *pages) logInCard(c *fiber.Ctx, l page.Locale) card {
	email := emailField(l)
	email.Focus = true
	password := &field{Name: "password", Type: "password", Label: l.Text("account.password"), Autocomplete: "current-password"}
	next := &field{Name: "next", Type: "hidden", Value: c.Query("next"), Optional: true}
	return card{
		Name: "login", Form: (&form{Name: "login", Submit: l.Text("account.login.submit")}).add(email, password, next), Done: done(c, l),
		Links: []page.Choice{link(l, "account.to.recover", "/recover"), link(l, "account.to.register", "/register")},
	}
}

func (p *pages) showLogIn(ctx context.Context, c *fiber.Ctx, l page.Locale) error {
	return p.unlessLoggedIn(c, l, localPath(c.Query("next")), func() error { return p.show(ctx, c, l, fiber.StatusOK, p.logInCard(c, l)) })
}

// unlessLoggedIn leads learners on from what is for others.
func (p *pages) unlessLoggedIn(c *fiber.Ctx, l page.Locale, path string, show func() error) error {
	who, err := httpserver.PrincipalOf(c)
	if err != nil {
		return err
	}
	if who.Role == httpserver.Learner {
		return seeOther(c, l, path)
	}
	return show()
}

func (p *pages) logIn(ctx context.Context, c *fiber.Ctx, l page.Locale) error {
	next := localPath(httpserver.FormValue(c, "next"))
	return p.take(ctx, c, l, p.logInCard(c, l), next, func(sent map[string]string) error {
		token, session, err := p.accounts.LogIn(ctx, clientOf(c), sent["email"], sent["password"])
		if err == nil {
			httpserver.SetSession(c, token, session.ExpiresAt)
		}
		return err
	})
}

func (p *pages) logOut(ctx context.Context, c *fiber.Ctx, l page.Locale) error {
	if err := p.accounts.LogOut(ctx, httpserver.SessionToken(c)); err != nil {
		return err
	}
	httpserver.ClearSession(c)
	return seeOther(c, l, "/login?done=out")
}

func (p *pages) recoverCard(l page.Locale) card {
	email := emailField(l)
	email.Focus = true
	return card{
		Name: "recover", Form: (&form{Name: "recover", Submit: l.Text("account.recover.submit")}).add(email), Lead: l.Text("account.recover.lead"),
		Links: []page.Choice{link(l, "account.to.login", "/login"), link(l, "account.to.reset", "/reset")},
	}
}

func (p *pages) showRecover(ctx context.Context, c *fiber.Ctx, l page.Locale) error {
	if c.Query("done") == "sent" {
		return p.show(ctx, c, l, fiber.StatusOK, card{
			Name: "recover", Done: l.Text("account.recover.sent"), Lead: l.Text("account.mail.help"),
			Links: []page.Choice{link(l, "account.to.reset", "/reset"), link(l, "account.to.again", "/recover")},
		})
	}
	return p.show(ctx, c, l, fiber.StatusOK, p.recoverCard(l))
}

func (p *pages) recover(ctx context.Context, c *fiber.Ctx, l page.Locale) error {
	return p.take(ctx, c, l, p.recoverCard(l), "/recover?done=sent", func(sent map[string]string) error {
		return p.accounts.Recover(ctx, httpserver.WideNetwork(c), sent["email"], languageOf(l))
	})
}

func (p *pages) resetCard(l page.Locale) card {
	return codeCard(l, "reset", "/recover", newPasswordField(l, "password"))
}

func (p *pages) showReset(ctx context.Context, c *fiber.Ctx, l page.Locale) error {
	return p.show(ctx, c, l, fiber.StatusOK, p.resetCard(l))
}

func (p *pages) reset(ctx context.Context, c *fiber.Ctx, l page.Locale) error {
	return p.take(ctx, c, l, p.resetCard(l), "/login?done=reset", func(sent map[string]string) error {
		err := p.accounts.Reset(ctx, sent["code"], sent["password"])
		if err == nil {
			httpserver.ClearSession(c) // it has ended with all others
		}
		return err
	})
}

func (p *pages) showConfirm(ctx context.Context, c *fiber.Ctx, l page.Locale) error {
	return p.show(ctx, c, l, fiber.StatusOK, codeCard(l, "email", "/me/security"))
}

func (p *pages) confirm(ctx context.Context, c *fiber.Ctx, l page.Locale) error {
	then := "/login?done=email"
	if _, err := httpserver.RequireLearner(c); err == nil {
		then = "/me?done=email"
	} else if catalog.CodeOf(err) != catalog.CodeLogin {
		return err
	}
	return p.take(ctx, c, l, codeCard(l, "email", "/me/security"), then, func(sent map[string]string) error {
		return p.accounts.ConfirmEmail(ctx, sent["code"])
	})
}
