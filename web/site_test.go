package web_test

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
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
	"github.com/xunke/xunke/searchlog"
	"github.com/xunke/xunke/web"
)

func TestMain(m *testing.M) {
	// fasthttp keeps one goroutine that tells the time to all servers of a process, and
	// one for each server that ends up to ten seconds after it.
	goleak.VerifyTestMain(m,
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"),
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*workerPool).Start.func2"))
}

// The fakes stand in for servers where a fault is wanted that they do not have on demand,
// or where a page has to show what a small catalogue does not hold.

type fakeSearcher struct {
	search  func(context.Context, catalog.Query) (catalog.Answer, error)
	suggest func(context.Context, string, int) ([]catalog.Suggestion, error)
}

func (f fakeSearcher) Search(ctx context.Context, q catalog.Query) (catalog.Answer, error) {
	return f.search(ctx, q)
}

func (f fakeSearcher) Suggest(ctx context.Context, text string, limit int) ([]catalog.Suggestion, error) {
	return f.suggest(ctx, text, limit)
}

type fakeRelater struct {
	related func(context.Context, int64, int) (catalog.Related, error)
}

func (f fakeRelater) Related(ctx context.Context, id int64, limit int) (catalog.Related, error) {
	return f.related(ctx, id, limit)
}

func (fakeSearcher) Ready(context.Context) error { return nil }

type fakeDetails struct {
	course  func(context.Context, int64) (catalog.Course, error)
	org     func(context.Context, int64) (catalog.Org, error)
	teacher func(context.Context, int64) (catalog.Teacher, error)
}

func (f fakeDetails) Course(ctx context.Context, id int64) (catalog.Course, error) {
	return f.course(ctx, id)
}
func (f fakeDetails) Org(ctx context.Context, id int64) (catalog.Org, error) { return f.org(ctx, id) }
func (f fakeDetails) Teacher(ctx context.Context, id int64) (catalog.Teacher, error) {
	return f.teacher(ctx, id)
}
func (fakeDetails) Ready(context.Context) error { return nil }

type fakeRanker struct {
	ranking func(context.Context, catalog.RankingQuery) (catalog.Ranking, error)
}

func (f fakeRanker) Ranking(ctx context.Context, q catalog.RankingQuery) (catalog.Ranking, error) {
	return f.ranking(ctx, q)
}

type fakeEvents struct {
	record   func(context.Context, events.Event) error
	searched func(searchlog.Search)
}

func (f fakeEvents) Record(ctx context.Context, e events.Event) error          { return f.record(ctx, e) }
func (f fakeEvents) RecordSearch(_, _ string, s searchlog.Search, _ time.Time) { f.searched(s) }

type fakeConsultations struct {
	ask func(context.Context, consultations.Request) error
}

func (f fakeConsultations) Ask(ctx context.Context, _ string, r consultations.Request) error {
	return f.ask(ctx, r)
}

// site is the whole HTTP side on fakes, each of which may be changed before start.
type site struct {
	searcher        fakeSearcher
	relater         fakeRelater
	details         fakeDetails
	ranker          fakeRanker
	events          fakeEvents
	desk            fakeConsultations
	admin           *web.Admin
	password        string
	now             func() time.Time
	publicURL       string
	securityContact string
	price           func(catalog.Query) int
	budget          httpserver.Budget
	beside          time.Duration // web.Deps.BesideWait; the machine of the tests may be slow

	mu    sync.Mutex
	asked []catalog.Query
	seen  chan events.Event
	found chan searchlog.Search
	calls chan consultations.Request
	base  string

	server *httpserver.Server
}

