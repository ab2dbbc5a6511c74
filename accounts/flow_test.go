package accounts_test

import (
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/xunke/xunke/accounts"
	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/testenv"
)

const kept = "Learner+1@school.example"

// TestFromRegistrationToRecovery walks through all that a mailed link is for, once.
func TestFromRegistrationToRecovery(t *testing.T) {
	s, ctx := newSchool(t), t.Context()
	if err := s.Register(ctx, network, accounts.Registration{Email: address, Password: password, Nickname: " 小\u202e明 👨‍👩‍👧 ", Language: accounts.Chinese}); err != nil {
		t.Fatal(err)
	}
	activation := s.mail.Await(kept, 0)
	code := activation.Code()
	if len(code) != 43 || !strings.Contains(activation.Text, "https://school.example/xunke/activate#code="+code) || !strings.Contains(activation.HTML, "/activate#code="+code) || activation.Subject != "激活你的寻课账号" {
		t.Fatalf("mail %+v", activation)
	}
	for _, none := range []string{"", "x", "x@", strings.Repeat("x", 1<<16)} {
		_, _, err := s.LogIn(ctx, client(""), none, password)
		expect(t, "no address", err, catalog.CodeLogin)
	}
	_, _, err := s.LogIn(ctx, client(""), address, password)
	expect(t, "a log-in before the activation", err, catalog.CodeLogin)
	if err := s.Activate(ctx, code); err != nil {
		t.Fatal(err)
	}
	expect(t, "a second activation", s.Activate(ctx, code), catalog.CodeNotFound, "code")
	expect(t, "a code of another purpose", s.Reset(ctx, code, "seven paper boats sail"), catalog.CodeNotFound, "code")
	_, _, err = s.LogIn(ctx, client(""), address, password+"!")
	expect(t, "a wrong password", err, catalog.CodeLogin)

	one := s.logIn(password)
	id := s.learner(one)
	two, _, err := s.LogIn(ctx, client(one), strings.ToUpper(address), password)
	if err != nil || two == one || s.learner(one) != 0 || s.learner(two) != id || id == 0 {
		t.Fatalf("a log-in on the same device does not take the place of the one before: %v", err)
	}
	three := s.logIn(password)
	list, err := s.Sessions(ctx, id, three)
	if err != nil || len(list) != 2 || !list[0].Current || list[1].Current || list[1].Device != "Firefox, Linux" {
		t.Fatalf("sessions %+v, %v", list, err)
	}
	expect(t, "ending somebody else's session", s.EndSession(ctx, id+1, list[1].ID), catalog.CodeNotFound)
	if err := s.EndSession(ctx, id, list[1].ID); err != nil || s.learner(two) != 0 || s.learner(three) != id {
		t.Errorf("ending one session: %v", err)
	}
	if err := s.LogOut(ctx, three); err != nil || s.learner(three) != 0 {
		t.Errorf("log out: %v", err)
	}
	if err := s.LogOut(ctx, three); err != nil {
		t.Errorf("log out twice: %v", err)
	}

	before := s.logIn(password)
	if err := s.Recover(ctx, network, address, accounts.English); err != nil {
		t.Fatal(err)
	}
	mailed := s.mail.Await(kept, 1)
	const next = "seven paper boats sail"
	expect(t, "a reset to what is guessed first", s.Reset(ctx, mailed.Code(), "woaini1314520"), catalog.CodeConflict, "password")
	expect(t, "an activation by a code for a reset", s.Activate(ctx, mailed.Code()), catalog.CodeNotFound, "code")
	if err := s.Reset(ctx, mailed.Code(), next); err != nil {
		t.Fatal(err)
	}
	expect(t, "a second reset", s.Reset(ctx, mailed.Code(), "eight paper boats sail"), catalog.CodeNotFound, "code")
	if s.learner(before) != 0 {
		t.Error("a session outlives the reset")
	}
	_, _, err = s.LogIn(ctx, client(""), address, password)
	expect(t, "the old password", err, catalog.CodeLogin)
	if notice := s.mail.Await(kept, 2); notice.Code() != "" || !strings.Contains(notice.Text, "刚刚更改") {
		t.Errorf("the notice is %+v", notice)
	}

	here, other := s.logIn(next), s.logIn(next)
	_, _, err = s.ChangePassword(ctx, client(here), id, password, "nine copper kettles sing")
	expect(t, "a change with a wrong password", err, catalog.CodeConflict, "password")
	changed, _, err := s.ChangePassword(ctx, client(here), id, next, "nine copper kettles sing")
	if err != nil || s.learner(here) != 0 || s.learner(other) != 0 || s.learner(changed) != id {
		t.Errorf("after a change of the password sessions are not as they should be: %v", err)
	}
	if err := s.LogOutAll(ctx, id); err != nil || s.learner(changed) != 0 {
		t.Errorf("log out everywhere: %v", err)
	}
	for _, secret := range []string{code, mailed.Code(), password, next, one, changed, "Learner", "school.example"} {
		if strings.Contains(s.log.String(), secret) {
			t.Errorf("the log has %q:\n%s", secret, s.log)
		}
	}
}

