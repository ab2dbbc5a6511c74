package accounts_test

import (
	"strings"
	"testing"
	"time"

	"github.com/xunke/xunke/accounts"
	"github.com/xunke/xunke/catalog"
)

func TestProfiles(t *testing.T) {
	s, ctx := newSchool(t), t.Context()
	s.register()
	token := s.logIn(password)
	id := s.learner(token)
	text := func(s string) *string { return &s }
	p, err := s.ChangeProfile(ctx, id, accounts.Change{
		Nickname: text(" 小\u202e明 "), Birthday: text("2001-12-31"), Gender: text("female"), City: text("杭\n州"), Language: text("zh"),
	})
	want := accounts.Profile{
		ID: id, Email: kept, Nickname: "小明", Birthday: "2001-12-31", Gender: "female", City: "杭 州", Language: accounts.Chinese, CreatedAt: p.CreatedAt,
	}
	if err != nil || p != want || time.Since(p.CreatedAt) > time.Hour {
		t.Errorf("%+v, %v", p, err)
	}
	// Two at the same time each keep their own field, and what is empty is not said any more.
	n := atOnce(2, func() error {
		_, err := s.ChangeProfile(ctx, id, accounts.Change{Birthday: text("")})
		return err
	}) + atOnce(2, func() error {
		_, err := s.ChangeProfile(ctx, id, accounts.Change{Gender: text("")})
		return err
	})
	want.Birthday, want.Gender = "", ""
	if p, err = s.Profile(ctx, id); n != 4 || err != nil || p != want {
		t.Errorf("%d changes, %+v, %v", n, p, err)
	}
	_, err = s.ChangeProfile(ctx, id, accounts.Change{
		Nickname: text(strings.Repeat("长", 41)), Birthday: text("2001-02-30"), Gender: text("x"), City: text(strings.Repeat("a", 1<<20)), Language: text("fr"),
	})
	expect(t, "a change of nothing that is good", err, catalog.CodeInvalid, "nickname", "birthday", "gender", "city", "language")
	for _, day := range []string{"1899-12-31", "2999-01-01", "31.12.2001", "2001-12-31T00:00:00Z", "0000-00-00"} {
		_, err = s.ChangeProfile(ctx, id, accounts.Change{Birthday: &day})
		expect(t, day, err, catalog.CodeInvalid, "birthday")
	}
	if e, err := s.Export(ctx, id, token); err != nil || e.Profile != want || len(e.Sessions) != 1 || !e.Sessions[0].Current {
		t.Errorf("the export is %+v, %v", e, err)
	}
}

func TestDeletion(t *testing.T) {
	s, ctx := newSchool(t), t.Context()
	s.register()
	token := s.logIn(password)
	id := s.learner(token)
	if err := s.Recover(ctx, network, address, accounts.English); err != nil {
		t.Fatal(err)
	}
	code := s.mail.Await(kept, 1).Code()
	expect(t, "a deletion with a wrong password", s.Delete(ctx, client(token), id, "four grey herons wait"), catalog.CodeConflict, "password")
	if s.learner(token) != id {
		t.Fatal("it has ended the session")
	}
	if n := atOnce(4, func() error { return s.Delete(ctx, client(token), id, password) }); n != 1 {
		t.Errorf("%d of 4 deletions succeeded", n)
	}
	if m := s.mail.Await(kept, 2); !strings.Contains(m.Subject, "deleted") {
		t.Errorf("the owner was told %+v", m)
	}
	for _, table := range []string{"accounts", "account_sessions", "account_codes"} {
		var rows int
		if err := s.db.QueryRowContext(ctx, "SELECT COUNT(*) FROM "+table).Scan(&rows); err != nil || rows != 0 {
			t.Errorf("%s keeps %d rows, %v", table, rows, err)
		}
	}
	if s.learner(token) != 0 {
		t.Error("a session outlives the account")
	}
	expect(t, "a reset afterwards", s.Reset(ctx, code, "seven paper boats sail"), catalog.CodeNotFound, "code")
	_, err := s.Profile(ctx, id)
	expect(t, "the profile afterwards", err, catalog.CodeNotFound)
	seen := len(s.mail.Mails())
	if err := s.Register(ctx, network, accounts.Registration{Email: address, Password: password}); err != nil {
		t.Fatal(err)
	}
	if m := s.mail.Await(kept, seen); m.Code() == "" {
		t.Errorf("the address cannot register again: %+v", m)
	}
}
