package accounts_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/xunke/xunke/accounts"
	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/mail"
	"github.com/xunke/xunke/internal/mail/mailtest"
	"github.com/xunke/xunke/internal/mysql/store"
	"github.com/xunke/xunke/internal/redis"
	"github.com/xunke/xunke/internal/retry"
	"github.com/xunke/xunke/internal/testenv"
	"github.com/xunke/xunke/outbox"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	address  = "Learner+1@School.example"
	password = "thirteen lanterns drift"
	network  = "192.0.2.0/24"
	firefox  = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
)

// cheap is a hash that costs nothing: tests make many.
var cheap = accounts.Params{Memory: 8, Passes: 1, Threads: 1}

// safeLog is what was logged.
type safeLog struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *safeLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *safeLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// school is accounts on the real MySQL with a real mail server.
type school struct {
	*accounts.Service
	t    *testing.T
	db   *sql.DB
	mail *mailtest.Server
	log  *safeLog
	work *outbox.Worker

	mu    sync.Mutex
	later time.Duration // by which the service's clock is ahead
}

func newSchool(t *testing.T) *school {
	t.Helper()
	s := &school{t: t, db: testenv.MySQL(t, testenv.Config(t)), mail: mailtest.Start(t, nil), log: &safeLog{}}
	logger := slog.New(slog.NewTextHandler(s.log, nil))
	s.Service = &accounts.Service{
		Store: store.NewAccounts(s.db), Hasher: accounts.NewHasher(cheap, 4), Log: logger,
		Options: accounts.Options{SessionIdle: 24 * time.Hour, SessionMax: 3 * 24 * time.Hour, CodeLife: accounts.CodeLife, PagesURL: "https://school.example/xunke/"},
		Now: func() time.Time {
			s.mu.Lock()
			defer s.mu.Unlock()
			return time.Now().Add(s.later)
		},
	}
	sender, err := mail.NewSMTP(mail.Options{Host: s.mail.Host, Port: s.mail.Port, TLS: mail.Plain, From: "Xunke <no-reply@school.example>"})
	if err != nil {
		t.Fatal(err)
	}
	s.work = outbox.NewWorker(store.NewOutbox(s.db), s.Handlers(sender), logger).WithPauses(retry.Backoff{First: 10 * time.Millisecond, Max: 10 * time.Millisecond})
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- s.work.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		<-ended
	})
	return s
}

// pass lets time pass for the service.
func (s *school) pass(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.later += d
}

func client(token string) accounts.Client {
	return accounts.Client{Network: network, Agent: firefox, Token: token}
}

// register registers and activates, and returns nothing but a good account.
func (s *school) register() {
	s.t.Helper()
	seen := 0
	for _, m := range s.mail.Mails() {
		if m.To == "Learner+1@school.example" {
			seen++
		}
	}
	if err := s.Register(s.t.Context(), network, accounts.Registration{Email: address, Password: password, Language: accounts.English}); err != nil {
		s.t.Fatal(err)
	}
	if err := s.Activate(s.t.Context(), s.mail.Await("Learner+1@school.example", seen).Code()); err != nil {
		s.t.Fatal(err)
	}
}

func (s *school) logIn(password string) (token string) {
	s.t.Helper()
	token, _, err := s.LogIn(s.t.Context(), client(""), address, password)
	if err != nil {
		s.t.Fatal(err)
	}
	return token
}

// learner is who has a session; 0: nobody.
func (s *school) learner(token string) int64 {
	s.t.Helper()
	id, err := s.Learner(s.t.Context(), token)
	if err != nil {
		s.t.Fatal(err)
	}
	return id
}

// expect checks the code of an error and the fields that it names.
func expect(t *testing.T, what string, err error, code catalog.Code, fields ...string) {
	t.Helper()
	e, ok := errors.AsType[*catalog.Error](err)
	if !ok || e.Code != code || len(e.Fields) != len(fields) {
		t.Errorf("%s: %v, want %s of %q", what, err, code, fields)
		return
	}
	for i, f := range fields {
		if e.Fields[i].Field != f {
			t.Errorf("%s: the field is %s, want %s", what, e.Fields[i].Field, f)
		}
	}
}

// countLimit lets somebody do something so many times, without a Redis.
func countLimit(t *testing.T, name string, most int) *redis.Limit {
	t.Helper()
	away := redis.Open(redis.Options{Addresses: []string{"127.0.0.1:1"}, Prefix: "x"}, slog.New(slog.DiscardHandler))
	t.Cleanup(func() { _ = away.Close() })
	return redis.NewLimit(away, name, most, time.Hour, nil, nil)
}