// TestNothingIsKeptThatOpensAnything: neither codes nor cookies nor passwords are in any table.
func TestNothingIsKeptThatOpensAnything(t *testing.T) {
	s := newSchool(t)
	s.register()
	token := s.logIn(password)
	if err := s.Recover(t.Context(), network, address, accounts.Chinese); err != nil {
		t.Fatal(err)
	}
	code := s.mail.Await(kept, 1).Code()
	for _, table := range []string{"accounts", "account_codes", "account_sessions", "outbox_jobs"} {
		rows, err := s.db.QueryContext(t.Context(), "SELECT * FROM "+table)
		if err != nil {
			t.Fatal(err)
		}
		columns, _ := rows.Columns()
		for rows.Next() {
			values := make([]any, len(columns))
			for i := range values {
				values[i] = new([]byte)
			}
			if err := rows.Scan(values...); err != nil {
				t.Fatal(err)
			}
			for i, v := range values {
				for _, secret := range []string{code, token, password} {
					if strings.Contains(string(*v.(*[]byte)), secret) {
						t.Errorf("%s.%s has %q", table, columns[i], secret)
					}
				}
			}
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			t.Fatal(err)
		}
	}
}

// atOnce calls something so many times at once and returns how often it succeeded.
func atOnce(n int, call func() error) int64 {
	var good atomic.Int64
	var group sync.WaitGroup
	start := make(chan struct{})
	for range n {
		group.Go(func() {
			<-start
			if call() == nil {
				good.Add(1)
			}
		})
	}
	close(start)
	group.Wait()
	return good.Load()
}

// TestTwoAtOnce: two same registrations give one account, and of two uses of a code one wins.
func TestTwoAtOnce(t *testing.T) {
	s, ctx := newSchool(t), t.Context()
	register := func() error {
		return s.Register(ctx, network, accounts.Registration{Email: address, Password: password, Language: accounts.English})
	}
	if n := atOnce(2, register); n != 2 {
		t.Fatalf("%d registrations were taken", n)
	}
	codes := []string{s.mail.Await(kept, 0).Code(), s.mail.Await(kept, 1).Code()}
	var next atomic.Int64
	if n := atOnce(8, func() error { return s.Activate(ctx, codes[next.Add(1)%2]) }); n != 1 {
		t.Errorf("%d of 8 activations of 2 codes succeeded", n)
	}
	var rows int
	if err := s.db.QueryRowContext(ctx, `SELECT COUNT(*) FROM accounts`).Scan(&rows); err != nil || rows != 1 {
		t.Errorf("%d accounts, %v", rows, err)
	}
	if err := register(); err != nil { // a third time, now that there is one
		t.Fatal(err)
	}
	if m := s.mail.Await(kept, 2); m.Code() != "" || !strings.Contains(m.Text, "already") {
		t.Errorf("the third mail is %+v", m)
	}
	if err := s.Recover(ctx, network, address, accounts.English); err != nil {
		t.Fatal(err)
	}
	code := s.mail.Await(kept, 3).Code()
	if n := atOnce(8, func() error { return s.Reset(ctx, code, "seven paper boats sail") }); n != 1 {
		t.Errorf("%d of 8 resets succeeded", n)
	}
}

