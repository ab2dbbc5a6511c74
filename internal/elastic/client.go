// Package elastic talks to Elasticsearch: one thin client, the names of an installation's
// indices, and whether it is well. What is written is in package index, what is searched
// in package search.
package elastic

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"

	es "github.com/elastic/go-elasticsearch/v8"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/breaker"
	"github.com/xunke/xunke/internal/reach"
)

// Client sends requests to one installation's indices. It is safe for concurrent use.
type Client struct {
	Names
	es        *es.Client
	transport *http.Transport
	breaker   *breaker.Breaker // nil: every request is sent
	recent    *recentSearches  // what the breaker warms Elasticsearch up with
}

// Options say where Elasticsearch is and who asks.
type Options struct {
	Addresses []string
	Username  string
	Password  string
	APIKey    string
	CA        string // a file of authorities in PEM for https; empty: those of the system
	Prefix    string // begins the name of every index and alias
}

// Open makes a client. It does not connect: an Elasticsearch that is down is found out
// by the first request.
func Open(o Options) (*Client, error) {
	encryption, err := reach.TLS(o.CA, "")
	if err != nil {
		return nil, fmt.Errorf("open elasticsearch client: elasticsearch.ca: %w", err)
	}
	transport := &http.Transport{
		TLSClientConfig: encryption,
		// Elasticsearch stands next to the program; packing a thousand documents takes it
		// four times as long as sending them.
		DisableCompression:    true,
		MaxIdleConnsPerHost:   64,
		IdleConnTimeout:       90 * time.Second,
		ResponseHeaderTimeout: 2 * time.Minute,
	}
	cfg := es.Config{
		Addresses: o.Addresses,
		Username:  o.Username,
		Password:  o.Password,
		APIKey:    o.APIKey,
		// The transport's own retries have no backoff and run on past deadlines; who
		// calls knows better whether and when to ask again.
		DisableRetry: true,
		Transport:    transport,
	}
	client, err := es.NewClient(cfg)
	if err != nil {
		return nil, fmt.Errorf("open elasticsearch client: %w", err)
	}
	return &Client{Names: Names{Prefix: o.Prefix}, es: client, transport: transport}, nil
}

// WithBreaker is the client with a breaker in front of Elasticsearch, for those whose
// callers are better off without an answer than with a late one.
func (c *Client) WithBreaker(log *slog.Logger) *Client {
	out := *c
	out.recent = &recentSearches{}
	out.breaker = breaker.New(breaker.Options{
		Server: "Elasticsearch", Failed: noAnswer, Log: log,
		// Any alias will do; that it is missing is an answer as well.
		Probe: func(ctx context.Context) error {
			probe := map[string]any{"size": 0, "terminate_after": 1, "track_total_hits": false}
			return c.Do(ctx, http.MethodPost, "/"+c.Alias(catalog.KindOrg)+"/_search", probe, nil)
		},
		WarmUp: func(ctx context.Context) { c.warmUp(ctx, out.recent.all(), log) },
	})
	return &out
}

// Away says whether requests fail at once because Elasticsearch does not answer.
func (c *Client) Away() bool { return c.breaker != nil && c.breaker.Open() }

// Close closes the connections that nobody uses.
func (c *Client) Close() {
	if c.breaker != nil {
		_ = c.breaker.Close()
	}
	c.transport.CloseIdleConnections()
}

// noAnswer says whether an error means that Elasticsearch does not do its work. That it has
// too much of it, 429, is an answer: a breaker would refuse what there is room for.
func noAnswer(err error) bool {
	return catalog.CodeOf(err) == catalog.CodeUnavailable && !IsStatus(err, http.StatusTooManyRequests)
}

// StatusError is an answer that is not 2xx. Type and Reason are Elasticsearch's own.
type StatusError struct {
	Status int
	Type   string
	Reason string
}

func (e *StatusError) Error() string {
	return fmt.Sprintf("elasticsearch answered %d %s: %s", e.Status, e.Type, e.Reason)
}

// IsStatus says whether err is an answer with that HTTP status.
func IsStatus(err error, status int) bool {
	s, ok := errors.AsType[*StatusError](err)
	return ok && s.Status == status
}

// Do sends one request with a JSON body (nil: none; []byte: as it is, ndjson) and
// decodes the answer into out (nil: thrown away). An answer that is not 2xx is a
// *StatusError; 429, 5xx and no answer at all are a catalog.Error of CodeUnavailable, and so
// is what an open breaker refuses.
func (c *Client) Do(ctx context.Context, method, path string, body, out any) error {
	if c.breaker == nil {
		return c.send(ctx, method, path, body, out)
	}
	return c.breaker.Do(ctx, func(ctx context.Context) error {
		began := time.Now()
		err := c.send(ctx, method, path, body, out)
		if err == nil {
			c.recent.add(search{method, path, body, time.Since(began)})
		}
		return err
	})
}

func (c *Client) send(ctx context.Context, method, path string, body, out any) error {
	var reader io.Reader
	contentType := "application/json"
	switch b := body.(type) {
	case nil:
	case []byte:
		reader, contentType = bytes.NewReader(b), "application/x-ndjson"
	default:
		raw, err := json.Marshal(b)
		if err != nil {
			return fmt.Errorf("encode request %s %s: %w", method, path, err)
		}
		reader = bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(ctx, method, path, reader)
	if err != nil {
		return fmt.Errorf("make request %s %s: %w", method, path, err)
	}
	if reader != nil {
		req.Header.Set("Content-Type", contentType)
	}
	res, err := c.es.Perform(req)
	if err != nil {
		return unavailable(err)
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode >= 300 {
		err := statusError(res)
		if res.StatusCode >= 500 || res.StatusCode == http.StatusTooManyRequests || refusesUs(err) {
			return unavailable(err)
		}
		return err
	}
	if out == nil {
		_, err = io.Copy(io.Discard, res.Body)
	} else {
		err = json.NewDecoder(res.Body).Decode(out)
	}
	if err != nil {
		return catalog.Unavailable("Elasticsearch", fmt.Errorf("read answer to %s %s: %w", method, path, err))
	}
	return nil
}

// unavailable is the error of a request that somebody else may answer or repeat.
func unavailable(err error) error {
	e := catalog.Unavailable("Elasticsearch", err)
	e.Hint = Hint(err)
	return e
}

// refusesUs says whether an error is about who asks, and not about what was asked.
func refusesUs(err error) bool {
	refused, ok := errors.AsType[*StatusError](err)
	return ok && (refused.Status == http.StatusUnauthorized || refused.Status == http.StatusForbidden && refused.Type == "security_exception")
}

func statusError(res *http.Response) error {
	raw, _ := io.ReadAll(io.LimitReader(res.Body, 64<<10))
	e := &StatusError{Status: res.StatusCode, Reason: string(raw)}
	var body struct {
		Error json.RawMessage `json:"error"`
	}
	var cause struct {
		Type      string `json:"type"`
		Reason    string `json:"reason"`
		RootCause []struct {
			Reason string `json:"reason"`
		} `json:"root_cause"`
	}
	if json.Unmarshal(raw, &body) == nil && json.Unmarshal(body.Error, &cause) == nil && cause.Type != "" {
		e.Type, e.Reason = cause.Type, cause.Reason
		for _, r := range cause.RootCause {
			if r.Reason != cause.Reason {
				e.Reason += ": " + r.Reason
			}
		}
	}
	return e
}
