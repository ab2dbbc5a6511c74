package searchapi

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/events"
	"github.com/xunke/xunke/searchapi/fake"
	"github.com/xunke/xunke/searchlog"
)

const phone = "Mozilla/5.0 (Linux; Android 14; CUBOT P80) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36"

// notingServer is a server that answers every search and notes those that it reports.
func notingServer(t *testing.T) (*Service, *[]searchlog.Search, *fixture) {
	var list []searchlog.Search
	f := &fixture{
		searcher: fake.Searcher{OnSearch: func(_ context.Context, q catalog.Query) (catalog.Answer, error) {
			if q.Text == "down" {
				return catalog.Answer{}, catalog.Unavailable("the search index", context.DeadlineExceeded)
			}
			a := catalog.Answer{Query: q.Text, SearchID: "s1", Courses: &catalog.Section[catalog.CourseHit]{Total: 40}}
			a.Courses.Hits = make([]catalog.CourseHit, min(q.PerPage, 40))
			return a, nil
		}},
		events: fakeEvents{
			record: func(context.Context, events.Event) error { t.Error("an event was recorded"); return nil },
			recordSearch: func(visitor, _ string, s searchlog.Search, at time.Time) {
				if len(visitor) != 32 || at.IsZero() {
					t.Errorf("visitor %q at %s", visitor, at)
				}
				list = append(list, s)
			},
		},
	}
	return f.server(t), &list, f
}

func TestSearchesAreReported(t *testing.T) {
	s, list, f := notingServer(t)
	for target, want := range map[string]searchlog.Page{
		"/api/v1/search?q=secret&per_page=7":              {From: 1, Total: 40},
		"/api/v1/search?q=secret&page=3&per_page=10":      {From: 21, Total: 40},
		"/api/v1/search?q=secret&type=course&tag=a&tag=b": {From: 1, Total: 40, Narrowed: true},
		"/api/v1/search?q=secret&type=course&sort=newest": {From: 1, Total: 40},
	} {
		*list = nil
		if a := get(t, s, target); a.status != http.StatusOK {
			t.Fatalf("%s: %d %s", target, a.status, a.body)
		}
		if len(*list) != 1 {
			t.Errorf("%s: reported %+v", target, *list)
			continue
		}
		got := (*list)[0]
		if got.ID != "s1" || got.Text != "secret" || got.From != want.From || got.Total != want.Total || got.Narrowed != want.Narrowed || got.Shown[catalog.KindCourse] == 0 {
			t.Errorf("%s: reported %+v, want %+v", target, got, want)
		}
	}
	if log := f.log.String(); strings.Contains(log, "secret") {
		t.Errorf("the log says what was searched for: %s", log)
	}
}

func TestWhatIsNotReported(t *testing.T) {
	s, list, _ := notingServer(t)
	for _, target := range []string{"/api/v1/search?q=down", "/api/v1/search?q=", "/api/v1/search?q=x&page=0", "/api/v1/courses?sort=newest", "/api/v1/suggest?q="} {
		get(t, s, target)
	}
	for header, value := range map[string]string{
		"User-Agent":  "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
		"Sec-Purpose": "prefetch;prerender",
	} {
		r := httptest.NewRequest(http.MethodGet, "/api/v1/search?q=x", nil)
		r.Header.Set(header, value)
		if a := do(t, s, r); a.status != http.StatusOK {
			t.Errorf("%s: %d", header, a.status)
		}
		r = httptest.NewRequest(http.MethodPost, "/api/v1/events", strings.NewReader(`{"type":"view","kind":"course","id":7}`))
		r.Header.Set("Content-Type", jsonType)
		r.Header.Set("User-Agent", "Baiduspider")
		if a := do(t, s, r); a.status != http.StatusAccepted {
			t.Errorf("an event of a bot: %d", a.status)
		}
	}
	do(t, s, httptest.NewRequest(http.MethodHead, "/api/v1/search?q=x", nil))
	if len(*list) != 0 {
		t.Errorf("reported %+v", *list)
	}
	r := httptest.NewRequest(http.MethodGet, "/api/v1/search?q=x", nil)
	r.Header.Set("User-Agent", phone)
	if do(t, s, r); len(*list) != 1 {
		t.Error("a person's telephone is taken for a bot")
	}
	// A search is nothing that clients may report.
	post(t, s, "/api/v1/events", jsonType, `{"type":"search","kind":"course","id":7}`).problem(t, http.StatusBadRequest)
}
