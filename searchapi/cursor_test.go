package searchapi

import (
	"bytes"
	"context"
	"encoding/base64"
	"net/http"
	"net/url"
	"reflect"
	"testing"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/searchapi/fake"
)

var (
	somewhere = catalog.Cursor{Kind: catalog.KindCourse, Sort: catalog.SortHot, PIT: "a point in time", After: []string{"12.5", `"42"`}}
	asked     = catalog.Query{
		Text: "数据", Kinds: []catalog.Kind{catalog.KindCourse}, Sort: catalog.SortHot, Page: 1, PerPage: 10,
		Filters: map[catalog.Facet][]string{catalog.FacetTag: {"a", "b"}, catalog.FacetLevel: {"beginner"}},
	}
)

func testSealer(now *time.Time) sealer {
	return sealer{key: []byte("key"), now: func() time.Time { return *now }}
}

func TestCursorComesBack(t *testing.T) {
	now := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	s := testSealer(&now)
	cursor, err := s.seal(asked, somewhere)
	if err != nil {
		t.Fatal(err)
	}
	if raw, err := base64.RawURLEncoding.DecodeString(cursor); err != nil || bytes.Contains(raw, []byte(somewhere.PIT)) {
		t.Errorf("%q tells the point in time (%v)", raw, err)
	}
	if url.QueryEscape(cursor) != cursor {
		t.Errorf("%s needs escaping", cursor)
	}
	// The order of a filter's values and the size of a page are not part of the question.
	again := asked
	again.PerPage, again.Page = 50, 0
	again.Filters = map[catalog.Facet][]string{catalog.FacetTag: {"b", "a"}, catalog.FacetLevel: {"beginner"}, catalog.FacetCity: nil}
	now = now.Add(cursorLife)
	if got, err := s.open(again, cursor); err != nil || !reflect.DeepEqual(*got, somewhere) {
		t.Errorf("got %+v, %v", got, err)
	}
	now = now.Add(time.Second)
	if _, err := s.open(again, cursor); catalog.CodeOf(err) != catalog.CodeInvalid {
		t.Errorf("a cursor that is too old: %v", err)
	}
}

func TestCursorOfAnotherQuestion(t *testing.T) {
	now := time.Now()
	s := testSealer(&now)
	cursor, err := s.seal(asked, somewhere)
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*catalog.Query){
		"text":   func(q *catalog.Query) { q.Text = "数" },
		"kind":   func(q *catalog.Query) { q.Kinds = []catalog.Kind{catalog.KindOrg} },
		"sort":   func(q *catalog.Query) { q.Sort = catalog.SortNewest },
		"exact":  func(q *catalog.Query) { q.Exact = true },
		"filter": func(q *catalog.Query) { q.Filters = map[catalog.Facet][]string{catalog.FacetTag: {"a", "b"}} },
		"value": func(q *catalog.Query) {
			q.Filters = map[catalog.Facet][]string{catalog.FacetTag: {"a,b"}, catalog.FacetLevel: {"beginner"}}
		},
	} {
		q := asked
		change(&q)
		if _, err := s.open(q, cursor); catalog.CodeOf(err) != catalog.CodeInvalid {
			t.Errorf("another %s: %v", name, err)
		}
	}
	other := sealer{key: []byte("another key"), now: s.now}
	if _, err := other.open(asked, cursor); catalog.CodeOf(err) != catalog.CodeInvalid {
		t.Errorf("another server: %v", err)
	}
}

// TestChangedCursors changes every byte in turn.
func TestChangedCursors(t *testing.T) {
	now := time.Now()
	s := testSealer(&now)
	cursor, err := s.seal(asked, somewhere)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		t.Fatal(err)
	}
	for i := range raw {
		raw[i] ^= 1
		if _, err := s.open(asked, base64.RawURLEncoding.EncodeToString(raw)); catalog.CodeOf(err) != catalog.CodeInvalid {
			t.Fatalf("byte %d changed: %v", i, err)
		}
		raw[i] ^= 1
	}
	for i := range len(cursor) {
		if _, err := s.open(asked, cursor[:i]); catalog.CodeOf(err) != catalog.CodeInvalid {
			t.Fatalf("cut at %d: %v", i, err)
		}
	}
}

func FuzzOpenCursor(f *testing.F) {
	now := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	s := testSealer(&now)
	good, err := s.seal(asked, somewhere)
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{good, good + "A", good[1:], "", "a", "====", "\xff", "e30", good + good} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, cursor string) {
		position, err := s.open(asked, cursor)
		if err != nil {
			if catalog.CodeOf(err) != catalog.CodeInvalid {
				t.Fatal(err)
			}
			return
		}
		if cursor != good || !reflect.DeepEqual(*position, somewhere) {
			t.Fatalf("%q opens as %+v", cursor, position)
		}
	})
}

// TestPagingByCursor walks through a list over HTTP.
func TestPagingByCursor(t *testing.T) {
	var seen []*catalog.Cursor
	f := &fixture{searcher: fake.Searcher{OnSearch: func(_ context.Context, q catalog.Query) (catalog.Answer, error) {
		seen = append(seen, q.Cursor)
		section := catalog.Section[catalog.CourseHit]{Total: 2}
		if q.Cursor == nil {
			section.Next = &somewhere
		}
		return catalog.Answer{Courses: &section}, nil
	}}}
	s := f.server(t)
	var first, second catalog.Section[catalog.CourseHit]
	get(t, s, "/api/v1/courses?sort=newest&tag=a").decode(t, &first)
	if first.NextCursor == nil {
		t.Fatal("no cursor")
	}
	get(t, s, "/api/v1/courses?sort=newest&tag=a&per_page=50&cursor="+*first.NextCursor).decode(t, &second)
	if len(seen) != 2 || seen[1] == nil || !reflect.DeepEqual(*seen[1], somewhere) || second.NextCursor != nil {
		t.Errorf("seen %+v, then %v", seen, second.NextCursor)
	}
	p := get(t, s, "/api/v1/courses?sort=hot&tag=a&cursor="+*first.NextCursor).problem(t, http.StatusBadRequest)
	if fields(p) != "cursor" {
		t.Errorf("fields %s", fields(p))
	}
	// A search of the same kind is another question unless it asks the same.
	a := get(t, s, "/api/v1/search?type=course&sort=newest&tag=a&cursor="+*first.NextCursor)
	if a.status != http.StatusOK {
		t.Errorf("the same question asked by a search: %d", a.status)
	}
	// All kinds at once have no position.
	var all catalog.Answer
	get(t, s, "/api/v1/search?q=a").decode(t, &all)
	if all.Courses == nil || all.Courses.NextCursor != nil {
		t.Errorf("type=all has %+v", all.Courses)
	}
}
