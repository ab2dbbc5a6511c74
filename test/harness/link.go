package harness

import (
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"path"
	"strings"
	"sync"
	"testing"
	"time"
)

// Link is one process's way to Elasticsearch. It hands everything through and lets a
// test act at an exact request: before Elasticsearch has got it, or after it was carried
// out and before the process hears of it.
type Link struct {
	URL string

	mu     sync.Mutex
	before []*tap
	after  []*tap
	faults []*Fault
}

// tap is one thing to do at the nth request that matches.
type tap struct {
	match func(*http.Request) bool
	nth   int
	do    func()
	drop  bool // the request, or the answer, is lost
	done  chan struct{}
}

var errCut = errors.New("the link was cut by the test")

// NewLink opens a link to the Elasticsearch of a world.
func (w *World) NewLink() *Link {
	w.T.Helper()
	target, err := url.Parse(w.Config.Elasticsearch.Addresses[0])
	if err != nil {
		w.T.Fatal(err)
	}
	transport := &http.Transport{MaxIdleConnsPerHost: 16}
	l := &Link{}
	server := httptest.NewServer(&httputil.ReverseProxy{
		Rewrite:   func(r *httputil.ProxyRequest) { r.SetURL(target) },
		Transport: tapped{link: l, next: transport},
		ErrorLog:  slog.NewLogLogger(slog.DiscardHandler, slog.LevelError),
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) {
			if errors.Is(err, errHungUp) {
				panic(http.ErrAbortHandler) // closes the connection without an answer
			}
			w.WriteHeader(http.StatusBadGateway)
		},
	})
	l.URL = server.URL
	w.T.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
		transport.CloseIdleConnections()
	})
	return l
}

// tapped calls the taps of a link around a round trip.
type tapped struct {
	link *Link
	next http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (r tapped) RoundTrip(req *http.Request) (*http.Response, error) {
	if r.link.tap(&r.link.before, req) {
		return nil, errCut
	}
	res, err := r.link.meet(req, r.next)
	if err == nil && r.link.tap(&r.link.after, req) {
		_ = res.Body.Close()
		return nil, errCut
	}
	return res, err
}

// tap runs the taps that this request is the one for and says whether it is lost.
func (l *Link) tap(taps *[]*tap, req *http.Request) (drop bool) {
	l.mu.Lock()
	var due []*tap
	for _, t := range *taps {
		if t.nth > 0 && t.match(req) {
			if t.nth--; t.nth == 0 {
				due = append(due, t)
			}
		}
	}
	l.mu.Unlock()
	for _, t := range due {
		t.do()
		close(t.done)
		drop = drop || t.drop
	}
	return drop
}

// Moment is a request of an indexer, and whether it is meant before or after
// Elasticsearch has carried it out.
type Moment struct {
	Name  string
	match func(*http.Request) bool
	after bool
}

// KillAt kills a process at the nth request of a kind. The channel closes when it is dead.
func (l *Link) KillAt(m Moment, nth int, p *Process) <-chan struct{} {
	return l.At(m, nth, true, p.Kill)
}

// KillStalled holds the nth request of a kind back for a while, as a slow server does, and
// then kills the process. What it does beside meanwhile it does without knowing how the
// request ends.
func (l *Link) KillStalled(m Moment, nth int, p *Process, stall time.Duration) <-chan struct{} {
	return l.At(m, nth, true, func() {
		timer := time.NewTimer(stall)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-p.Ended:
		}
		p.Kill()
	})
}

// At does something at the nth request of a kind, and loses the request if drop is set.
// The channel closes when it is done.
func (l *Link) At(m Moment, nth int, drop bool, do func()) <-chan struct{} {
	t := &tap{match: m.match, nth: nth, do: do, drop: drop, done: make(chan struct{})}
	l.mu.Lock()
	defer l.mu.Unlock()
	if m.after {
		l.after = append(l.after, t)
	} else {
		l.before = append(l.before, t)
	}
	return t.done
}

// Request matches a method and a pattern of path.Match; the last element of a path has
// no slash.
func Request(method, pattern string) func(*http.Request) bool {
	return func(r *http.Request) bool {
		ok, err := path.Match(pattern, r.URL.Path)
		return err == nil && ok && r.Method == method
	}
}

// Bulk matches writes of documents; a tap on the dead letters or on the state would be
// something else.
func Bulk(r *http.Request) bool {
	return r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "-write/_bulk")
}

// Before is the moment before Elasticsearch gets a request.
func Before(name string, match func(*http.Request) bool) Moment {
	return Moment{Name: "before " + name, match: match}
}

// After is the moment after a request was carried out and before the answer.
func After(name string, match func(*http.Request) bool) Moment {
	return Moment{Name: "after " + name, match: match, after: true}
}

// WaitFor fails the test if a tap's channel does not close in time.
func WaitFor(t *testing.T, done <-chan struct{}, what string) {
	t.Helper()
	select {
	case <-done:
	case <-deadline(t):
		t.Fatalf("%s: not within %s", what, Patience)
	}
}
