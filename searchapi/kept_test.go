package searchapi

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
	brotli "github.com/molecule-man/go-brrr"

	"github.com/xunke/xunke/answers"
	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/httpserver"
	"github.com/xunke/xunke/searchapi/fake"
	"github.com/xunke/xunke/searchlog"
)

// still is an index that never changes.
type still struct{}

func (still) Versions(context.Context) (map[catalog.Kind]string, error) {
	return map[catalog.Kind]string{catalog.KindCourse: "1", catalog.KindOrg: "1", catalog.KindTeacher: "1"}, nil
}

// fakeBudget notes what is spent of it.
type fakeBudget struct{ spent []int }

func (b *fakeBudget) TakeMany(_ context.Context, _ string, count int) time.Duration {
	b.spent = append(b.spent, count)
	return 0
}

// keepingServer is a server that keeps answers, and how often what it stands on was asked.
func keepingServer(t *testing.T, f *fixture) (s *Service, asked *int) {
	asked = new(int)
	description := strings.Repeat("数据结构 data ", 60)
	f.searcher = fake.Searcher{
		OnSearch: func(_ context.Context, q catalog.Query) (catalog.Answer, error) {
			*asked++
			next := &catalog.Cursor{Kind: catalog.KindCourse, After: []string{"1"}}
			a := catalog.Answer{Query: q.Text, TookMS: 12, Courses: &catalog.Section[catalog.CourseHit]{Total: 40, Next: next}}
			a.Courses.Hits = []catalog.CourseHit{{Hit: catalog.Hit{ID: 7, Name: "数据结构", URL: "/courses/7"}, Summary: description}}
			return a, nil
		},
		OnSuggest: func(_ context.Context, text string, _ int) ([]catalog.Suggestion, error) {
			*asked++
			return []catalog.Suggestion{{Text: text, Type: "course", ID: 7, URL: "/courses/7"}}, nil
		},
	}
	log := slog.New(slog.DiscardHandler)
	f.kept = answers.New(f.searcher, answers.Options{
		Bytes: 1 << 20, Watch: answers.NewWatch(still{}, time.Hour, log, nil), Log: log,
		Price: func(q catalog.Query) int { return len(q.Text) * 10 },
	})
	return f.server(t), asked
}

// ask gets an answer in a coding, unpacked.
func ask(t *testing.T, s *Service, target, coding, tag string) answer {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, target, nil)
	r.Header.Set("Accept-Encoding", coding)
	if tag != "" {
		r.Header.Set("If-None-Match", tag)
	}
	a := do(t, s, r)
	var body io.Reader = strings.NewReader(a.body)
	switch a.header.Get("Content-Encoding") {
	case "gzip":
		z, err := gzip.NewReader(body)
		if err != nil {
			t.Fatal(err)
		}
		body = z
	case "br":
		body = brotli.NewReader(body)
	default:
		return a
	}
	plain, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	a.body = string(plain)
	return a
}

// TestAKeptSearchIsLikeAnother: whoever gets a kept answer gets the same bytes but for the id
// and the time that it took, in every coding, and is counted under an id of their own.
func TestAKeptSearchIsLikeAnother(t *testing.T) {
	var reported []string
	f := &fixture{options: Options{PublicURL: "https://xunke.example"}, events: fakeEvents{
		recordSearch: func(_, _ string, s searchlog.Search, _ time.Time) {
			reported = append(reported, fmt.Sprint(s.ID, s.Text, s.Total, s.Shown[catalog.KindCourse]))
		},
	}}
	s, asked := keepingServer(t, f)
	const target = "/api/v1/search?q=go&type=course"
	var first catalog.Answer
	whole := ask(t, s, target, "", "")
	whole.decode(t, &first)
	if first.TookMS != 12 || first.Courses.Hits[0].URL != "https://xunke.example/courses/7" {
		t.Fatalf("the first answer is %s", whole.body)
	}
	ids := map[string]bool{first.SearchID: true}
	for coding, want := range map[string]string{"": "", "identity": "", "gzip": "gzip", "br, gzip": "gzip", "br": "br", "gzip;q=0": "", "*": "gzip"} {
		for range 2 {
			var again catalog.Answer
			a := ask(t, s, target, coding, "")
			a.decode(t, &again)
			if got := a.header.Get("Content-Encoding"); got != want || a.header.Get("Vary") != "Accept-Encoding" || a.header.Get("Cache-Control") != "no-cache" {
				t.Errorf("%q: answered in %q, %v", coding, got, a.header)
			}
			if ids[again.SearchID] || len(again.SearchID) != 32 || again.TookMS != 0 {
				t.Errorf("%q: id %q, took %d", coding, again.SearchID, again.TookMS)
			}
			ids[again.SearchID] = true
			same := strings.NewReplacer(first.SearchID, again.SearchID, `"took_ms":12`, `"took_ms":0`).Replace(whole.body)
			if cutCursor(t, a.body) != cutCursor(t, same) {
				t.Errorf("%q:\ngot  %s\nwant %s", coding, a.body, same)
			}
		}
	}
	if *asked != 1 {
		t.Errorf("asked %d times", *asked)
	}
	if len(reported) != len(ids) {
		t.Errorf("%d searches were reported of %d", len(reported), len(ids))
	}
	for _, r := range reported {
		if !strings.HasSuffix(r, "go40 1") || !ids[r[:32]] {
			t.Errorf("reported %q", r)
		}
	}
}

