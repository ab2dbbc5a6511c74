package main

import (
	"context"
	"crypto/rand"
	"database/sql"
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
	"github.com/xunke/xunke/internal/mysql"
	"github.com/xunke/xunke/internal/mysql/lookup"
	"github.com/xunke/xunke/internal/mysql/store"
	"github.com/xunke/xunke/internal/redis"
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
	closers   []func() error // last in, first out
}

func (p *api) close() error {
	var errs []error
	for i := len(p.closers) - 1; i >= 0; i-- {
		errs = append(errs, p.closers[i]())
	}
	return errors.Join(errs...)
}

func (a *app) api(ctx context.Context, explain bool) (_ *api, err error) {
	p := &api{}
	defer func() {
		if err != nil {
			err = errors.Join(err, p.close())
		}
	}()
	db, err := a.mysql(ctx)
	if err != nil {
		return nil, err
	}
	p.closers = append(p.closers, db.Close)
	client, err := a.elasticsearch()
	if err != nil {
		return nil, err
	}
	plain := client
	client = client.WithBreaker(a.log)
	p.closers = append(p.closers, func() error { client.Close(); return nil })
	guard := mysql.NewGuard(db.Read, a.log)
	p.closers = append(p.closers, guard.Close)
	a.warnOfSchema(ctx, db.Write)
	cache := redis.Open(redis.Options(a.config.Redis), a.log)
	p.closers = append(p.closers, cache.Close)

	secret := []byte(a.config.API.CursorSecret)
	if len(secret) == 0 { // limits are this process's own then, like its cursors
		secret = []byte(rand.Text())
	}
	calls := store.NewConsultations(db.Write).WithGuard(guard)
	p.cleaner = &consultations.Cleaner{Store: calls, Keep: a.config.API.ConsultationsKept, Log: a.log}
	desk := &consultations.Desk{
		Store: calls, Limit: redis.NewLimit(cache, "consultations", a.config.API.ConsultationLimit, time.Hour, secret, nil),
	}
	p.synonyms = synonym.NewLive(store.NewSynonyms(db.Write), a.log)
	p.curations = curation.NewLive(store.NewCurations(db.Write), a.log)
	p.blocked = searchlog.NewBlocked(store.NewSearches(db.Write), a.log)
	p.popular = searchlog.NewPopular(store.NewSearches(db.Write), a.log).Without(p.blocked)
	p.model = a.model()
	queries := embed.NewQueries(p.model, a.config.Meaning.Timeout)
	index := search.NewSearcher(client, p.synonyms.Lookup).WithNearWords(p.synonyms.LookupNear).WithMeaning(inTime(queries.Vector)).
		WithCurations(p.curations.Lookup).WithQueries(p.popular.Complete).
		WithScoring(a.config.Rankings.Scoring()).WithPlaces(a.config.API.SearchesAtOnce)
	asking := standby.NewSearcher(index, lookup.New(db.Read).WithGuard(guard), substituteSearches)
	searcher := a.keeper(plain, asking, index, p)
	p.answers = searcher
	relater := related.NewService(index, store.NewEnrolments(db.Read).WithGuard(guard), a.log)
	details := standby.ItemReader{Source: store.NewDetails(db.Read).WithGuard(guard), Documents: search.NewDocuments(index)}
	p.ranker = &rankings.Service{Board: boards.New(cache, a.config.Rankings.Scoring()), Fallback: standby.Ranker{Index: index, Searcher: asking}}
	p.events = a.eventPath(db.Write, guard, cache)
	status := &ops.Metrics{Status: a.installation().Status}
	breakers := map[string]func() bool{"elasticsearch": client.Away, "mysql": guard.Away, "redis": cache.Away}
	registry, err := p.metrics(status, breakers)
	if err != nil {
		return nil, err
	}
	var checks []searchapi.Check
	if cache.IsConfigured() {
		checks = append(checks, searchapi.Check{Name: "redis", Ready: cache.Ready})
	}
	if p.server, err = a.server(registry, a.authenticators(cache, secret)); err != nil {
		return nil, err
	}
	calling, err := searchapi.Mount(p.server, searchapi.Deps{
		Searcher: searcher,
		Kept:     searcher,
		Relater:  relater,
		Details:  details,
		Ranker:   p.ranker,
		Events:   p.events,

		SearchPrice:   index.Price,
		SearchBudget:  redis.NewLimit(cache, "searches", a.config.API.SearchBudget, time.Minute, secret, nil),
		EventLimit:    redis.NewLimit(cache, "events", a.config.API.EventLimit, time.Minute, secret, nil),
		Consultations: desk,
		Checks:        checks,
		Warnings: func(ctx context.Context) []searchapi.Warning {
			return a.warnings(ctx, status, p.events, cache, breakers)
		},
		FirstIndex: firstIndex(client),
		Log:        a.log,
	}, searchapi.Options{
		Version:   version,
		PublicURL: a.config.API.PublicURL,
		Explain:   explain,
		Scoring:   a.config.Rankings.Scoring(),
	})
	if err != nil {
		return nil, err
	}
	return p, a.mountPages(p.server, pagesDeps{
		db: db.Write, calls: calling, searcher: searcher, relater: relater, details: details, ranker: p.ranker,
		consultations: desk, callers: calls.As("page /admin/consultations"), synonyms: p.synonyms.Lookup, popular: p.popular,
		proposer: searchlog.Proposer{
			Closest: index, Dismissals: store.NewSynonyms(db.Write), Vector: queries.Vector, Known: p.synonyms.LookupNear,
		},
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

// authenticators tell who asks. Without a password there are no admins.
func (a *app) authenticators(cache *redis.Client, secret []byte) []httpserver.Authenticator {
	password := a.config.API.AdminPassword
	if password == "" {
		return nil
	}
	return []httpserver.Authenticator{httpserver.NewAdminPassword(password, httpserver.GuessLimits{
		Network: redis.NewLimit(cache, "passwords", httpserver.GuessesMost, httpserver.GuessesSpan, secret, nil),
		All:     redis.NewLimit(cache, "all-passwords", httpserver.GuessesOfAll, httpserver.GuessesSpan, secret, nil),
		Known:   redis.NewLimit(cache, "known-admins", 1, httpserver.KnownFor, secret, nil),
	})}
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
func (a *app) eventPath(db *sql.DB, guard *mysql.Guard, cache *redis.Client) *events.Path {
	var spill *events.Spill
	if a.config.RunDir != "" {
		var err error
		if spill, err = events.NewSpill(filepath.Join(a.config.RunDir, "events"), events.SpillLimit); err != nil {
			a.log.Warn("run_dir cannot be written to: events that Redis does not take are lost until it can", "err", err)
		}
	}
	waiting := queue.New(cache, nil).WithCaps(events.Caps{
		Visitors: a.config.API.NetworkVisitors, Events: a.config.API.NetworkEvents, Queries: a.config.API.NetworkQueries,
	})
	return events.NewPath(waiting, store.NewEventCounter(db), store.NewItems(db, guard), spill, a.log)
}
