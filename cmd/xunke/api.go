package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/xunke/xunke/answers"
	"github.com/xunke/xunke/consultations"
	"github.com/xunke/xunke/events"
	"github.com/xunke/xunke/internal/breaker"
	"github.com/xunke/xunke/internal/curation"
	"github.com/xunke/xunke/internal/elastic/search"
	"github.com/xunke/xunke/internal/embed"
	"github.com/xunke/xunke/internal/httpserver"
	"github.com/xunke/xunke/internal/mysql/lookup"
	"github.com/xunke/xunke/internal/mysql/store"
	"github.com/xunke/xunke/internal/redis/boards"
	"github.com/xunke/xunke/internal/redis/queue"
	"github.com/xunke/xunke/internal/synonym"
	"github.com/xunke/xunke/ops"
	"github.com/xunke/xunke/rankings"
	"github.com/xunke/xunke/related"
	"github.com/xunke/xunke/searchapi"
	"github.com/xunke/xunke/searchlog"
	"github.com/xunke/xunke/standby"
)

// substituteSearches is how many searches MySQL is asked at a time while Elasticsearch is
// away: others live on it.
const substituteSearches = 4

// api is an API put together from the configuration.
type api struct {
	server    *httpserver.Server
	events    *events.Path
	synonyms  synonym.Live
	model     embed.Live
	curations curation.Live
	popular   searchlog.Popular
	blocked   searchlog.Blocked
	cleaner   *consultations.Cleaner
	ranker    *rankings.Service
	answers   *answers.Keeper
	learners  *learners      // nil: there are no accounts
	closers   []func() error // last in, first out
}

func (p *api) close() error {
	var errs []error
	for i := len(p.closers) - 1; i >= 0; i-- {
		errs = append(errs, p.closers[i]())
	}
	return errors.Join(errs...)
}

// parts are what calls and pages stand on, beside what runs (api).
type parts struct {
	clients
	calls    store.Consultations
	desk     *consultations.Desk
	queries  *embed.Queries
	index    *search.Searcher
	asking   *standby.Searcher // index, or MySQL while that is away
	relater  *related.Service
	details  standby.ItemReader
	status   *ops.Metrics
	breakers map[string]func() bool
}

// api puts an API together, and connects to what it needs.
func (a *app) api(ctx context.Context, explain bool) (_ *api, err error) {
	p := &api{}
	defer func() {
		if err != nil {
			err = errors.Join(err, p.close())
		}
	}()
	servers, err := a.connect(ctx, p)
	if err != nil {
		return nil, err
	}
	a.warnOfSchema(ctx, servers.db.Write)
	a.followStores(p, servers)
	d := a.parts(p, servers)
	p.cleaner = &consultations.Cleaner{Store: d.calls, Keep: a.config.API.ConsultationsKept, Log: a.log}
	p.answers = a.keeper(servers.withoutBreaker, d.asking, d.index, p)
	p.ranker = &rankings.Service{
		Board:    boards.New(servers.redis, a.config.Rankings.Scoring()),
		Fallback: standby.Ranker{Index: d.index, Searcher: d.asking},
	}
	p.events = a.eventPath(servers)
	if p.learners, err = a.learners(servers); err != nil {
		return nil, err
	}
	registry, err := p.metrics(d.status, d.breakers)
	if err != nil {
		return nil, err
	}
	if p.server, err = a.server(registry, a.authenticators(servers, p.learners)); err != nil {
		return nil, err
	}
	calling, err := a.mountCalls(p, d, explain)
	if err != nil {
		return nil, err
	}
	p.learners.mountInbox(p.server)
	return p, a.mountPages(p, d, calling)
}

// followStores begins with what admins say, with the model, and with what is suggested. All of
// it is read again while an API runs.
func (a *app) followStores(p *api, c clients) {
	searches := store.NewSearches(c.db.Write)
	p.synonyms = synonym.NewLive(store.NewSynonyms(c.db.Write), a.log)
	p.curations = curation.NewLive(store.NewCurations(c.db.Write), a.log)
	p.blocked = searchlog.NewBlocked(searches, a.log)
	p.popular = searchlog.NewPopular(searches, a.log).Without(p.blocked)
	p.model = a.model()
}

// parts makes what calls and pages stand on, of the clients and of what is followed.
func (a *app) parts(p *api, c clients) parts {
	calls := store.NewConsultations(c.db.Write).WithGuard(c.guard)
	queries := embed.NewQueries(p.model, a.config.Meaning.Timeout)
	index := search.NewSearcher(c.elastic, p.synonyms.Lookup).WithNearWords(p.synonyms.LookupNear).WithMeaning(inTime(queries.Vector)).
		WithCurations(p.curations.Lookup).WithQueries(p.popular.Complete).
		WithScoring(a.config.Rankings.Scoring()).WithPlaces(a.config.API.SearchesAtOnce)
	return parts{
		clients:  c,
		calls:    calls,
		desk:     &consultations.Desk{Store: calls, Limit: c.limit("consultations", a.config.API.ConsultationLimit, time.Hour)},
		queries:  queries,
		index:    index,
		asking:   standby.NewSearcher(index, lookup.New(c.db.Read).WithGuard(c.guard), substituteSearches),
		relater:  related.NewService(index, store.NewEnrolments(c.db.Read).WithGuard(c.guard), a.log),
		details:  standby.ItemReader{Source: store.NewDetails(c.db.Read).WithGuard(c.guard), Documents: search.NewDocuments(index)},
		status:   &ops.Metrics{Status: a.installation().Status},
		breakers: map[string]func() bool{"elasticsearch": c.elastic.Away, "mysql": c.guard.Away, "redis": c.redis.Away},
	}
}

