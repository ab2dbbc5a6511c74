package searchapi

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/events"
)

const jsonType = "application/json"

func TestEventsAreRecorded(t *testing.T) {
	var got []events.Event
	f := &fixture{events: fakeEvents{record: func(_ context.Context, e events.Event) error {
		got = append(got, e)
		return nil
	}}}
	s := f.server(t)
	now := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	s.now = func() time.Time { return now }
	for _, c := range []struct {
		contentType, body string
		want              events.Event // but for the visitor
	}{
		{
			jsonType, `{"type":"view","kind":"course","id":7}`,
			events.Event{Type: "view", Item: catalog.Key{Kind: catalog.KindCourse, ID: 7}, At: now},
		},
		{
			jsonType + "; charset=utf-8", ` {"position":3,"search_id":"0b9f-1","id":8,"kind":"org","type":"click"} `,
			events.Event{Type: "click", Item: catalog.Key{Kind: catalog.KindOrg, ID: 8}, SearchID: "0b9f-1", Position: 3, At: now},
		},
	} {
		got = nil
		a := post(t, s, "/api/v1/events", c.contentType, c.body)
		if a.status != http.StatusAccepted || len(got) != 1 {
			t.Fatalf("%s: %d %s, and %d events", c.body, a.status, a.body, len(got))
		}
		visitor := got[0].Visitor
		got[0].Visitor, got[0].Network = "", ""
		if !reflect.DeepEqual(got[0], c.want) || len(visitor) != 32 {
			t.Errorf("recorded %+v of %q", got[0], visitor)
		}
	}
}

func TestBadEvents(t *testing.T) {
	s := new(fixture).server(t)
	for body, field := range map[string]string{
		``:                    "body",
		`null`:                "type kind id",
		`[]`:                  "body",
		`"view"`:              "body",
		`{`:                   "body",
		`{}`:                  "type kind id",
		"{\"type\":\"\xff\"}": "body",
		`{"type":"view","kind":"course","id":7}{}`:                                   "body",
		`{"type":"view","kind":"course","id":7,"user":"me"}`:                         "user",
		`{"type":"view","kind":"course","id":"7"}`:                                   "id",
		`{"type":"view","kind":"course","id":1.5}`:                                   "id",
		`{"type":"view","kind":"course","id":99999999999999999999}`:                  "id",
		`{"type":"view","kind":"course","id":0}`:                                     "id",
		`{"type":"view","kind":"courses","id":7}`:                                    "kind",
		`{"type":"buy","kind":"course","id":7}`:                                      "type",
		`{"type":"view","kind":"course","id":7,"position":1}`:                        "type",
		`{"type":"click","kind":"course","id":7}`:                                    "search_id position",
		`{"type":"click","kind":"course","id":7,"search_id":"a b","position":1}`:     "search_id",
		`{"type":"click","kind":"course","id":7,"search_id":"a","position":0}`:       "position",
		`{"type":"click","kind":"course","id":7,"search_id":"a","position":2000000}`: "position",
	} {
		p := post(t, s, "/api/v1/events", jsonType, body).problem(t, http.StatusBadRequest)
		if fields(p) != field {
			t.Errorf("%s: %+v, want %s", body, p.Errors, field)
		}
	}
	post(t, s, "/api/v1/events?x=1", jsonType, `{"type":"view","kind":"course","id":7}`).problem(t, http.StatusBadRequest)
	for _, contentType := range []string{"", "text/plain", "application/x-www-form-urlencoded", "application/"} {
		post(t, s, "/api/v1/events", contentType, `{"type":"view","kind":"course","id":7}`).problem(t, http.StatusUnsupportedMediaType)
	}
}

func TestEventsThatCannotBeTaken(t *testing.T) {
	f := &fixture{events: fakeEvents{record: func(context.Context, events.Event) error {
		return catalog.Unavailable("Redis", errors.New("refused"))
	}}}
	a := post(t, f.server(t), "/api/v1/events", jsonType, `{"type":"view","kind":"course","id":7}`)
	a.problem(t, http.StatusServiceUnavailable)
}

