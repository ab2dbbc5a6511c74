package searchapi

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/httpserver"
	"github.com/xunke/xunke/internal/logging"
	"github.com/xunke/xunke/searchlog"
)

// Deps are what the API stands on. Checks, Warnings, EventLimit, Consultations and
// Learners may be missing.
type Deps struct {
	Searcher Searcher
	Kept     Kept // the answers that Searcher keeps; nil: none
	Relater  Relater
	Details  Details
	Ranker   Ranker
	Events   Events
	// EventLimit is on events from one address; nil: there is none.
	EventLimit httpserver.Limiter
	// SearchPrice is what a query costs beyond an ordinary one, and SearchBudget what one
	// network may spend on such; either may be nil: there is no limit.
	SearchPrice  func(catalog.Query) int
	SearchBudget httpserver.Budget
	// Consultations takes requests to be called back; nil: that call is not there.
	Consultations Consultations
	// Learners is what people with accounts do; nil: there are none, nor are their calls.
	Learners *LearnerDeps
	Checks   []Check // besides Searcher and Details
	// Warnings tells of what is wrong beside, from what it knows of some seconds ago: it is
	// called for each /readyz. It may be missing.
	Warnings func(ctx context.Context) []Warning
	// FirstIndex tells how far the first index is; empty where there is one. nil: not known.
	FirstIndex func(ctx context.Context) string
	Log        *slog.Logger
}

// LearnerDeps is what calls of learners stand on; nothing of it may be missing.
type LearnerDeps struct {
	Accounts Accounts
	Learning Learning
	Comments Comments
	Messages Messages
}

// Options are what can be set.
type Options struct {
	Version   string // of the program
	PublicURL string // begins the links of answers; empty: links are paths
	Explain   bool   // whoever searches may ask for the plan, not only admins
	// Scoring is what the scores of rankings are made with, for the description of the
	// API; zero: the standard one.
	Scoring catalog.Scoring
}

// Service is the HTTP API.
type Service struct {
	searcher Searcher
	kept     Kept
	relater  Relater
	details  Details
	ranker   Ranker
	rankings *rankings
	events   Events
	checks   []Check
	warnings func(ctx context.Context) []Warning

	firstIndex func(ctx context.Context) string

	eventLimit    httpserver.Limiter
	price         func(catalog.Query) int
	budget        httpserver.Budget
	consultations Consultations
	learners      *LearnerDeps
	log           *slog.Logger
	options       Options

	server  *httpserver.Server
	cursors sealer
	unready logging.Limiter
	now     func() time.Time
}

// Mount adds the calls of the API to a server. The error names what is missing.
func Mount(server *httpserver.Server, deps Deps, options Options) (*Service, error) {
	if deps.Searcher == nil || deps.Relater == nil || deps.Details == nil || deps.Ranker == nil || deps.Events == nil || deps.Log == nil {
		return nil, errors.New("make API: searcher, relater, details, ranker, events and log are all needed")
	}
	options.Scoring = cmp.Or(options.Scoring, catalog.StandardScoring())
	options.PublicURL = strings.TrimRight(options.PublicURL, "/")
	s := &Service{
		searcher: deps.Searcher, kept: deps.Kept, relater: deps.Relater, details: deps.Details, ranker: deps.Ranker, rankings: newRankings(), events: deps.Events, eventLimit: deps.EventLimit,
		consultations: deps.Consultations, learners: deps.Learners, price: deps.SearchPrice, budget: deps.SearchBudget,
		warnings: deps.Warnings, firstIndex: deps.FirstIndex, log: deps.Log, options: options, server: server, now: time.Now,
	}
	s.checks = append([]Check{
		{Name: "mysql", Answers: true, Ready: deps.Details.Ready},
		{Name: checkElasticsearch, Answers: true, Ready: deps.Searcher.Ready},
	}, deps.Checks...)
	s.cursors = sealer{key: server.Key("cursor"), now: func() time.Time { return s.now() }}
	return s, s.routes()
}

// AllowSearch has whoever sends a request pay for a search that costs more than ordinary
// ones, before it is asked. CodeTooMany. Pages that show a search call it, too.
func (s *Service) AllowSearch(c *fiber.Ctx, q catalog.Query) error {
	if s.price == nil {
		return nil
	}
	return httpserver.Spend(c, s.budget, s.priceOf(q))
}

// ReportSearch has a search reported once its answer is made, if a person asked and sees
// the answer. Pages that show a search call it, too.
func (s *Service) ReportSearch(c *fiber.Ctx, search searchlog.Search) {
	httpserver.AfterAnswer(c, func() {
		if c.Method() != http.MethodGet || c.Response().StatusCode() != http.StatusOK || httpserver.FromBot(c) || httpserver.LoadsInAdvance(c) {
			return
		}
		now := s.now()
		s.events.RecordSearch(httpserver.Visitor(c, now), httpserver.VisitorNetwork(c, now), search, now)
	})
}
