// Package httpserver is what every request to the program goes through, whether it is for
// the API or for a page: the Fiber app and its life cycle, request ids, where a request
// comes from, limits, headers, deadlines, panics, the log line, metrics, and the one table
// that turns errors into statuses. searchapi and web mount their routes on it.
package httpserver

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/adaptor"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/valyala/fasthttp"

	"github.com/xunke/xunke/internal/logging"
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

// Config is what a server is made of. Log and Metrics are needed.
type Config struct {
	PublicURL      string   // begins the links to the documentation in problems; empty: they are paths
	Hosts          []string // that are answered for, with or without a port; empty: any
	Secret         string   // what keys are derived from; empty: a random one
	TrustedProxies []string // addresses or networks whose X-Forwarded-For counts
	Operators      []string // addresses or networks that see metrics and all of readiness
	// Authenticators tell who sends a request, in the order in which they are asked.
	// Empty: everybody is Anonymous.
	Authenticators []Authenticator
	Connections    Connections
	// Drain is how long requests are answered as before once the end was asked for, while
	// readiness says no, so that a load balancer can turn to others first.
	Drain   time.Duration
	Log     *slog.Logger
	Metrics *prometheus.Registry // from NewRegistry; others may add theirs to it
	Now     func() time.Time     // nil: time.Now
}

// Server is the app that API and pages are mounted on. Serve runs it, once.
type Server struct {
	app            *fiber.App
	log            *slog.Logger
	registry       *prometheus.Registry
	publicURL      string
	secret         []byte
	publicHost     string
	hosts          map[string]bool // nil: any
	proxies        []netip.Prefix
	operators      []netip.Prefix
	authenticators []Authenticator
	connections    Connections
	drain          time.Duration
	metrics        *metrics
	unavailable    logging.Limiter
	now            func() time.Time
	stopping       atomic.Bool
	today          atomic.Pointer[dayKey] // the newest that was made; nil: none
}

// New makes a server without routes. The error names what is missing or cannot be understood.
func New(config Config) (*Server, error) {
	if config.Log == nil || config.Metrics == nil {
		return nil, errors.New("make HTTP server: log and metrics are needed")
	}
	secret := []byte(config.Secret)
	if len(secret) == 0 {
		secret = []byte(rand.Text())
		config.Log.Warn("no api.cursor_secret: cursors end with this process and are not understood by others")
	}
	proxies, err := parseNetworks("api.trusted_proxies", config.TrustedProxies)
	if err != nil {
		return nil, err
	}
	operators, err := parseNetworks("api.operators", config.Operators)
	if err != nil {
		return nil, err
	}
	m, err := newMetrics(config.Metrics)
	if err != nil {
		return nil, fmt.Errorf("register metrics: %w", err)
	}
	s := &Server{
		log: config.Log, registry: config.Metrics, publicURL: strings.TrimRight(config.PublicURL, "/"),
		secret: secret, proxies: proxies, authenticators: config.Authenticators, metrics: m, now: config.Now,
		operators: operators, connections: fitConnections(config.Connections, config.Log), drain: config.Drain,
	}
	if u, err := url.Parse(s.publicURL); err == nil {
		s.publicHost = u.Host
	}
	s.hosts = allowHosts(config.Hosts, s.publicHost)
	if s.hosts == nil && s.publicURL == "" {
		s.log.Warn("neither api.public_url nor api.hosts: links of widgets are made of whatever host a request names, and no cache may keep them")
	}
	if s.now == nil {
		s.now = time.Now
	}
	s.app = s.newApp()
	s.app.Use(s.handle)
	return s, nil
}

// App is what routes are added to.
func (s *Server) App() *fiber.App { return s.app }

// Key is a key for one purpose, made of the server's secret: no two purposes share a key.
func (s *Server) Key(purpose string) []byte { return deriveKey(s.secret, purpose) }

func deriveKey(secret []byte, purpose string) []byte {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(purpose))
	return mac.Sum(nil)
}

// Exposition answers with the metrics in Prometheus' text format.
func (s *Server) Exposition() fiber.Handler {
	return adaptor.HTTPHandler(promhttp.HandlerFor(s.registry, promhttp.HandlerOpts{}))
}

func (s *Server) newApp() *fiber.App {
	trusted := make([]string, len(s.proxies))
	for i, p := range s.proxies {
		trusted[i] = p.String()
	}
	app := fiber.New(fiber.Config{
		RequestMethods:               methods,
		CaseSensitive:                true,
		Immutable:                    true, // texts of a request outlive it in caches and goroutines
		BodyLimit:                    bodyLimit,
		ReadTimeout:                  readTimeout,
		WriteTimeout:                 writeTimeout,
		IdleTimeout:                  idleTimeout,
		ReadBufferSize:               readBuffer,
		DisablePreParseMultipartForm: true,
		ReduceMemoryUsage:            true, // a connection that idles keeps no buffer
		DisableStartupMessage:        true,
		// The protocol of a forwarded request is believed from these only. The host is
		// Host, the client's address Address: Fiber would take X-Forwarded-Host and the
		// leftmost entry of X-Forwarded-For, which clients write themselves.
		EnableTrustedProxyCheck: true,
		TrustedProxies:          trusted,
		ErrorHandler:            s.fail,
	})
	// These are answered before any handler: Fiber would answer a method that it does not
	// know in plain text.
	app.Server().ConnState = noteState
	app.Server().CloseOnShutdown = true
	handle := app.Server().Handler
	app.Server().Handler = func(ctx *fasthttp.RequestCtx) {
		var refusal error
		switch {
		case ambiguous(ctx):
			refusal = fiber.ErrBadRequest
			ctx.SetConnectionClose()
		case !isRouted(string(ctx.Method())):
			refusal = fiber.ErrNotImplemented
		default:
			handle(ctx)
			return
		}
		c := app.AcquireCtx(ctx)
		defer app.ReleaseCtx(c)
		if err := s.fail(c, refusal); err != nil {
			s.log.Error("answer a request that no handler sees", "err", err)
		}
	}
	return app
}

// Stopping says whether the end was asked for, so that readiness can tell.
func (s *Server) Stopping() bool { return s.stopping.Load() }

// Serve answers requests that come through a listener until ctx ends, then lets those
// that have begun finish. It closes the listener. The error is nil after an orderly end.
func (s *Server) Serve(ctx context.Context, listener net.Listener) error {
	listener = s.limitConnections(listener)
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
	s.stopping.Store(true) // /readyz says so from now on, and connections end with their next answer
	if s.drain > 0 {
		s.log.Info("stopping", "step", "drain", "for", s.drain)
		timer := time.NewTimer(s.drain)
		defer timer.Stop()
		select {
		case <-timer.C:
		case err := <-failed: // nobody can be answered any more
			return fmt.Errorf("serve HTTP on %s: %w", listener.Addr(), err)
		}
	}
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