// cutCursor is a body without its cursor, which is another one each time that it is sealed.
func cutCursor(t *testing.T, body string) string {
	before, after, ok := strings.Cut(body, `"next_cursor":"`)
	if !ok {
		t.Fatalf("no cursor in %s", body)
	}
	_, after, _ = strings.Cut(after, `"`)
	return before + after
}

func TestListsAndSuggestionsAreRevalidated(t *testing.T) {
	f := &fixture{}
	s, asked := keepingServer(t, f)
	for _, target := range []string{"/api/v1/courses?sort=newest", "/api/v1/suggest?q=go"} {
		*asked = 0
		first := ask(t, s, target, "br", "")
		tag := first.header.Get("ETag")
		if first.status != http.StatusOK || !strings.HasPrefix(tag, `W/"`) || first.header.Get("Cache-Control") != "no-cache" {
			t.Fatalf("%s: %d %v", target, first.status, first.header)
		}
		for _, coding := range []string{"", "gzip", "br"} {
			if a := ask(t, s, target, coding, ""); a.body != first.body || a.header.Get("ETag") != tag {
				t.Errorf("%s in %q: %v %s", target, coding, a.header, a.body)
			}
			if a := ask(t, s, target, coding, tag); a.status != http.StatusNotModified || a.body != "" || a.header.Get("ETag") != tag || a.header.Get("Vary") != "Accept-Encoding" {
				t.Errorf("%s with its tag: %d %v", target, a.status, a.header)
			}
		}
		if a := ask(t, s, target, "", `W/"another"`); a.status != http.StatusOK || a.body != first.body {
			t.Errorf("%s with another tag: %d", target, a.status)
		}
		if *asked != 1 {
			t.Errorf("%s: asked %d times", target, *asked)
		}
	}
	// The tag is of what is listed, not of the cursor, and other processes have it too.
	before := ask(t, s, "/api/v1/courses?sort=newest", "", "")
	other, _ := keepingServer(t, &fixture{})
	after := ask(t, other, "/api/v1/courses?sort=newest", "", "")
	if before.body == after.body || cutCursor(t, before.body) != cutCursor(t, after.body) || before.header.Get("ETag") != after.header.Get("ETag") {
		t.Errorf("%v\n%v", before.header, after.header)
	}
	now := s.now()
	s.now = func() time.Time { return now.Add(tagSlot) }
	if a := ask(t, s, "/api/v1/courses?sort=newest", "", before.header.Get("ETag")); a.status != http.StatusOK {
		t.Errorf("a cursor may be kept for ever: %d", a.status)
	}
}

// TestAKeptSearchCostsLittle: who asks what is dear pays for it once, and the others nearly
// nothing.
func TestAKeptSearchCostsLittle(t *testing.T) {
	budget := &fakeBudget{}
	f := &fixture{budget: budget, price: func(q catalog.Query) int { return len(q.Text) * 10 }}
	s, _ := keepingServer(t, f)
	for range 3 {
		if a := get(t, s, "/api/v1/search?q=dear"); a.status != http.StatusOK {
			t.Fatal(a.body)
		}
	}
	if fmt.Sprint(budget.spent) != "[40 1 1]" {
		t.Errorf("spent %v", budget.spent)
	}
	for range 2 {
		get(t, s, "/api/v1/search") // without a text: an ordinary one
	}
	if len(budget.spent) != 3 {
		t.Errorf("ordinary searches spend: %v", budget.spent)
	}
}

// TestWhatIsForOneRequestIsNotKept: explanations and what a long query is told.
func TestWhatIsForOneRequestIsNotKept(t *testing.T) {
	f := &fixture{options: Options{Explain: true}}
	s, asked := keepingServer(t, f)
	for range 2 {
		if a := get(t, s, "/api/v1/search?q=go&explain=true"); a.status != http.StatusOK {
			t.Fatal(a.body)
		}
	}
	if *asked != 2 {
		t.Errorf("explanations were asked for %d times of 2", *asked)
	}
	long := strings.Repeat("a", catalog.MaxQueryRunes)
	for _, q := range []string{long, long + "b", long} {
		a := get(t, s, "/api/v1/search?q="+q)
		if told := strings.Contains(a.body, string(catalog.NoticeQueryCut)); a.status != http.StatusOK || told != (q != long) {
			t.Errorf("a query of %d runes: %s", len(q), a.body)
		}
	}
}

var _ httpserver.Budget = (*fakeBudget)(nil)
