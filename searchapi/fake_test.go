package searchapi

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/xunke/xunke/accounts"
	"github.com/xunke/xunke/answers"
	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/consultations"
	"github.com/xunke/xunke/events"
	"github.com/xunke/xunke/internal/httpserver"
	"github.com/xunke/xunke/searchapi/fake"
	"github.com/xunke/xunke/searchlog"
)

func TestMain(m *testing.M) {
	// fasthttp keeps one goroutine that tells the time to all servers of a process, and
	// one for each server that ends up to ten seconds after it.
	goleak.VerifyTestMain(m,
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"),
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*workerPool).Start.func2"))
}

// The fakes stand in where a fault is wanted that the real servers do not give on demand,
// and where only what reaches them matters. A function that is not set must not be called.

type fakeEvents struct {
	record       func(context.Context, events.Event) error
	recordSearch func(visitor, network string, s searchlog.Search, at time.Time) // nil: does not matter
}

func (f fakeEvents) Record(ctx context.Context, e events.Event) error { return f.record(ctx, e) }
func (f fakeEvents) RecordSearch(visitor, network string, search searchlog.Search, at time.Time) {
	if f.recordSearch != nil {
		f.recordSearch(visitor, network, search, at)
	}
}

type fakeConsultations struct {
	ask func(context.Context, string, consultations.Request) error
}

func (f fakeConsultations) Ask(ctx context.Context, from string, r consultations.Request) error {
	return f.ask(ctx, from, r)
}

// fakeAccounts answers everything alike; its cookie is "session".
type fakeAccounts struct{ err error }

func (f fakeAccounts) Learner(_ context.Context, token string) (int64, error) {
	if token == "session" {
		return 7, f.err
	}
	return 0, f.err
}

func (f fakeAccounts) session() (string, accounts.Session, error) {
	return "session", accounts.Session{ID: 1, ExpiresAt: time.Now().Add(time.Hour)}, f.err
}

func (f fakeAccounts) Register(context.Context, string, accounts.Registration) error { return f.err }
func (f fakeAccounts) Activate(context.Context, string) error                        { return f.err }
func (f fakeAccounts) Recover(context.Context, string, string, accounts.Language) error {
	return f.err
}
func (f fakeAccounts) Reset(context.Context, string, string) error    { return f.err }
func (f fakeAccounts) LogOut(context.Context, string) error           { return f.err }
func (f fakeAccounts) LogOutAll(context.Context, int64) error         { return f.err }
func (f fakeAccounts) EndSession(context.Context, int64, int64) error { return f.err }

func (f fakeAccounts) LogIn(context.Context, accounts.Client, string, string) (string, accounts.Session, error) {
	return f.session()
}

func (f fakeAccounts) ChangePassword(context.Context, accounts.Client, int64, string, string) (string, accounts.Session, error) {
	return f.session()
}

func (f fakeAccounts) Profile(context.Context, int64) (accounts.Profile, error) {
	return accounts.Profile{ID: 7, Email: "a@b.example", Birthday: "2001-12-31", Language: accounts.Chinese}, f.err
}

func (f fakeAccounts) ChangeProfile(ctx context.Context, id int64, _ accounts.Change) (accounts.Profile, error) {
	return f.Profile(ctx, id)
}

func (f fakeAccounts) Export(ctx context.Context, id int64, _ string) (accounts.Export, error) {
	p, _ := f.Profile(ctx, id)
	return accounts.Export{Profile: p, Sessions: []accounts.Session{{ID: 1}}}, f.err
}

func (f fakeAccounts) AskEmail(context.Context, accounts.Client, int64, string, string) error {
	return f.err
}

func (f fakeAccounts) ConfirmEmail(context.Context, string) error { return f.err }

func (f fakeAccounts) Delete(context.Context, accounts.Client, int64, string) error { return f.err }

func (f fakeAccounts) Sessions(context.Context, int64, string) ([]accounts.Session, error) {
	return []accounts.Session{{ID: 1, Device: "Firefox, Linux", Current: true}}, f.err
}

type fakeLimit func(who string) time.Duration

func (f fakeLimit) Take(_ context.Context, who string) time.Duration { return f(who) }