// TestSomebodyElsesRegistration: each link makes the account with the password of its own
// registration. Who registers with an address that is not theirs does not get in by the
// owner's own link.
func TestSomebodyElsesRegistration(t *testing.T) {
	s, ctx := newSchool(t), t.Context()
	if err := s.Register(ctx, network, accounts.Registration{Email: address, Password: "four grey herons wait"}); err != nil {
		t.Fatal(err)
	}
	stranger := s.mail.Await(kept, 0).Code()
	if err := s.Register(ctx, network, accounts.Registration{Email: address, Password: password}); err != nil {
		t.Fatal(err)
	}
	if err := s.Activate(ctx, s.mail.Await(kept, 1).Code()); err != nil {
		t.Fatal(err)
	}
	expect(t, "the stranger's link afterwards", s.Activate(ctx, stranger), catalog.CodeNotFound, "code")
	s.logIn(password)
	_, _, err := s.LogIn(ctx, client(""), address, "four grey herons wait")
	expect(t, "the stranger's password", err, catalog.CodeLogin)
}

func TestCodesAndSessionsEnd(t *testing.T) {
	s, ctx := newSchool(t), t.Context()
	if err := s.Register(ctx, network, accounts.Registration{Email: address, Password: password}); err != nil {
		t.Fatal(err)
	}
	code := s.mail.Await(kept, 0).Code()
	s.pass(accounts.CodeLife + time.Second)
	expect(t, "a code after half an hour", s.Activate(ctx, code), catalog.CodeNotFound, "code")
	if err := s.Register(ctx, network, accounts.Registration{Email: address, Password: password}); err != nil {
		t.Fatal(err)
	}
	if err := s.Activate(ctx, s.mail.Await(kept, 1).Code()); err != nil {
		t.Fatal(err)
	}
	idle, used := s.logIn(password), s.logIn(password)
	for range 3 {
		s.pass(23 * time.Hour)
		if s.learner(used) == 0 {
			t.Fatal("a session that is used ends early")
		}
	}
	if s.learner(idle) != 0 {
		t.Error("a session that nobody uses for two days goes on")
	}
	s.pass(4 * time.Hour)
	if s.learner(used) != 0 {
		t.Error("a session lasts for more than three days")
	}
	if err := s.Store.Prune(ctx, time.Now().Add(5*24*time.Hour), 24*time.Hour); err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{"account_codes", "account_sessions"} {
		var rows int
		if err := s.db.QueryRowContext(ctx, "SELECT COUNT(*) FROM "+table).Scan(&rows); err != nil || rows != 0 {
			t.Errorf("%s keeps %d rows, %v", table, rows, err)
		}
	}
}

// TestAnAccountHasFiftySessions: a fifty-first ends the one that began first.
func TestAnAccountHasFiftySessions(t *testing.T) {
	s := newSchool(t)
	s.register()
	first := s.logIn(password)
	second := s.logIn(password)
	for range 49 {
		s.logIn(password)
	}
	if s.learner(first) != 0 || s.learner(second) == 0 {
		t.Error("the fifty-first session has not ended the first alone")
	}
}

// TestALogInDoesNotOutrunAChange: who has given the old password and is about to get a
// session does not get one once the password is another.
func TestALogInDoesNotOutrunAChange(t *testing.T) {
	s, ctx := newSchool(t), t.Context()
	s.register()
	a, err := s.Store.ByEmail(ctx, strings.ToLower(kept))
	if err != nil {
		t.Fatal(err)
	}
	testenv.Exec(t, s.db, `UPDATE accounts SET password = 'another'`)
	now := time.Now().UTC()
	begin := accounts.Session{AccountID: a.ID, Hash: [32]byte{1}, CreatedAt: now, SeenAt: now, ExpiresAt: now.Add(time.Hour)}
	err = s.Store.Begin(ctx, begin, a.Password, [32]byte{})
	expect(t, "a session by the old password", err, catalog.CodeNotFound)
}