// TestFieldsOfAnotherType: the answer names the field, what it holds and what was sent.
func TestFieldsOfAnotherType(t *testing.T) {
	s := (&fixture{}).server(t)
	for body, want := range map[string]catalog.FieldError{
		`{"type":7,"kind":"course","id":7}`:        {Field: "type", Message: "has to be a string and is a JSON number"},
		`{"type":"view","kind":"course","id":"7"}`: {Field: "id", Message: "has to be a whole number and is a JSON string"},
		`{"type":"view","kind":"course","id":7}{}`: {Field: "body", Message: "has more than one JSON object"},
	} {
		p := post(t, s, "/api/v1/events", jsonType, body).problem(t, http.StatusBadRequest)
		if len(p.Errors) != 1 || p.Errors[0] != want {
			t.Errorf("%s: %+v, want %+v", body, p.Errors, want)
		}
	}
}

// TestVisitors: one visitor is one all day, nobody can be followed to the next day, and
// nobody can pass for somebody else by a header.
func TestVisitors(t *testing.T) {
	var visitor string
	f := &fixture{
		events:  fakeEvents{record: func(_ context.Context, e events.Event) error { visitor = e.Visitor; return nil }},
		proxies: []string{"0.0.0.0", "10.0.0.0/8"},
	}
	s := f.server(t)
	now := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	s.now = func() time.Time { return now }
	id := func(forwarded, agent string) string {
		t.Helper()
		r := httptest.NewRequest(http.MethodPost, "/api/v1/events", strings.NewReader(`{"type":"view","kind":"course","id":7}`))
		r.Header.Set("Content-Type", jsonType)
		r.Header.Set("User-Agent", agent)
		if forwarded != "" {
			r.Header.Set("X-Forwarded-For", forwarded)
		}
		if a := do(t, s, r); a.status != http.StatusAccepted {
			t.Fatalf("%d %s", a.status, a.body)
		}
		return visitor
	}
	me := id("203.0.113.7", "Firefox")
	for name, other := range map[string]string{
		"again":                        id("203.0.113.7", "Firefox"),
		"behind another proxy of ours": id("203.0.113.7, 10.1.2.3", "Firefox"),
		"with an invented address":     id("198.51.100.1, 203.0.113.7", "Firefox"),
		"with nonsense in front":       id("nonsense, 203.0.113.7", "Firefox"),
	} {
		if other != me {
			t.Errorf("%s: another visitor", name)
		}
	}
	for name, other := range map[string]string{
		"another address": id("203.0.113.8", "Firefox"),
		"another agent":   id("203.0.113.7", "Safari"),
		"no header":       id("", "Firefox"),
	} {
		if other == me {
			t.Errorf("%s: the same visitor", name)
		}
	}
	now = now.Add(16 * time.Hour)
	if id("203.0.113.7", "Firefox") == me {
		t.Error("the same visitor on the next day")
	}
	// From an address that is not trusted the header means nothing.
	f.proxies = []string{"192.0.2.1"}
	s = f.server(t)
	if id("203.0.113.7", "Firefox") != id("203.0.113.8", "Firefox") {
		t.Error("X-Forwarded-For from a stranger counts")
	}
}

// TestNetworksOfVisitors: neighbours are of one network all day, and nobody can tell which.
func TestNetworksOfVisitors(t *testing.T) {
	var network string
	f := &fixture{
		events:  fakeEvents{record: func(_ context.Context, e events.Event) error { network = e.Network; return nil }},
		proxies: []string{"0.0.0.0"},
	}
	s := f.server(t)
	now := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	s.now = func() time.Time { return now }
	of := func(address, agent string) string {
		t.Helper()
		r := httptest.NewRequest(http.MethodPost, "/api/v1/events", strings.NewReader(`{"type":"view","kind":"course","id":7}`))
		r.Header.Set("Content-Type", jsonType)
		r.Header.Set("User-Agent", agent)
		r.Header.Set("X-Forwarded-For", address)
		if a := do(t, s, r); a.status != http.StatusAccepted {
			t.Fatalf("%d %s", a.status, a.body)
		}
		return network
	}
	for _, one := range [][2]string{{"203.0.113.7", "203.0.113.250"}, {"2001:db8:1:2:3::4", "2001:db8:1:ffff::9"}} {
		if of(one[0], "Firefox") != of(one[1], "Safari") {
			t.Errorf("%s and %s are two networks", one[0], one[1])
		}
	}
	for _, two := range [][2]string{{"203.0.113.7", "203.0.112.7"}, {"2001:db8:1:2:3::4", "2001:db8:2:2:3::4"}} {
		if of(two[0], "Firefox") == of(two[1], "Firefox") {
			t.Errorf("%s and %s are one network", two[0], two[1])
		}
	}
	today := of("203.0.113.7", "Firefox")
	now = now.Add(16 * time.Hour)
	if today == of("203.0.113.7", "Firefox") || strings.Contains(today, "203") || len(today) != 32 {
		t.Errorf("the network is %q, and the same on the next day", today)
	}
}

