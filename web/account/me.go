package account

import (
	"context"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/xunke/xunke/accounts"
	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/httpserver"
	"github.com/xunke/xunke/web/page"
)

// section is a page of the personal centre. Another one is another line of sections, with its
// name in the text account.section.NAME.
type section struct{ Name, Path string }

var sections = []section{{"profile", "/me"}, {"security", "/me/security"}, {"data", "/me/data"}}

// me is what the pages of the personal centre show.
type me struct {
	Section  string
	Sections []page.Choice
	Profile  accounts.Profile
	Done     string
	LogOut   string // where to send the form
	Forms    map[string]*form

	Sessions []session
	Export   string
	Kept     []kept
}

// session is a device in the list.
type session struct {
	ID      int64
	Device  string
	Seen    string
	Since   string
	Current bool
}

// kept is something that stays after an account was deleted.
type kept struct{ What, Why string }

// showMe shows a section.
func (p *pages) showMe(ctx context.Context, c *fiber.Ctx, l page.Locale, status int, m me) error {
	path := ""
	for _, s := range sections {
		m.Sections = append(m.Sections, page.Choice{Label: l.Text("account.section." + s.Name), URL: l.Link(s.Path), Current: s.Name == m.Section})
		if s.Name == m.Section {
			path = s.Path
		}
	}
	m.Done, m.LogOut = done(c, l), l.Link("/logout")
	return p.Render(ctx, c, l, "account_"+m.Section, status, page.Frame{
		Title: l.Text("account.title", l.Text("account.section."+m.Section)), Path: path, NoIndex: true, Content: m,
	})
}

func profileForm(l page.Locale, profile accounts.Profile) *form {
	nickname, birthday, gender, city, language := nicknameField(l), &field{Name: "birthday", Type: "date", Label: l.Text("account.birthday"), Autocomplete: "bday", Optional: true},
		&field{Name: "gender", Type: "select", Label: l.Text("account.gender"), Autocomplete: "sex", Optional: true},
		&field{Name: "city", Type: "text", Label: l.Text("account.city"), Autocomplete: "address-level2", Optional: true},
		&field{Name: "language", Type: "select", Label: l.Text("account.language")}
	for _, g := range accounts.Genders() {
		gender.Options = append(gender.Options, option{Value: g, Label: l.Text("account.gender." + g)})
	}
	for _, v := range []accounts.Language{accounts.Chinese, accounts.English} {
		language.Options = append(language.Options, option{Value: string(v), Label: l.Text("account.language." + string(v))})
	}
	nickname.fill(profile.Nickname)
	birthday.fill(profile.Birthday)
	gender.fill(profile.Gender)
	city.fill(profile.City)
	language.fill(string(profile.Language))
	return (&form{Name: "profile", Action: l.Link("/me"), Submit: l.Text("account.save")}).add(nickname, birthday, gender, city, language)
}

func (p *pages) showProfile(ctx context.Context, c *fiber.Ctx, l page.Locale, account int64) error {
	profile, err := p.accounts.Profile(ctx, account)
	if err != nil {
		return err
	}
	return p.showMe(ctx, c, l, fiber.StatusOK, me{Section: "profile", Profile: profile, Forms: map[string]*form{"profile": profileForm(l, profile)}})
}

func (p *pages) changeProfile(ctx context.Context, c *fiber.Ctx, l page.Locale, account int64) error {
	profile, err := p.accounts.Profile(ctx, account)
	if err != nil {
		return err
	}
	f := profileForm(l, profile)
	sent := f.read(c)
	of := func(name string) *string { v := sent[name]; return &v }
	_, err = p.accounts.ChangeProfile(ctx, account, accounts.Change{
		Nickname: of("nickname"), Birthday: of("birthday"), Gender: of("gender"), City: of("city"), Language: of("language"),
	})
	if err == nil {
		return seeOther(c, l, "/me?done=saved")
	}
	status, err := f.refuse(c, l, err)
	if err != nil {
		return err
	}
	return p.showMe(ctx, c, l, status, me{Section: "profile", Profile: profile, Forms: map[string]*form{"profile": f}})
}

