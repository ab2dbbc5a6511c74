package accounts_test

import (
	"context"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/xunke/xunke/accounts"
	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/testenv"
)

// TestGuessesAreLimited for an account that exists as for one that does not, also those that
// come at the same time; who was right from there before is not kept out by others.
func TestGuessesAreLimited(t *testing.T) {
	s, ctx := newSchool(t), t.Context()
	s.register()
	s.Limits = accounts.Limits{
		Guesses: countLimit(t, "here", 3), GuessesOfAll: countLimit(t, "all", 5), GuessesOfNetwork: countLimit(t, "network", 30), Known: countLimit(t, "known", 1),
	}
	guess := func(email, network, password string) error {
		_, _, err := s.LogIn(ctx, accounts.Client{Network: network}, email, password)
		return err
	}
	if err := guess(address, "home", password); err != nil {
		t.Fatal(err)
	}
	for _, email := range []string{address, "nobody@school.example"} {
		var refused, wrong atomic.Int64
		var group sync.WaitGroup
		for range 10 {
			group.Go(func() {
				switch catalog.CodeOf(guess(email, "elsewhere", "a wrong password")) {
				case catalog.CodeTooMany:
					refused.Add(1)
				case catalog.CodeLogin:
					wrong.Add(1)
				}
			})
		}
		group.Wait()
		if wrong.Load() != 3 || refused.Load() != 7 {
			t.Errorf("%s: %d guesses were answered, %d refused", email, wrong.Load(), refused.Load())
		}
	}
	expect(t, "the right password after too many wrong ones", guess(address, "elsewhere", password), catalog.CodeTooMany)
	for range 2 {
		expect(t, "a guess from a third network", guess(address, "third", "a wrong password"), catalog.CodeLogin)
	}
	expect(t, "the sixth of all networks", guess(address, "fourth", "a wrong password"), catalog.CodeTooMany)
	expect(t, "the right password from a network that is not known", guess(address, "fourth", password), catalog.CodeTooMany)
	if err := guess(address, "home", password); err != nil {
		t.Errorf("the owner at home is kept out: %v", err)
	}
}

func TestMailsAreLimited(t *testing.T) {
	s, ctx := newSchool(t), t.Context()
	s.Limits = accounts.Limits{MailsOfNetwork: countLimit(t, "mails", 4), MailsToAddress: countLimit(t, "to", 2)}
	s.register()
	for _, email := range []string{strings.ToUpper(address), "nobody@school.example"} {
		var last error
		for range 3 {
			last = s.Recover(ctx, network, email, accounts.Chinese)
		}
		expect(t, "one mail more to "+email, last, catalog.CodeTooMany)
	}
	expect(t, "one mail more from a network", s.Register(ctx, network, accounts.Registration{Email: "c@school.example", Password: password}), catalog.CodeTooMany)
}

// TestHashesBecomeBetter at a log-in, when they are to cost more than before.
func TestHashesBecomeBetter(t *testing.T) {
	s, ctx := newSchool(t), t.Context()
	s.register()
	s.Hasher = accounts.NewHasher(accounts.Params{Memory: 16, Passes: 2, Threads: 1}, 1)
	first, second := s.logIn(password), s.logIn(password)
	if s.learner(first) == 0 || s.learner(second) == 0 {
		t.Error("a session of a log-in that made a better hash is none")
	}
	a, err := s.Store.ByEmail(ctx, strings.ToLower(kept))
	if err != nil || !strings.HasPrefix(a.Password, "$argon2id$v=19$m=16,t=2,p=1$") {
		t.Errorf("kept: %s, %v", a.Password, err)
	}
	for _, bad := range []string{"x", "$argon2id$v=19$m=99999999,t=2,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA", "$argon2id$v=19$m=16,t=2,p=1$c2Fsd$x", "$2a$10$x"} {
		if _, _, err := s.Hasher.Verify(ctx, bad, password); err == nil {
			t.Errorf("%s is taken for a hash", bad)
		}
	}
}

// TestHashesWaitForTheirTurn: a few at once; who would wait too long is told when to come again.
func TestHashesWaitForTheirTurn(t *testing.T) {
	h := accounts.NewHasher(accounts.Params{Memory: 64 << 10, Passes: 6, Threads: 1}, 1)
	var served, refused atomic.Int64
	var group sync.WaitGroup
	for range 64 {
		group.Go(func() {
			_, err := h.Hash(context.Background(), password)
			switch {
			case err == nil:
				served.Add(1)
			case catalog.CodeOf(err) == catalog.CodeUnavailable:
				refused.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	group.Wait()
	if served.Load() == 0 || refused.Load() == 0 || served.Load()+refused.Load() != 64 {
		t.Errorf("%d hashes were made, %d refused", served.Load(), refused.Load())
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := accounts.NewHasher(cheap, 1).Hash(ctx, password); err != nil && catalog.CodeOf(err) != catalog.CodeInternal {
		t.Errorf("after the request has ended: %v", err)
	}
}

// TestMySQLAway: each flow says so, and nothing is half done.
func TestMySQLAway(t *testing.T) {
	s := newSchool(t)
	s.register()
	token := s.logIn(password)
	testenv.Exec(t, s.db, `RENAME TABLE accounts TO accounts_away`, `RENAME TABLE outbox_jobs TO outbox_jobs_away`)
	defer testenv.Exec(t, s.db, `RENAME TABLE accounts_away TO accounts`, `RENAME TABLE outbox_jobs_away TO outbox_jobs`)
	if err := s.Register(t.Context(), network, accounts.Registration{Email: address, Password: password}); err == nil {
		t.Error("a registration is taken that is nowhere")
	}
	if s.learner(token) == 0 {
		t.Error("a session ends")
	}
}

// TestTimesTellNothing prints how long requests take for addresses with and without an
// account, mixed. It asserts nothing about time: machines are busy. XUNKE_TEST_TIMES=200
// has it ask 200 times each.
func TestTimesTellNothing(t *testing.T) {
	s, ctx := newSchool(t), t.Context()
	s.register()
	s.Hasher = accounts.NewHasher(accounts.StandardParams(), 2)
	a, err := s.Store.ByEmail(ctx, strings.ToLower(kept))
	if err != nil {
		t.Fatal(err)
	}
	better, err := s.Hasher.Hash(ctx, password)
	if err == nil {
		err = s.Store.Rehash(ctx, a.ID, a.Password, better)
	}
	if err != nil {
		t.Fatal(err)
	}
	rounds := 20
	if n, err := strconv.Atoi(os.Getenv("XUNKE_TEST_TIMES")); err == nil {
		rounds = n
	}
	for what, ask := range map[string]func(email string) error{
		"log in": func(email string) error { _, _, err := s.LogIn(ctx, client(""), email, "a wrong password"); return err },
		"register": func(email string) error {
			return s.Register(ctx, network, accounts.Registration{Email: email, Password: password})
		},
		"recover": func(email string) error { return s.Recover(ctx, network, email, accounts.Chinese) },
	} {
		var took [2][]time.Duration
		// Not in turns: every other hash starts the collector of garbage.
		for _, i := range rand.Perm(2 * rounds) {
			email := []string{address, "learner+2@school.example"}[i%2]
			began := time.Now()
			err := ask(email)
			took[i%2] = append(took[i%2], time.Since(began))
			if code := catalog.CodeOf(err); err != nil && code != catalog.CodeLogin {
				t.Errorf("%s of %s: %v", what, email, err)
			}
		}
		t.Logf("%s, %d each: %s", what, rounds, compareTimes(took))
	}
}
