package webtest

import (
	"context"
	"strconv"
	"time"

	"github.com/xunke/xunke/accounts"
)

// SessionCookie is what the cookie of the one session has that Learners knows.
const SessionCookie = "xunke-session=session"

// Learners is one account, 7, with one session. Its calls go to On, which says what becomes of
// them.
type Learners struct {
	On func(call string, values ...string) error
	Of accounts.Profile
}

// NewLearners answers every call well.
func NewLearners() *Learners {
	return &Learners{
		On: func(string, ...string) error { return nil },
		Of: accounts.Profile{
			ID: 7, Email: "learner@school.example", Nickname: "小明 <b>", Birthday: "2001-12-31", Gender: "female", City: "杭州", Language: accounts.Chinese,
			CreatedAt: time.Date(2026, 11, 30, 8, 0, 0, 0, time.UTC),
		},
	}
}

// Learner implements httpserver.Learners.
func (f *Learners) Learner(_ context.Context, token string) (int64, error) {
	if token != "session" {
		return 0, f.On("learner", token)
	}
	return f.Of.ID, f.On("learner", token)
}

func (f *Learners) session() (string, accounts.Session, error) {
	return "session", accounts.Session{ID: 1, ExpiresAt: time.Now().Add(time.Hour)}, nil
}

// Register and the others implement what the API and the pages need.
func (f *Learners) Register(_ context.Context, _ string, r accounts.Registration) error {
	return f.On("register", r.Email, r.Password, r.Nickname, string(r.Language))
}

// Activate calls On.
func (f *Learners) Activate(_ context.Context, code string) error { return f.On("activate", code) }

// LogIn calls On.
func (f *Learners) LogIn(_ context.Context, _ accounts.Client, email, password string) (string, accounts.Session, error) {
	if err := f.On("log in", email, password); err != nil {
		return "", accounts.Session{}, err
	}
	return f.session()
}

// Recover calls On.
func (f *Learners) Recover(_ context.Context, _, email string, l accounts.Language) error {
	return f.On("recover", email, string(l))
}

// Reset calls On.
func (f *Learners) Reset(_ context.Context, code, password string) error {
	return f.On("reset", code, password)
}

// LogOut calls On.
func (f *Learners) LogOut(_ context.Context, token string) error { return f.On("log out", token) }

// LogOutAll calls On.
func (f *Learners) LogOutAll(context.Context, int64) error { return f.On("log out everywhere") }

// Sessions are two, the first one of who asks.
func (f *Learners) Sessions(context.Context, int64, string) ([]accounts.Session, error) {
	at := f.Of.CreatedAt
	return []accounts.Session{
		{ID: 1, Device: "Firefox, Linux", Current: true, CreatedAt: at, SeenAt: at}, {ID: 2, Device: "unknown", CreatedAt: at, SeenAt: at},
	}, f.On("sessions")
}

// EndSession calls On.
func (f *Learners) EndSession(_ context.Context, _, id int64) error {
	return f.On("end", strconv.FormatInt(id, 10))
}

// ChangePassword calls On.
func (f *Learners) ChangePassword(_ context.Context, _ accounts.Client, _ int64, present, next string) (string, accounts.Session, error) {
	if err := f.On("change password", present, next); err != nil {
		return "", accounts.Session{}, err
	}
	return f.session()
}

// Profile is Of.
func (f *Learners) Profile(context.Context, int64) (accounts.Profile, error) {
	return f.Of, f.On("profile")
}

// ChangeProfile calls On with what is not nil.
func (f *Learners) ChangeProfile(_ context.Context, _ int64, c accounts.Change) (accounts.Profile, error) {
	var values []string
	for _, v := range []*string{c.Nickname, c.Birthday, c.Gender, c.City, c.Language} {
		if v != nil {
			values = append(values, *v)
		}
	}
	return f.Of, f.On("change profile", values...)
}

// Export has the profile.
func (f *Learners) Export(context.Context, int64, string) (accounts.Export, error) {
	return accounts.Export{Profile: f.Of}, f.On("export")
}

// AskEmail calls On.
func (f *Learners) AskEmail(_ context.Context, _ accounts.Client, _ int64, email, password string) error {
	return f.On("ask e-mail", email, password)
}

// ConfirmEmail calls On.
func (f *Learners) ConfirmEmail(_ context.Context, code string) error { return f.On("confirm", code) }

// Delete calls On.
func (f *Learners) Delete(_ context.Context, _ accounts.Client, _ int64, password string) error {
	return f.On("delete", password)
}