// securityForms are the forms of the section, which show each other when one is refused.
func securityForms(l page.Locale, profile accounts.Profile) map[string]*form {
	email := &field{Name: "email", Type: "email", Label: l.Text("account.email.new"), Hint: l.Text("account.email.hint"), Autocomplete: "email"}
	return map[string]*form{
		"password": (&form{Name: "password", Action: l.Link("/me/password"), Submit: l.Text("account.change.password"), Username: profile.Email}).
			add(presentPasswordField(l), newPasswordField(l, "new_password")),
		"email": (&form{Name: "email", Action: l.Link("/me/email"), Submit: l.Text("account.change.email")}).add(email, presentPasswordField(l)),
	}
}

func (p *pages) showSecurity(ctx context.Context, c *fiber.Ctx, l page.Locale, account int64) error {
	profile, err := p.accounts.Profile(ctx, account)
	if err != nil {
		return err
	}
	return p.showSecurityForms(ctx, c, l, fiber.StatusOK, profile, securityForms(l, profile))
}

func (p *pages) showSecurityForms(ctx context.Context, c *fiber.Ctx, l page.Locale, status int, profile accounts.Profile, forms map[string]*form) error {
	list, err := p.accounts.Sessions(ctx, profile.ID, httpserver.SessionToken(c))
	if err != nil {
		return err
	}
	m := me{Section: "security", Profile: profile, Forms: forms}
	for _, s := range list {
		device := s.Device
		if device == "unknown" {
			device = l.Text("account.device.unknown")
		} else if l.Language == page.Chinese {
			device = strings.ReplaceAll(device, ", ", " · ")
		}
		m.Sessions = append(m.Sessions, session{s.ID, device, l.Moment(s.SeenAt), l.Date(s.CreatedAt), s.Current})
	}
	return p.showMe(ctx, c, l, status, m)
}

// takeSecurity has a form of the section do something.
func (p *pages) takeSecurity(ctx context.Context, c *fiber.Ctx, l page.Locale, account int64, name, then string, do func(sent map[string]string, profile accounts.Profile, f *form) error) error {
	profile, err := p.accounts.Profile(ctx, account)
	if err != nil {
		return err
	}
	forms := securityForms(l, profile)
	f := forms[name]
	if err = do(f.read(c), profile, f); err == nil {
		return seeOther(c, l, then)
	}
	status, err := f.refuse(c, l, err)
	if err != nil {
		return err
	}
	return p.showSecurityForms(ctx, c, l, status, profile, forms)
}

func (p *pages) changePassword(ctx context.Context, c *fiber.Ctx, l page.Locale, account int64) error {
	return p.takeSecurity(ctx, c, l, account, "password", "/me/security?done=password", func(sent map[string]string, _ accounts.Profile, _ *form) error {
		token, session, err := p.accounts.ChangePassword(ctx, clientOf(c), account, sent["password"], sent["new_password"])
		if err == nil {
			httpserver.SetSession(c, token, session.ExpiresAt)
		}
		return err
	})
}

func (p *pages) changeEmail(ctx context.Context, c *fiber.Ctx, l page.Locale, account int64) error {
	return p.takeSecurity(ctx, c, l, account, "email", "/me/security?done=mailed", func(sent map[string]string, profile accounts.Profile, f *form) error {
		if e, why := accounts.ParseEmail(sent["email"]); why == "" && e.Address == profile.Email {
			f.Fields[0].wrongKey = "account.wrong.same"
		}
		return p.accounts.AskEmail(ctx, clientOf(c), account, sent["email"], sent["password"])
	})
}

func (p *pages) endSession(ctx context.Context, c *fiber.Ctx, l page.Locale, account int64) error {
	id, err := strconv.ParseInt(httpserver.FormValue(c, "id"), 10, 64)
	if err != nil {
		return &catalog.Error{Code: catalog.CodeNotFound, Message: "there is no such session"}
	}
	// One that has ended meanwhile is what was asked for.
	if err := p.accounts.EndSession(ctx, account, id); err != nil && catalog.CodeOf(err) != catalog.CodeNotFound {
		return err
	}
	return seeOther(c, l, "/me/security?done=ended")
}

func (p *pages) endSessions(ctx context.Context, c *fiber.Ctx, l page.Locale, account int64) error {
	if err := p.accounts.LogOutAll(ctx, account); err != nil {
		return err
	}
	httpserver.ClearSession(c)
	return seeOther(c, l, "/login?done=out_all")
}
