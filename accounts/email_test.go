package accounts_test

import (
	"strings"
	"testing"

	"github.com/xunke/xunke/accounts"
	"github.com/xunke/xunke/catalog"
)

func TestAnotherAddress(t *testing.T) {
	s, ctx := newSchool(t), t.Context()
	s.register()
	token := s.logIn(password)
	id := s.learner(token)
	ask := func(email, password string) error { return s.AskEmail(ctx, client(token), id, email, password) }
	expect(t, "no address", ask("x", password), catalog.CodeInvalid, "email")
	expect(t, "the present address", ask(kept, password), catalog.CodeInvalid, "email")
	expect(t, "a wrong password", ask("new@school.example", "four grey herons wait"), catalog.CodeConflict, "password")

	// An address that another account has: the answer is the same, the mail says so.
	if err := s.Register(ctx, network, accounts.Registration{Email: "other@school.example", Password: password, Language: accounts.English}); err != nil {
		t.Fatal(err)
	}
	if err := s.Activate(ctx, s.mail.Await("other@school.example", 0).Code()); err != nil {
		t.Fatal(err)
	}
	if err := ask("other@school.example", password); err != nil {
		t.Fatal(err)
	}
	if m := s.mail.Await("other@school.example", 1); m.Code() != "" || !strings.Contains(m.Subject, "already") {
		t.Errorf("the owner of the address was told %+v", m)
	}

	if err := ask("new@school.example", password); err != nil {
		t.Fatal(err)
	}
	mailed := s.mail.Await("new@school.example", 0)
	if !strings.Contains(mailed.Text, "https://school.example/xunke/email#code="+mailed.Code()) {
		t.Errorf("the mail is %+v", mailed)
	}
	expect(t, "a reset by a code for an address", s.Reset(ctx, mailed.Code(), "seven paper boats sail"), catalog.CodeNotFound, "code")
	if err := s.Recover(ctx, network, address, accounts.English); err != nil { // mailed to the address before
		t.Fatal(err)
	}
	reset := s.mail.Await(kept, 1).Code()
	if n := atOnce(4, func() error { return s.ConfirmEmail(ctx, mailed.Code()) }); n != 1 {
		t.Errorf("%d of 4 confirmations succeeded", n)
	}
	if m := s.mail.Await(kept, 2); m.Code() != "" || !strings.Contains(m.Subject, "another address") {
		t.Errorf("the address before was told %+v", m)
	}
	if p, err := s.Profile(ctx, id); err != nil || p.Email != "new@school.example" || s.learner(token) != id {
		t.Errorf("%+v, %v", p, err)
	}
	expect(t, "a reset mailed to the address before", s.Reset(ctx, reset, "seven paper boats sail"), catalog.CodeNotFound, "code")
	_, _, err := s.LogIn(ctx, client(""), address, password)
	expect(t, "a log-in by the address before", err, catalog.CodeLogin)
	if _, _, err := s.LogIn(ctx, client(""), "new@school.example", password); err != nil {
		t.Error(err)
	}

	// Somebody registers with an address between the mail and its confirmation.
	if err := ask("late@school.example", password); err != nil {
		t.Fatal(err)
	}
	late := s.mail.Await("late@school.example", 0).Code()
	if _, err := s.db.ExecContext(ctx, `UPDATE accounts SET email = 'late@school.example', email_key = 'late@school.example' WHERE email_key = 'other@school.example'`); err != nil {
		t.Fatal(err)
	}
	expect(t, "an address that is taken meanwhile", s.ConfirmEmail(ctx, late), catalog.CodeNotFound, "code")
}