// fixture is a server on fakes.
type fixture struct {
	consultations  Consultations
	accounts       *fakeAccounts // nil: there are none
	eventLimit     httpserver.Limiter
	searcher       fake.Searcher
	kept           *answers.Keeper // it is the Searcher then; nil: no answer is kept
	price          func(catalog.Query) int
	budget         httpserver.Budget
	relater        fake.Relater
	details        fake.Details
	ranker         fake.Ranker
	events         fakeEvents
	checks         []Check
	warnings       func(context.Context) []Warning
	firstIndex     func(context.Context) string
	options        Options
	proxies        []string
	operators      []string // nil: whoever asks
	authenticators []httpserver.Authenticator
	log            strings.Builder
	logger         *slog.Logger // nil: to log
}

func (f *fixture) server(t testing.TB) *Service {
	t.Helper()
	if f.logger == nil {
		f.logger = slog.New(slog.NewTextHandler(&f.log, nil))
	}
	if f.operators == nil {
		f.operators = []string{"0.0.0.0"}
	}
	if f.accounts != nil {
		f.authenticators = append(f.authenticators, httpserver.SessionCookie{Learners: f.accounts})
	}
	server, err := httpserver.New(httpserver.Config{
		Secret: "a secret of the tests", TrustedProxies: f.proxies, Operators: f.operators, Authenticators: f.authenticators,
		Log: f.logger, Metrics: httpserver.NewRegistry("test"),
	})
	if err != nil {
		t.Fatal(err)
	}
	var searcher Searcher = f.searcher
	var kept Kept
	if f.kept != nil {
		searcher, kept = f.kept, f.kept
	}
	deps := Deps{
		Searcher: searcher, Kept: kept, SearchPrice: f.price, SearchBudget: f.budget, Relater: f.relater, Details: f.details, Ranker: f.ranker, Events: f.events, Checks: f.checks, Warnings: f.warnings, FirstIndex: f.firstIndex,
		Consultations: f.consultations, EventLimit: f.eventLimit, Log: f.logger,
	}
	if f.accounts != nil {
		deps.Learners = f.learners()
	}
	s, err := Mount(server, deps, f.options)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// answer is what came back, read whole.
type answer struct {
	status int
	header http.Header
	body   string
}

func (a answer) decode(t testing.TB, into any) {
	t.Helper()
	if err := json.Unmarshal([]byte(a.body), into); err != nil {
		t.Fatalf("decode %q: %v", a.body, err)
	}
}

// problem checks that the answer is a whole problem document and returns it.
func (a answer) problem(t testing.TB, status int) httpserver.Problem {
	t.Helper()
	var p httpserver.Problem
	if a.status != status || a.header.Get("Content-Type") != httpserver.ProblemType {
		t.Fatalf("answer %d %s %s, want a problem with %d", a.status, a.header.Get("Content-Type"), a.body, status)
	}
	a.decode(t, &p)
	if p.Status != status || p.Title == "" || p.Type == "" || p.Detail == "" || p.RequestID == "" || p.RequestID != a.header.Get("X-Request-Id") {
		t.Fatalf("problem %+v is not whole", p)
	}
	return p
}

// fields are the names of the parameters that a problem is about.
func fields(p httpserver.Problem) string {
	var names []string
	for _, e := range p.Errors {
		names = append(names, e.Field)
	}
	return strings.Join(names, " ")
}

func get(t testing.TB, s *Service, target string) answer {
	t.Helper()
	return do(t, s, httptest.NewRequest(http.MethodGet, target, nil))
}

// learnerCookie is that of a learner whom fakeAccounts knows.
const learnerCookie = "xunke-session=session"

func getAs(t testing.TB, s *Service, cookie, target string) answer {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, target, nil)
	r.Header.Set("Cookie", cookie)
	return do(t, s, r)
}

func post(t testing.TB, s *Service, target, contentType, body string) answer {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, target, strings.NewReader(body))
	r.Header.Set("Content-Type", contentType)
	return do(t, s, r)
}

func do(t testing.TB, s *Service, r *http.Request) answer {
	t.Helper()
	res, err := s.server.App().Test(r, int(time.Minute.Milliseconds()))
	if err != nil {
		t.Fatalf("%s %.200s: %.200v", r.Method, r.URL.String(), err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{status: res.StatusCode, header: res.Header, body: string(body)}
}
