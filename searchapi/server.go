package searchapi

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/valyala/fasthttp"

	"github.com/xunke/xunke/catalog"
)

// Limits of the HTTP server.
const (
	readTimeout  = 10 * time.Second
	writeTimeout = 30 * time.Second
	idleTimeout  = 60 * time.Second
	// Request line and headers have to fit: 256 Hanzi are 2,304 bytes in a URL, and a
	// query ten times as long shall be cut, not refused.
	readBuffer = 64 << 10
	bodyLimit  = 64 << 10
	// finishWithin is how long requests that have begun may go on after the end was asked for.
	finishWithin = 15 * time.Second
)

// Deps are what the API stands on. Pages and Checks may be missing.
type Deps struct {
	Searcher Searcher
	Relater  Relater
	Details  Details
	Ranker   Ranker
	Events   Events
	// EventLimit is on events from one address; nil: there is none.
	EventLimit Limiter
	// Consultations takes requests to be called back; nil: that call is not there.
	Consultations Consultations
	// Pages adds the pages, which show their own errors. address says where a request
	// comes from, as far as trusted proxies tell; all of an IPv6 /64 is one address.
	Pages  func(app *fiber.App, address func(c *fiber.Ctx) string) error
	Checks []Check // besides Searcher and Details
	// Warnings tells of what is wrong beside, from what it knows of some seconds ago: it is
	// called for each /readyz. It may be missing.
	Warnings func(ctx context.Context) []Warning
	Log      *slog.Logger
	Metrics  *prometheus.Registry // from NewRegistry; others may add theirs to it
}

// Options are what can be set.
type Options struct {
	Version        string   // of the program
	PublicURL      string   // begins the links of answers; empty: links are paths
	Secret         string   // signs cursors and salts visitors; empty: a random one
	TrustedProxies []string // addresses or networks whose X-Forwarded-For counts
	Explain        bool     // whoever searches may ask for the plan, not only admins
	// Scoring is what the scores of rankings are made with, for the description of the
	// API; zero: the standard one.
	Scoring catalog.Scoring
	// RefusesAdmin is the status for a request that is not an admin's, 0 for one that is.
	// nil: there are no admins.
	RefusesAdmin func(c *fiber.Ctx) int
}

// Server is the HTTP API with the pages on the same app. Serve runs it, once.
type Server struct {
	searcher Searcher
	relater  Relater
	details  Details
	ranker   Ranker
	events   Events
	checks   []Check
	warnings func(ctx context.Context) []Warning

	eventLimit    Limiter
	consultations Consultations
	log           *slog.Logger
	options       Options

	app         *fiber.App
	metrics     *metrics
	cursors     sealer
	visitors    visitors
	unavailable logLimit
	unready     logLimit
	stopping    atomic.Bool
	now         func() time.Time
}

// New makes a server. The error names what is missing or cannot be understood.
func New(deps Deps, options Options) (*Server, error) {
	if deps.Searcher == nil || deps.Relater == nil || deps.Details == nil || deps.Ranker == nil || deps.Events == nil || deps.Log == nil || deps.Metrics == nil {
		return nil, errors.New("make API: searcher, relater, details, ranker, events, log and metrics are all needed")
	}
	options.Scoring = cmp.Or(options.Scoring, catalog.StandardScoring())
	options.PublicURL = strings.TrimRight(options.PublicURL, "/")
	secret := []byte(options.Secret)
	if len(secret) == 0 {
		var err error
		if secret, err = newSecret(); err != nil {
			return nil, err
		}
		deps.Log.Warn("no api.cursor_secret: cursors end with this process and are not understood by others")
	}
	proxies, err := parseNetworks(options.TrustedProxies)
	if err != nil {
		return nil, err
	}
	m, err := newMetrics(deps.Metrics)
	if err != nil {
		return nil, fmt.Errorf("register metrics: %w", err)
	}
	s := &Server{
		searcher: deps.Searcher, relater: deps.Relater, details: deps.Details, ranker: deps.Ranker, events: deps.Events, eventLimit: deps.EventLimit,
		consultations: deps.Consultations,
		warnings:      deps.Warnings, log: deps.Log, options: options, metrics: m, now: time.Now,
	}
	s.checks = append([]Check{
		{Name: "mysql", Required: true, Ready: deps.Details.Ready},
		{Name: "elasticsearch", Required: true, Ready: deps.Searcher.Ready},
	}, deps.Checks...)
	s.cursors = sealer{key: deriveKey(secret, "cursor"), now: func() time.Time { return s.now() }}
	s.visitors = visitors{key: deriveKey(secret, "visitor"), proxies: proxies}
	s.app = s.newApp(proxies)
	if err := s.routes(deps.Metrics); err != nil {
		return nil, err
	}
	if deps.Pages != nil {
		if err := deps.Pages(s.app, s.visitors.network); err != nil {
			return nil, fmt.Errorf("add pages: %w", err)
		}
	}
	return s, nil
}