// mountCalls adds the JSON API to the server.
func (a *app) mountCalls(p *api, d parts, explain bool) (*searchapi.Service, error) {
	var checks []searchapi.Check
	if d.redis.IsConfigured() {
		checks = append(checks, searchapi.Check{Name: "redis", Ready: d.redis.Ready})
	}
	return searchapi.Mount(p.server, searchapi.Deps{
		Searcher: p.answers,
		Kept:     p.answers,
		Relater:  d.relater,
		Details:  d.details,
		Ranker:   p.ranker,
		Events:   p.events,

		SearchPrice:   d.index.Price,
		SearchBudget:  d.limit("searches", a.config.API.SearchBudget, time.Minute),
		EventLimit:    d.limit("events", a.config.API.EventLimit, time.Minute),
		Consultations: d.desk,
		Learners:      p.learners.calls(),
		Checks:        checks,
		Warnings: func(ctx context.Context) []searchapi.Warning {
			return a.warnings(ctx, d.status, p.events, d.redis, d.breakers)
		},
		FirstIndex: firstIndex(d.elastic),
		Log:        a.log,
	}, searchapi.Options{
		Version:   version,
		PublicURL: a.config.API.PublicURL,
		Explain:   explain,
		Scoring:   a.config.Rankings.Scoring(),
	})
}

// metrics are those of the parts; they are shown by the server.
func (p *api) metrics(status *ops.Metrics, breakers map[string]func() bool) (*prometheus.Registry, error) {
	registry := httpserver.NewRegistry(version)
	if err := p.events.Register(registry); err != nil {
		return nil, err
	}
	if err := p.answers.Register(registry); err != nil {
		return nil, err
	}
	if p.learners != nil {
		if err := p.learners.worker.Register(registry); err != nil {
			return nil, err
		}
	}
	if err := registry.Register(status); err != nil {
		return nil, fmt.Errorf("register metrics of the index: %w", err)
	}
	for server, open := range breakers {
		if err := registry.Register(breaker.Gauge(server, open)); err != nil {
			return nil, fmt.Errorf("register metrics of breakers: %w", err)
		}
	}
	return registry, nil
}

// authenticators tell who asks. Without a password there are no admins, and without accounts
// no learners.
func (a *app) authenticators(c clients, l *learners) []httpserver.Authenticator {
	var list []httpserver.Authenticator
	if password := a.config.API.AdminPassword; password != "" {
		list = append(list, adminPassword(c, password))
	}
	if l != nil {
		list = append(list, httpserver.SessionCookie{Learners: l.service})
	}
	return list
}

func adminPassword(c clients, password string) httpserver.Authenticator {
	return httpserver.NewAdminPassword(password, httpserver.GuessLimits{
		Network: c.limit("passwords", httpserver.GuessesMost, httpserver.GuessesSpan),
		All:     c.limit("all-passwords", httpserver.GuessesOfAll, httpserver.GuessesSpan),
		Known:   c.limit("known-admins", 1, httpserver.KnownFor),
	})
}

// server is the HTTP shell under API and pages.
func (a *app) server(registry *prometheus.Registry, authenticators []httpserver.Authenticator) (*httpserver.Server, error) {
	return httpserver.New(httpserver.Config{
		PublicURL:      a.config.API.PublicURL,
		Operators:      a.config.API.Operators,
		Hosts:          a.config.API.Hosts,
		Secret:         a.config.API.CursorSecret,
		TrustedProxies: a.config.API.TrustedProxy,
		Authenticators: authenticators,
		Drain:          a.config.API.Drain,
		Connections:    httpserver.Connections{Most: a.config.API.Connections, MostNetwork: a.config.API.AddressConnections},
		Log:            a.log,
		Metrics:        registry,
	})
}

// eventPath puts the way of events together. Without a run_dir there is no file for what
// Redis does not take, and it is dropped.
func (a *app) eventPath(c clients) *events.Path {
	var spill *events.Spill
	if a.config.RunDir != "" {
		var err error
		if spill, err = events.NewSpill(filepath.Join(a.config.RunDir, "events"), events.SpillLimit); err != nil {
			a.log.Warn("run_dir cannot be written to: events that Redis does not take are lost until it can", "err", err)
		}
	}
	waiting := queue.New(c.redis, nil).WithCaps(events.Caps{
		Visitors: a.config.API.NetworkVisitors, Events: a.config.API.NetworkEvents, Queries: a.config.API.NetworkQueries,
	})
	return events.NewPath(waiting, store.NewEventCounter(c.db.Write), store.NewItems(c.db.Write, c.guard), spill, a.log)
}
