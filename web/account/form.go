package account

import (
	"math"

	"github.com/gofiber/fiber/v2"

	"github.com/xunke/xunke/accounts"
	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/httpserver"
	"github.com/xunke/xunke/web/page"
)

// field is one input of a form.
type field struct {
	Form         string // of its form; with it, ids are unique on a page with several
	Name         string
	Type         string // of the input, or select
	Label        string
	Hint         string
	Value        string
	Autocomplete string
	Options      []option
	Optional     bool
	Wrong        string // what is wrong with what was typed
	Focus        bool

	wrongKey string // of the message; empty: account.wrong.NAME
}

// ID is that of the input.
func (f field) ID() string { return f.Form + "-" + f.Name }

// option is a choice of a select.
type option struct {
	Value, Label string
	Selected     bool
}

// form is one form of a page.
type form struct {
	Name     string
	Action   string
	Submit   string
	Fields   []*field
	Said     string // what is wrong that no field has
	Username string // the account's address, for password managers
	Grave    bool   // it cannot be undone
}

func (f *form) add(fields ...*field) *form {
	for _, x := range fields {
		x.Form = f.Name
	}
	f.Fields = append(f.Fields, fields...)
	return f
}

// read fills a form with what was sent. Passwords are never sent back.
func (f *form) read(c *fiber.Ctx) map[string]string {
	sent := map[string]string{}
	for _, x := range f.Fields {
		sent[x.Name] = httpserver.FormValue(c, x.Name)
		if x.Type != "password" {
			x.fill(page.ShortText(sent[x.Name]))
		}
	}
	return sent
}

func (f *field) fill(value string) {
	f.Value = value
	for i := range f.Options {
		f.Options[i].Selected = f.Options[i].Value == value
	}
}

// refuse says what is wrong beside the fields that have it and returns the status of the page,
// or the error itself if no form can say it.
func (f *form) refuse(c *fiber.Ctx, l page.Locale, err error) (status int, _ error) {
	failure := httpserver.FailureOf(err)
	switch {
	case failure.Code == catalog.CodeLogin:
		f.Said = l.Text("account.wrong.login")
	case failure.Code == catalog.CodeTooMany:
		f.Said = l.Text("account.wrong.often", int(math.Ceil(failure.RetryAfter.Minutes())))
	case failure.Code == catalog.CodeUnavailable:
		f.Said = l.Text("account.wrong.unavailable")
	case len(failure.Fields) > 0:
		f.mark(l, failure)
	default:
		return 0, err
	}
	return httpserver.Fail(c, err).Status, nil
}

func (f *form) mark(l page.Locale, failure httpserver.Failure) {
	wrong := map[string]bool{}
	for _, e := range failure.Fields {
		wrong[e.Field] = true
	}
	first := true
	for _, x := range f.Fields {
		x.Focus = false
		if !wrong[x.Name] {
			continue
		}
		key := x.wrongKey
		switch {
		case failure.Code == catalog.CodeConflict && x.wrongKey != presentWrong:
			key = "account.wrong.common"
		case key == "":
			key = "account.wrong." + x.Name
		}
		x.Wrong, x.Focus, first = l.Text(key), first, false
	}
	if first { // a field that this form does not have
		f.Said = l.Text("account.wrong.form")
	}
}

func emailField(l page.Locale) *field {
	return &field{Name: "email", Type: "email", Label: l.Text("account.email"), Autocomplete: "username"}
}

func newPasswordField(l page.Locale, name string) *field {
	return &field{Name: name, Type: "password", Label: l.Text("account." + name), Hint: l.Text("account.password.hint"), Autocomplete: "new-password", wrongKey: "account.wrong.password"}
}

// presentWrong says that a password is not the present one.
const presentWrong = "account.wrong.present"

func presentPasswordField(l page.Locale) *field {
	return &field{Name: "password", Type: "password", Label: l.Text("account.password.present"), Autocomplete: "current-password", wrongKey: presentWrong}
}

func codeField(l page.Locale) *field {
	return &field{Name: "code", Type: "text", Label: l.Text("account.code"), Hint: l.Text("account.code.hint"), Autocomplete: "one-time-code"}
}

func nicknameField(l page.Locale) *field {
	return &field{Name: "nickname", Type: "text", Label: l.Text("account.nickname"), Autocomplete: "nickname", Optional: true}
}

// languageOf is the language of mails to who looks at a page in one.
func languageOf(l page.Locale) accounts.Language { return accounts.Language(l.Language) }