func (s *Server) newApp(proxies []netip.Prefix) *fiber.App {
	trusted := make([]string, len(proxies))
	for i, p := range proxies {
		trusted[i] = p.String()
	}
	app := fiber.New(fiber.Config{
		CaseSensitive:                true,
		Immutable:                    true, // texts of a request outlive it in caches and goroutines
		BodyLimit:                    bodyLimit,
		ReadTimeout:                  readTimeout,
		WriteTimeout:                 writeTimeout,
		IdleTimeout:                  idleTimeout,
		ReadBufferSize:               readBuffer,
		DisablePreParseMultipartForm: true,
		DisableStartupMessage:        true,
		// Protocol and host of a forwarded request are believed from these only. The
		// client's address is worked out by visitors: Fiber would take the leftmost
		// entry of X-Forwarded-For, which the client writes itself.
		EnableTrustedProxyCheck: true,
		TrustedProxies:          trusted,
		ErrorHandler:            s.fail,
	})
	// Fiber answers a method that it does not know in plain text before any handler.
	handle := app.Server().Handler
	app.Server().Handler = func(ctx *fasthttp.RequestCtx) {
		if knownMethod(string(ctx.Method())) == "other" {
			c := app.AcquireCtx(ctx)
			defer app.ReleaseCtx(c)
			if err := s.fail(c, fiber.NewError(fiber.StatusNotImplemented, "this server does not know this method")); err != nil {
				s.log.Error("answer unknown method", "err", err)
			}
			return
		}
		handle(ctx)
	}
	return app
}

// Serve answers requests that come through a listener until ctx ends, then lets those
// that have begun finish. It closes the listener. The error is nil after an orderly end.
func (s *Server) Serve(ctx context.Context, listener net.Listener) error {
	failed := make(chan error, 1)
	go func() { failed <- s.app.Listener(listener) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve HTTP on %s: %w", listener.Addr(), err)
	case <-ctx.Done():
	}
	return s.stop(context.WithoutCancel(ctx), listener, failed)
}

// stop ends the server step by step, each bounded.
func (s *Server) stop(ctx context.Context, listener net.Listener, failed <-chan error) error {
	s.stopping.Store(true) // /readyz says so from now on
	s.log.Info("stopping", "step", "finish requests", "within", finishWithin)
	finish, cancel := context.WithTimeout(ctx, finishWithin)
	defer cancel()
	var errs []error
	if err := s.app.ShutdownWithContext(finish); err != nil {
		errs = append(errs, fmt.Errorf("finish requests: %w", err))
	}
	// Where the end came before the server had begun, only this ends it.
	if err := listener.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
		errs = append(errs, fmt.Errorf("close listener: %w", err))
	}
	select {
	case err := <-failed:
		if err != nil && !errors.Is(err, net.ErrClosed) {
			errs = append(errs, fmt.Errorf("serve HTTP: %w", err))
		}
	case <-finish.Done():
		errs = append(errs, errors.New("serve HTTP: did not end in time"))
	}
	s.log.Info("stopped", "step", "finish requests")
	return errors.Join(errs...)
}
