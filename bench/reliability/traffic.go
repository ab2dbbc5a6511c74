package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// patience is how long a visitor waits for an answer.
const patience = 20 * time.Second

var errNoItems = errors.New("there is none")

// findRoutes are the paths that are asked in turn, of all sorts that visitors ask.
func findRoutes(ctx context.Context, base string) ([]string, error) {
	routes := []string{
		"/", "/?q=Python", "/healthz", "/api/v1/search?q=Python", "/api/v1/search?q=shuju&type=course", "/api/v1/suggest?q=py",
		"/api/v1/rankings/courses", "/api/v1/rankings/orgs?window=month", "/widgets/ranking?kind=courses",
	}
	for _, kind := range []string{"courses", "orgs", "teachers"} {
		list := "/api/v1/" + kind
		status, body, err := get(ctx, base+list)
		var found struct {
			Hits []struct {
				ID int64 `json:"id"`
			} `json:"hits"`
		}
		if err == nil && status == http.StatusOK {
			err = json.Unmarshal(body, &found)
		}
		if err == nil && len(found.Hits) == 0 {
			err = errNoItems
		}
		if err != nil {
			return nil, fmt.Errorf("%s lists nothing (status %d): start the site with make up: %w", list, status, err)
		}
		id := found.Hits[0].ID
		routes = append(routes, list, fmt.Sprintf("%s/%d", list, id), fmt.Sprintf("/%s/%d", kind, id))
	}
	return routes, nil
}

func get(ctx context.Context, url string) (status int, body []byte, err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, nil, err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = res.Body.Close() }()
	body, err = io.ReadAll(res.Body)
	return res.StatusCode, body, err
}

// answer is what one request came to.
type answer struct {
	route    string
	began    time.Time
	took     time.Duration
	failure  string // empty: 200
	degraded bool   // it says that a substitute answers
}

func (a answer) whole() bool { return a.failure == "" && !a.degraded }

// traffic asks all routes in turn until it is stopped.
type traffic struct {
	routes  int
	end     context.CancelFunc
	running sync.WaitGroup

	mu      sync.Mutex
	answers []answer
}

func startTraffic(ctx context.Context, o options, routes []string) *traffic {
	t := &traffic{routes: len(routes)}
	ctx, t.end = context.WithCancel(ctx)
	t.running.Go(func() {
		tick := time.NewTicker(time.Second / time.Duration(o.rate))
		defer tick.Stop()
		for i := 0; ; i++ {
			select {
			case <-tick.C:
			case <-ctx.Done():
				return
			}
			route := routes[i%len(routes)]
			t.running.Go(func() { t.ask(context.WithoutCancel(ctx), o.url, route) })
		}
	})
	return t
}

func (t *traffic) ask(ctx context.Context, base, route string) {
	a := answer{route: route, began: time.Now()}
	status, body, err := get(ctx, base+route)
	a.took = time.Since(a.began)
	switch {
	case err != nil:
		a.failure = "no answer"
		if strings.Contains(err.Error(), "refused") {
			a.failure = "refused"
		}
	case status != http.StatusOK:
		a.failure = fmt.Sprint(status)
	}
	a.degraded = bytes.Contains(body, []byte(`"degraded":true`))
	t.mu.Lock()
	defer t.mu.Unlock()
	t.answers = append(t.answers, a)
}

// untilWhole waits until the latest answers, twice as many as there are routes, are whole
// and were asked for after the fault.
func (t *traffic) untilWhole(ctx context.Context, ended time.Time, within time.Duration) error {
	for time.Since(ended) < within {
		if err := pause(ctx, 200*time.Millisecond); err != nil {
			return err
		}
		t.mu.Lock()
		latest := slices.Clone(t.answers[max(0, len(t.answers)-2*t.routes):])
		t.mu.Unlock()
		if !slices.ContainsFunc(latest, func(a answer) bool { return a.began.Before(ended) || !a.whole() }) {
			return nil
		}
	}
	return fmt.Errorf("not whole again within %v", within)
}

func (t *traffic) stop() {
	t.end()
	t.running.Wait()
	http.DefaultClient.CloseIdleConnections()
}

// settleWithin is after how long a server that does not answer has to be found out, by every
// route that asks it.
const settleWithin = 8 * time.Second

// isSearch says whether a route looks for a text.
func isSearch(route string) bool { return strings.Contains(route, "?q=") }

var item = regexp.MustCompile(`/(courses|orgs|teachers)/[0-9]+$`)

// isDetails says whether a route shows one item.
func isDetails(route string) bool { return item.MatchString(route) }

func isAny(string) bool { return true }

// onceFoundOut is the 95th percentile of the answers of some routes, whatever they say, to requests
// of the time in which a server was away and that was known: from settleWithin after the beginning
// of a fault to its end. It is a dash where there was no such request.
func (t *traffic) onceFoundOut(began, ended time.Time, of func(route string) bool) string {
	var took []time.Duration
	for _, a := range t.answers {
		if of(a.route) && a.began.After(began.Add(settleWithin)) && a.began.Before(ended) {
			took = append(took, a.took)
		}
	}
	if len(took) == 0 {
		return "-"
	}
	return fmt.Sprint(milliseconds(took, .95))
}

// figures are what all answers came to.
type figures struct {
	took             []time.Duration
	failed, degraded int
	failures         string // by what it was and route
}

func (t *traffic) figures() figures {
	var f figures
	failures := map[string]int{}
	for _, a := range t.answers {
		f.took = append(f.took, a.took)
		if a.failure != "" {
			f.failed++
			failures[a.failure+" "+a.route]++
		}
		if a.degraded {
			f.degraded++
		}
	}
	var list []string
	for what, n := range failures {
		list = append(list, fmt.Sprintf("%d × %s", n, what))
	}
	slices.Sort(list)
	f.failures = strings.Join(list, ", ")
	return f
}

// summary is the line of the table. Recovery is when, after the end of the fault, the last
// request was made whose answer was not whole.
func (t *traffic) summary(began, ended time.Time) string {
	var recovery time.Duration
	for _, a := range t.answers {
		if since := a.began.Sub(ended); !a.whole() && since > recovery {
			recovery = since
		}
	}
	once := func(of func(string) bool) string { return t.onceFoundOut(began, ended, of) }
	f := t.figures()
	return fmt.Sprintf("%9d %8d %9d %9d %9s %9s %9s %9d %8.1fs  %s", len(f.took), f.failed, f.degraded, milliseconds(f.took, .95),
		once(isAny), once(isSearch), once(isDetails), milliseconds(f.took, 1), recovery.Seconds(), f.failures)
}