// newSite is a site that answers everything from the made-up catalogue below.
func newSite() *site {
	s := &site{beside: time.Minute, seen: make(chan events.Event, 100), found: make(chan searchlog.Search, 1000), calls: make(chan consultations.Request, 100)}
	s.searcher = fakeSearcher{
		search: func(_ context.Context, q catalog.Query) (catalog.Answer, error) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.asked = append(s.asked, q)
			return answerTo(q), nil
		},
		suggest: func(context.Context, string, int) ([]catalog.Suggestion, error) { return suggestions(), nil },
	}
	s.relater.related = func(context.Context, int64, int) (catalog.Related, error) {
		alike := relatedTo(courses()[1:], catalog.BecauseTags)
		return catalog.Related{Hits: alike, Alike: alike}, nil
	}
	s.details = fakeDetails{
		course:  func(context.Context, int64) (catalog.Course, error) { return wholeCourse(), nil },
		org:     func(context.Context, int64) (catalog.Org, error) { return wholeOrg(), nil },
		teacher: func(context.Context, int64) (catalog.Teacher, error) { return wholeTeacher(), nil },
	}
	s.ranker.ranking = func(_ context.Context, q catalog.RankingQuery) (catalog.Ranking, error) { return rankingOf(q), nil }
	s.events.record = func(_ context.Context, e events.Event) error {
		s.seen <- e
		return nil
	}
	s.desk.ask = func(_ context.Context, r consultations.Request) error {
		s.calls <- r
		return nil
	}
	s.events.searched = func(e searchlog.Search) {
		select {
		case s.found <- e:
		default: // no test looks at so many
		}
	}
	return s
}

// relatedTo are courses with why they are related to another.
func relatedTo(courses []catalog.CourseHit, why ...catalog.Because) (list []catalog.RelatedCourse) {
	for _, c := range courses {
		list = append(list, catalog.RelatedCourse{CourseHit: c, Because: why})
	}
	return list
}

// start serves the site until the test ends.
func (s *site) start(t *testing.T) *site {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	shell := httpserver.Config{PublicURL: s.publicURL, Secret: "a secret of the tests", Operators: []string{"127.0.0.1"}, Log: log, Metrics: httpserver.NewRegistry("test"), Now: s.now}
	if s.password != "" {
		cache := redis.Open(redis.Options{}, log)
		t.Cleanup(func() { _ = cache.Close() })
		guesses := redis.NewLimit(cache, "passwords", httpserver.GuessesMost, httpserver.GuessesSpan, nil, s.now)
		shell.Authenticators = []httpserver.Authenticator{httpserver.NewAdminPassword(s.password, httpserver.GuessLimits{Network: guesses})}
	}
	server, err := httpserver.New(shell)
	if err != nil {
		t.Fatal(err)
	}
	api, err := searchapi.Mount(server, searchapi.Deps{
		Searcher: s.searcher, Relater: s.relater, Details: s.details, Ranker: s.ranker, Events: s.events, Consultations: s.desk, Log: log,
		SearchPrice: s.price, SearchBudget: s.budget,
	}, searchapi.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if s.admin != nil {
		s.admin.Now = s.now
	}
	err = web.Mount(server, web.Deps{
		Search: s.searcher, Relater: s.relater, Details: s.details, Ranking: s.ranker, Parse: searchapi.ParseSearch,
		ParseRanking: searchapi.ParseRanking, ParseRelated: searchapi.ParseRelated,
		Searched: api.ReportSearch, Admin: s.admin, PublicURL: s.publicURL, SecurityContact: s.securityContact, Log: log,
		Consultations: s.desk, Allow: api.AllowSearch, BesideWait: s.beside,
	})
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.server, s.base = server, "http://"+listener.Addr().String()
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

// last is the newest query that a search was asked.
func (s *site) last(t *testing.T) catalog.Query {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.asked) == 0 {
		t.Fatal("no search was asked")
	}
	return s.asked[len(s.asked)-1]
}

// page is what came back, read whole.
type page struct {
	status int
	header http.Header
	body   string
}

// get asks for a page as a browser does; more headers come in pairs.
func (s *site) get(t *testing.T, path string, headers ...string) page {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.base+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept", "text/html,application/xhtml+xml,*/*;q=0.8")
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
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return page{status: res.StatusCode, header: res.Header, body: string(body)}
}
