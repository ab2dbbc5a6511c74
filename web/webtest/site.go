// Package webtest is for tests of pages: a site on fakes and a made-up catalogue.
package webtest

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/consultations"
	"github.com/xunke/xunke/events"
	"github.com/xunke/xunke/internal/httpserver"
	"github.com/xunke/xunke/internal/redis"
	"github.com/xunke/xunke/searchapi"
	"github.com/xunke/xunke/searchapi/fake"
	"github.com/xunke/xunke/searchlog"
	"github.com/xunke/xunke/web"
	"github.com/xunke/xunke/web/account"
	"github.com/xunke/xunke/web/admin"
	"github.com/xunke/xunke/web/page"
	"github.com/xunke/xunke/web/widget"
)

// Main runs a package's tests and fails if goroutines are left.
func Main(m *testing.M) {
	// fasthttp keeps one goroutine that tells the time to all servers of a process, and
	// one for each server that ends up to ten seconds after it.
	goleak.VerifyTestMain(m,
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"),
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*workerPool).Start.func2"))
}

// Searcher answers searches and suggests.
type Searcher = fake.Searcher

// Relater finds courses that are related.
type Relater = fake.Relater

// Details reads whole items.
type Details = fake.Details

// Ranker answers rankings.
type Ranker = fake.Ranker

// Events takes events and searches.
type Events struct {
	OnRecord func(context.Context, events.Event) error
	OnSearch func(searchlog.Search)
}

// Record calls OnRecord.
func (f Events) Record(ctx context.Context, e events.Event) error { return f.OnRecord(ctx, e) }

// RecordSearch calls OnSearch.
func (f Events) RecordSearch(_, _ string, s searchlog.Search, _ time.Time) { f.OnSearch(s) }

// Consultations takes requests to be called back.
type Consultations struct {
	OnAsk func(context.Context, consultations.Request) error
}

// Ask calls OnAsk.
func (f Consultations) Ask(ctx context.Context, _ string, r consultations.Request) error {
	return f.OnAsk(ctx, r)
}

// Accounts is what is done with accounts, and whose sessions cookies are of.
type Accounts interface {
	searchapi.Accounts
	httpserver.Learners
}

// Site is the whole HTTP side on fakes, each of which may be changed before start.
type Site struct {
	Searcher        Searcher
	Relater         Relater
	Details         Details
	Ranker          Ranker
	Events          Events
	Desk            Consultations
	Accounts        Accounts               // nil: there are none
	Learners        *searchapi.LearnerDeps // nil: the calls of accounts alone
	Admin           *admin.Deps
	Password        string
	Now             func() time.Time
	PublicURL       string
	SecurityContact string
	Price           func(catalog.Query) int
	Budget          httpserver.Budget
	OptionalWait    time.Duration // web.Deps.OptionalWait; the machine of the tests may be slow

	mu       sync.Mutex
	queries  []catalog.Query
	Recorded chan events.Event
	Searches chan searchlog.Search
	Calls    chan consultations.Request
	Base     string

	Server *httpserver.Server // what answers, once it is started
}

// NewSite is a site that answers everything from the made-up catalogue below.
func NewSite() *Site {
	s := &Site{OptionalWait: time.Minute, Recorded: make(chan events.Event, 100), Searches: make(chan searchlog.Search, 1000), Calls: make(chan consultations.Request, 100)}
	s.Searcher = Searcher{
		OnSearch: func(_ context.Context, q catalog.Query) (catalog.Answer, error) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.queries = append(s.queries, q)
			return AnswerTo(q), nil
		},
		OnSuggest: func(context.Context, string, int) ([]catalog.Suggestion, error) { return suggestions(), nil },
	}
	s.Relater.OnRelated = func(context.Context, int64, int) (catalog.Related, error) {
		alike := RelatedTo(Courses()[1:], catalog.BecauseTags)
		return catalog.Related{Hits: alike, Alike: alike}, nil
	}
	s.Details = Details{
		OnCourse:  func(context.Context, int64) (catalog.Course, error) { return WholeCourse(), nil },
		OnOrg:     func(context.Context, int64) (catalog.Org, error) { return WholeOrg(), nil },
		OnTeacher: func(context.Context, int64) (catalog.Teacher, error) { return WholeTeacher(), nil },
	}
	s.Ranker.OnRanking = func(_ context.Context, q catalog.RankingQuery) (catalog.Ranking, error) { return RankingOf(q), nil }
	s.Events.OnRecord = func(_ context.Context, e events.Event) error {
		s.Recorded <- e
		return nil
	}
	s.Desk.OnAsk = func(_ context.Context, r consultations.Request) error {
		s.Calls <- r
		return nil
	}
	s.Events.OnSearch = func(e searchlog.Search) {
		select {
		case s.Searches <- e:
		default: // no test looks at so many
		}
	}
	return s
}

