// Package redis is the client of what is fast and may be lost: the boards of rankings
// (package boards), the queue of events on their way to MySQL (package queue), and limits.
// Every call has a short time-out and no retry, and a breaker spares callers the wait while
// Redis does not answer.
package redis

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"

	goredis "github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/breaker"
	"github.com/xunke/xunke/internal/logging"
	"github.com/xunke/xunke/internal/reach"
)

// How long a call may take, the wait for a connection included, by who waits for it.
const (
	VisitorTimeout = 150 * time.Millisecond // a request of a visitor
	WorkerTimeout  = 500 * time.Millisecond // the indexer, or who counts events
	RebuildTimeout = 10 * time.Second       // a rebuild of boards, or a union
)

// A new connection takes a round trip, and two more and some arithmetic where it is encrypted.
// Who waits for it has a deadline besides.
const (
	dialTimeout    = 150 * time.Millisecond
	dialTLSTimeout = 500 * time.Millisecond
)

// Options say where Redis is. Two or more addresses are those of a cluster, none at all is
// no Redis. All keys begin with the prefix.
type Options struct {
	Addresses []string
	Username  string
	Password  string
	TLS       bool
	CA        string // a file of authorities in PEM; empty: those of the system
	// ServerName is the name that the server's certificate must have; empty: that of the address.
	ServerName string
	Prefix     string
}

// tls is the encryption of connections, nil for none.
func (o Options) tls() (*tls.Config, error) {
	if !o.TLS {
		return nil, nil
	}
	return reach.TLS(o.CA, o.ServerName)
}

// Client talks to one Redis, or to a Redis Cluster if there are several addresses. It is
// safe for concurrent use. Its errors are catalog.Error values of CodeUnavailable; their
// cause is catalog.ErrNotConfigured where there is no address.
type Client struct {
	server  goredis.UniversalClient // nil: no addresses
	prefix  string
	breaker *breaker.Breaker // nil: no addresses
	log     *slog.Logger
	refused logging.KeyedLimiter // by call
	tls     bool
	least   time.Duration // that any call may take
}

// silent is a log that nothing is written to.
type silent struct{}

// Printf writes nothing.
func (silent) Printf(context.Context, string, ...any) {}

// muteDriver stops go-redis from writing lines of its own to standard error: what they
// say comes back as errors as well. Its log is one for the whole process.
var muteDriver = sync.OnceFunc(func() { goredis.SetLogger(silent{}) })

// Open makes a client. It does not connect: a Redis that is down is found out by the
// first call.
func Open(o Options, log *slog.Logger) *Client {
	muteDriver()
	client := &Client{prefix: o.Prefix, log: log, tls: o.TLS}
	if len(o.Addresses) == 0 {
		return client
	}
	encryption, err := o.tls()
	dial := dialTimeout
	if o.TLS {
		dial = dialTLSTimeout
	}
	client.server = goredis.NewUniversalClient(&goredis.UniversalOptions{
		TLSConfig:             encryption,
		Dialer:                refuseIf(err),
		Addrs:                 o.Addresses, // two or more mean a cluster
		Username:              o.Username,
		Password:              o.Password,
		Protocol:              2,
		DialTimeout:           dial,
		DialerRetries:         1, // the default is five, 100 ms apart
		ReadTimeout:           RebuildTimeout,
		WriteTimeout:          RebuildTimeout,
		PoolTimeout:           dial,
		ContextTimeoutEnabled: true, // off by default: deadlines would be ignored
		MaxRetries:            -1,   // a retry after a time-out may do a thing twice
		DisableIdentity:       true,
		MaintNotificationsConfig: &maintnotifications.Config{
			Mode: maintnotifications.ModeDisabled,
		},
	})
	client.breaker = breaker.New(breaker.Options{
		Server: "Redis",
		// What Redis refuses is an answer, except while it reads its data.
		Failed: func(err error) bool { return !isReply(err) || goredis.IsLoadingError(err) },
		Probe:  func(ctx context.Context) error { return client.server.Ping(ctx).Err() },
		Log:    log,
	})
	return client
}

// refuseIf is a dialer that fails with an error, and nil, which is the usual one, without.
// Rather no connection than one that is not encrypted as it was told to be.
func refuseIf(err error) func(ctx context.Context, network, address string) (net.Conn, error) {
	if err == nil {
		return nil
	}
	return func(context.Context, string, string) (net.Conn, error) { return nil, err }
}

// WithLeastTimeout lets every call take so long at the least, and returns the client. It is for
// whom late is better than never, such as tests on a machine that is busy.
func (c *Client) WithLeastTimeout(least time.Duration) *Client {
	c.least = least
	return c
}

// IsConfigured says whether there is a Redis to talk to.
func (c *Client) IsConfigured() bool { return c.server != nil }

// Away says whether calls fail at once because Redis does not answer. One that is not
// configured is not away.
func (c *Client) Away() bool { return c.breaker != nil && c.breaker.Open() }

// Log is where the packages that use this client say what happens to their keys.
func (c *Client) Log() *slog.Logger { return c.log }

// Keys begins every key of a kind of data. What stands in braces is the hash tag: all of
// them are in one slot of a cluster, so that one script may use them together.
func (c *Client) Keys(kind string) string { return "{" + c.prefix + ":" + kind + "}:" }

// Ready says whether Redis answers.
func (c *Client) Ready(ctx context.Context) error {
	return c.Call(ctx, VisitorTimeout, "ping", func(ctx context.Context, server goredis.UniversalClient) error {
		return server.Ping(ctx).Err()
	})
}

// Close closes the connections.
func (c *Client) Close() error {
	if c.server == nil {
		return nil
	}
	_ = c.breaker.Close() // a probe may be under way
	if err := c.server.Close(); err != nil {
		return fmt.Errorf("close redis: %w", err)
	}
	return nil
}

// Call does one thing within a time-out, unless the breaker is open. what names it in
// errors and in the log.
func (c *Client) Call(ctx context.Context, timeout time.Duration, what string, do func(ctx context.Context, server goredis.UniversalClient) error) error {
	if c.server == nil {
		return catalog.Unavailable("Redis", fmt.Errorf("%w (redis.addresses is empty)", catalog.ErrNotConfigured))
	}
	err := c.breaker.Do(ctx, func(ctx context.Context) error {
		limited, cancel := context.WithTimeout(ctx, max(timeout, c.least))
		defer cancel()
		err := do(limited, c.server)
		if err != nil && ctx.Err() != nil {
			err = ctx.Err()
		}
		return err
	})
	switch {
	case err == nil:
		return nil
	case isReply(err):
		// Redis answers and refuses: out of memory, a missing privilege, a mistake of ours.
		if suppressed, ok := c.refused.Allow(what); ok {
			c.log.Error("redis refuses a call", "call", what, "err", err, "not_logged", suppressed)
		}
	}
	e := catalog.Unavailable("Redis", fmt.Errorf("%s: %w", what, err))
	e.Hint = c.hintOf(err)
	return e
}

// isReply says whether an error is what Redis said, and not the lack of an answer.
func isReply(err error) bool {
	var reply goredis.Error
	if !errors.As(err, &reply) {
		return false
	}
	_, network := errors.AsType[net.Error](err)
	return !network
}

// IsNil says whether Redis answered that there is nothing.
func IsNil(err error) bool { return errors.Is(err, goredis.Nil) }
