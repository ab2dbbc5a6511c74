package e2e

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"testing"
	"time"
)

// api is a running API as its users see it.
type api struct {
	t      *testing.T
	base   string
	client *http.Client
}

// startAPI starts an API on a free port and waits until it listens. Settings are those of
// harness.World.Environment.
func (w *world) startAPI(settings ...string) *api {
	w.T.Helper()
	p := w.Start("the API", settings, "serve")
	address := p.Address()
	transport := &http.Transport{MaxIdleConnsPerHost: 8}
	w.T.Cleanup(transport.CloseIdleConnections)
	return &api{t: w.T, base: "http://" + address, client: &http.Client{Transport: transport, Timeout: 30 * time.Second}}
}

// on is the same API for a subtest.
func (a *api) on(t *testing.T) *api { return &api{t: t, base: a.base, client: a.client} }

// hit is what the tests look at of a hit. They have a type of their own, so that a field
// that is renamed by mistake shows.
type hit struct {
	ID       int64   `json:"id"`
	Key      *string `json:"key"`
	Type     string  `json:"type"`
	Name     string  `json:"name"`
	Org      *named  `json:"org"`
	Teachers []named `json:"teachers"`
	Courses  int64   `json:"courses"`
	Students int64   `json:"students"`
}

type named struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

// section is the part of an answer that one kind has.
type section struct {
	Total  int64 `json:"total"`
	Hits   []hit `json:"hits"`
	Near   []hit `json:"near"`
	Facets map[string][]struct {
		Value string `json:"value"`
		Count int64  `json:"count"`
	} `json:"facets"`
	NextCursor *string `json:"next_cursor"`
}

func (s *section) names() []string {
	names := []string{}
	for _, h := range s.Hits {
		names = append(names, h.Name)
	}
	return names
}

// ids are sorted, since equal scores may come in any order.
func (s *section) ids() []int64 {
	ids := []int64{}
	for _, h := range s.Hits {
		ids = append(ids, h.ID)
	}
	slices.Sort(ids)
	return ids
}

type answer struct {
	Degraded bool     `json:"degraded"`
	Courses  *section `json:"courses"`
	Orgs     *section `json:"orgs"`
	Teachers *section `json:"teachers"`
}

// of is the section of a kind: course, org or teacher.
func (a answer) of(kind string) *section {
	s := map[string]*section{"course": a.Courses, "org": a.Orgs, "teacher": a.Teachers}[kind]
	if s == nil {
		return &section{}
	}
	return s
}

// query makes parameters of pairs; a name may be repeated.
func query(pairs ...string) url.Values {
	values := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		values.Add(pairs[i], pairs[i+1])
	}
	return values
}

// get asks for a path and decodes the answer. It may be called from any goroutine.
func (a *api) get(path string, parameters url.Values, into any) (status int, err error) {
	target := a.base + path
	if len(parameters) > 0 {
		target += "?" + parameters.Encode()
	}
	res, err := a.client.Get(target)
	if err != nil {
		return 0, err
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return 0, err
	}
	if res.StatusCode != http.StatusOK {
		return res.StatusCode, fmt.Errorf("GET %s?%s answered %d: %s", path, parameters.Encode(), res.StatusCode, body)
	}
	if err := json.Unmarshal(body, into); err != nil {
		return res.StatusCode, fmt.Errorf("GET %s: %w", path, err)
	}
	return res.StatusCode, nil
}

// trySearch searches. It may be called from any goroutine.
func (a *api) trySearch(pairs ...string) (answer, error) {
	var out answer
	_, err := a.get("/api/v1/search", query(pairs...), &out)
	if err == nil && out.Degraded {
		err = fmt.Errorf("the answer to %v is degraded", pairs)
	}
	return out, err
}

func (a *api) search(pairs ...string) answer {
	a.t.Helper()
	out, err := a.trySearch(pairs...)
	if err != nil {
		a.t.Fatal(err)
	}
	return out
}

// list asks for a list without a query: courses, orgs or teachers.
func (a *api) list(plural string, pairs ...string) section {
	a.t.Helper()
	var out section
	if _, err := a.get("/api/v1/"+plural, query(pairs...), &out); err != nil {
		a.t.Fatal(err)
	}
	return out
}

// ready waits until the API says that everything it needs is there.
func (a *api) ready(w *world) {
	w.T.Helper()
	w.Eventually("the API is ready", func() (bool, string) {
		var out struct{ Ready, Degraded bool }
		_, err := a.get("/readyz", nil, &out)
		return err == nil && out.Ready && !out.Degraded, fmt.Sprint(out, err)
	})
}