// RelatedTo are courses with why they are related to another.
func RelatedTo(courses []catalog.CourseHit, why ...catalog.Because) (list []catalog.RelatedCourse) {
	for _, c := range courses {
		list = append(list, catalog.RelatedCourse{CourseHit: c, Because: why})
	}
	return list
}

// Start serves the site until the test ends.
func (s *Site) Start(t *testing.T) *Site {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	shell := httpserver.Config{PublicURL: s.PublicURL, Secret: "a secret of the tests", Operators: []string{"127.0.0.1"}, Log: log, Metrics: httpserver.NewRegistry("test"), Now: s.Now}
	if s.Password != "" {
		cache := redis.Open(redis.Options{}, log)
		t.Cleanup(func() { _ = cache.Close() })
		guesses := redis.NewLimit(cache, "passwords", httpserver.GuessesMost, httpserver.GuessesSpan, nil, s.Now)
		shell.Authenticators = []httpserver.Authenticator{httpserver.NewAdminPassword(s.Password, httpserver.GuessLimits{Network: guesses})}
	}
	if s.Accounts != nil {
		if s.Learners == nil {
			s.Learners = &searchapi.LearnerDeps{Accounts: s.Accounts}
		}
		shell.Authenticators = append(shell.Authenticators, httpserver.SessionCookie{Learners: s.Accounts})
	}
	server, err := httpserver.New(shell)
	if err != nil {
		t.Fatal(err)
	}
	api, err := searchapi.Mount(server, searchapi.Deps{
		Searcher: s.Searcher, Relater: s.Relater, Details: s.Details, Ranker: s.Ranker, Events: s.Events, Consultations: s.Desk, Learners: s.Learners, Log: log,
		SearchPrice: s.Price, SearchBudget: s.Budget,
	}, searchapi.Options{})
	if err != nil {
		t.Fatal(err)
	}
	pages, err := page.New(server, page.Options{PublicURL: s.PublicURL, HasAccounts: s.Accounts != nil, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	err = web.Mount(server, pages, web.Deps{
		Search: s.Searcher, Relater: s.Relater, Details: s.Details, Ranking: s.Ranker, Parse: searchapi.ParseSearch,
		Allow: api.AllowSearch, ReportSearch: api.ReportSearch, ConsultationPath: widget.ConsultationPath,
		SecurityContact: s.SecurityContact, OptionalWait: s.OptionalWait,
	})
	if err != nil {
		t.Fatal(err)
	}
	err = widget.Mount(server, pages, widget.Deps{
		Ranking: s.Ranker, Relater: s.Relater, Courses: s.Details, Consultations: s.Desk,
		ParseRanking: searchapi.ParseRanking, ParseRelated: searchapi.ParseRelated,
	})
	if err != nil {
		t.Fatal(err)
	}
	if s.Accounts != nil {
		if err := account.Mount(server, pages, s.Accounts); err != nil {
			t.Fatal(err)
		}
	}
	if s.Admin != nil {
		s.Admin.Now, s.Admin.Ranking = s.Now, s.Ranker
		if err := admin.Mount(server, pages, *s.Admin); err != nil {
			t.Fatal(err)
		}
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.Server, s.Base = server, "http://"+listener.Addr().String()
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- server.Serve(ctx, listener) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("stop the site: %v", err)
		}
	})
	return s
}

// Last is the newest query that a search was asked.
func (s *Site) Last(t *testing.T) catalog.Query {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.queries) == 0 {
		t.Fatal("no search was asked")
	}
	return s.queries[len(s.queries)-1]
}

// Asked is how many searches were asked.
func (s *Site) Asked() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.queries)
}

// Page is what came back, read whole.
type Page struct {
	Status int
	Header http.Header
	Body   string
}

// Get asks for a page as a browser does; more headers come in pairs.
func (s *Site) Get(t *testing.T, path string, headers ...string) Page {
	t.Helper()
	return s.send(t, http.MethodGet, path, nil, append([]string{"Accept", "text/html,application/xhtml+xml,*/*;q=0.8"}, headers...))
}

// Post sends a form as a browser does; headers come in pairs.
func (s *Site) Post(t *testing.T, path string, form url.Values, headers ...string) Page {
	t.Helper()
	return s.send(t, http.MethodPost, path, strings.NewReader(form.Encode()), append([]string{"Content-Type", "application/x-www-form-urlencoded"}, headers...))
}

// send follows no redirects.
func (s *Site) send(t *testing.T, method, path string, body io.Reader, headers []string) Page {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, s.Base+path, body)
	if err != nil {
		t.Fatal(err)
	}
	r.Close = true
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return Page{Status: res.StatusCode, Header: res.Header, Body: string(answer)}
}

// AdminPassword is that of sites with admins.
const AdminPassword = "a password of the tests"

// BasicAuth is the header Authorization of an admin.
func BasicAuth(password string) string {
	r := &http.Request{Header: http.Header{}}
	r.SetBasicAuth("admin", password)
	return r.Header.Get("Authorization")
}