// TestEventsAreLimited: by the address alone, which a caller cannot choose.
func TestEventsAreLimited(t *testing.T) {
	recorded := 0
	var asked []string
	f := &fixture{
		events: fakeEvents{record: func(context.Context, events.Event) error { recorded++; return nil }},
		eventLimit: fakeLimit(func(who string) time.Duration {
			asked = append(asked, who)
			if who == "203.0.113.7" {
				return 1500 * time.Millisecond
			}
			return 0
		}),
		proxies: []string{"0.0.0.0"},
	}
	s := f.server(t)
	send := func(from, agent, body string) answer {
		t.Helper()
		r := httptest.NewRequest(http.MethodPost, "/api/v1/events", strings.NewReader(body))
		r.Header.Set("Content-Type", jsonType)
		r.Header.Set("User-Agent", agent)
		r.Header.Set("X-Forwarded-For", from)
		return do(t, s, r)
	}
	const view = `{"type":"view","kind":"course","id":7}`
	a := send("203.0.113.7", "Firefox", view)
	a.problem(t, http.StatusTooManyRequests)
	if a.header.Get("Retry-After") != "2" || a.header.Get("Access-Control-Allow-Origin") != "*" {
		t.Errorf("headers %v", a.header)
	}
	send("203.0.113.7", "Safari", view).problem(t, http.StatusTooManyRequests)
	for _, from := range []string{"2001:db8:1:2:3::4", "2001:db8:1:2:ffff::1", "203.0.113.8"} {
		if a := send(from, "Firefox", view); a.status != http.StatusAccepted {
			t.Errorf("%s: %d", from, a.status)
		}
	}
	send("203.0.113.9", "Firefox", `{"type":"view"}`).problem(t, http.StatusBadRequest)
	send("203.0.113.7", "Googlebot", view)
	want := []string{"203.0.113.7", "203.0.113.7", "2001:db8:1:2::/64", "2001:db8:1:2::/64", "203.0.113.8"}
	if recorded != 3 || !reflect.DeepEqual(asked, want) {
		t.Errorf("%d recorded, limits asked for %q", recorded, asked)
	}
}

// TestPagesOfOtherSitesMaySend: a browser asks first, because the body is JSON.
func TestPagesOfOtherSitesMaySend(t *testing.T) {
	s := fullFixture().server(t)
	for _, path := range []string{"/api/v1/events", "/api/v1/consultations"} {
		r := httptest.NewRequest(http.MethodOptions, path, nil)
		r.Header.Set("Origin", "https://other.example")
		r.Header.Set("Access-Control-Request-Method", http.MethodPost)
		r.Header.Set("Access-Control-Request-Headers", "content-type")
		a := do(t, s, r)
		for name, want := range map[string]string{
			"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Methods": "POST", "Access-Control-Allow-Headers": "Content-Type",
			"Access-Control-Allow-Credentials": "",
		} {
			if got := a.header.Get(name); a.status != http.StatusNoContent || got != want {
				t.Errorf("%s: %d, %s is %q, want %q", path, a.status, name, got, want)
			}
		}
	}
	r := httptest.NewRequest(http.MethodOptions, "/api/v1/search", nil)
	do(t, s, r).problem(t, http.StatusMethodNotAllowed)
}
