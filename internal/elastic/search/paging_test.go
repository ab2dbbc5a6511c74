package search_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/mappings"
)

// testCursorsReachEverything reads whole lists page by page, by every sort: each item
// comes once, and in the order of pages by number.
func testCursorsReachEverything(t *testing.T, s *shelf) {
	searcher := s.searcher()
	for _, k := range catalog.Kinds() {
		for _, by := range catalog.Sorts(k) {
			for _, text := range []string{"", "数据"} {
				if text != "" && k != catalog.KindCourse {
					continue
				}
				t.Run(fmt.Sprintf("%s by %s for %q", k, by, text), func(t *testing.T) {
					var paged, followed []int64
					for page := 1; ; page++ {
						ids := idsOf(ask(t, searcher, text, only(k), func(q *catalog.Query) { q.Sort, q.PerPage, q.Page = by, 25, page }))
						if paged = append(paged, ids...); len(ids) < 25 {
							break
						}
					}
					var cursor *catalog.Cursor
					for {
						a := ask(t, searcher, text, only(k), func(q *catalog.Query) { q.Sort, q.PerPage, q.Cursor = by, 25, cursor })
						followed = append(followed, idsOf(a)...)
						if cursor = nextOf(a); cursor == nil {
							break
						}
					}
					if !slices.Equal(paged, followed) {
						t.Errorf("pages give %v, cursors %v", paged, followed)
					}
				})
			}
		}
	}
}

// nextOf is the position after the answer's one section.
func nextOf(a catalog.Answer) *catalog.Cursor {
	var next *catalog.Cursor
	for _, part := range a.Parts() {
		next = part.Next
	}
	return next
}

// testCursorHoldsItsList writes while a list is read and lets the held view go in
// between: nothing comes twice and the list goes on.
func testCursorHoldsItsList(t *testing.T, s *shelf) {
	searcher := s.searcher()
	page := func(cursor *catalog.Cursor) catalog.Answer {
		return ask(t, searcher, "", only(catalog.KindCourse), func(q *catalog.Query) {
			q.Sort, q.PerPage, q.Cursor = catalog.SortNewest, 20, cursor
		})
	}
	first := page(nil)
	second := page(first.Courses.Next)
	if second.Courses.Next.PIT == "" {
		t.Fatal("the second page holds no point in time")
	}
	for range 30 {
		s.course(t, mappings.Course{Name: "新来的"})
	}
	s.flush(t)
	third := page(second.Courses.Next)
	if slices.Contains(courseNames(third), "新来的") {
		t.Error("a held list shows what was written later")
	}
	s.do(t, "DELETE", "/_pit", map[string]any{"id": third.Courses.Next.PIT})
	fourth := page(third.Courses.Next)
	seen := map[int64]bool{}
	for _, a := range []catalog.Answer{first, second, third, fourth} {
		for _, id := range idsOf(a) {
			if seen[id] {
				t.Errorf("course %d comes twice", id)
			}
			seen[id] = true
		}
	}
	if len(seen) != 80 {
		t.Errorf("four pages of 20 have %d courses", len(seen))
	}
}

// testPagesAskTheSame checks that no page is of another question than the first: a word
// that few items have stays what it is where a page shows none of them.
func testPagesAskTheSame(t *testing.T, s *shelf) {
	searcher := s.searcher()
	const typed = "risc"
	s.course(t, mappings.Course{Name: "RISC-V Design"})
	for i := range 30 {
		s.course(t, mappings.Course{Name: fmt.Sprintf("Risk %d", i)})
	}
	s.flush(t)
	for name, edit := range map[string]func(*catalog.Query){
		"first": func(*catalog.Query) {}, "second": func(q *catalog.Query) { q.Page = 2 }, "far": func(q *catalog.Query) { q.Page = 40 },
	} {
		a := ask(t, searcher, typed, only(catalog.KindCourse), edit)
		if a.CorrectedQuery != nil || a.Courses.Total != 1 {
			t.Errorf("the %s page of %q is of %v, with %d hits", name, typed, a.CorrectedQuery, a.Courses.Total)
		}
	}
	// What is corrected stays so, though by then there is what was typed.
	page := func(cursor *catalog.Cursor) catalog.Answer {
		return ask(t, searcher, "rsik", only(catalog.KindCourse), func(q *catalog.Query) { q.PerPage, q.Cursor = 10, cursor })
	}
	first := page(nil)
	if first.CorrectedQuery == nil || *first.CorrectedQuery != "risk" {
		t.Fatalf("rsik is corrected to %v", first.CorrectedQuery)
	}
	s.course(t, mappings.Course{Name: "Rsik"})
	s.flush(t)
	second := page(first.Courses.Next)
	if second.CorrectedQuery == nil || *second.CorrectedQuery != "risk" || second.Courses.Total != 30 {
		t.Errorf("the second page is of %v, with %d hits", second.CorrectedQuery, second.Courses.Total)
	}
}

// testViewsAreShared uses one first cursor again and again: all of it reads from one point
// in time, which others get for half a minute and which ends after ten.
func testViewsAreShared(t *testing.T, s *shelf) {
	now := time.Now()
	searcher := s.searcher().At(func() time.Time { return now })
	page := func(cursor *catalog.Cursor) *catalog.Cursor {
		return nextOf(ask(t, searcher, "", only(catalog.KindCourse), func(q *catalog.Query) { q.PerPage, q.Cursor = 5, cursor }))
	}
	first := page(nil)
	before := page(first)
	for range 20 {
		if again := page(first); again.PIT != before.PIT || again.Held != before.Held {
			t.Fatal("a first cursor that is used again has a point in time of its own")
		}
	}
	now = now.Add(5 * time.Minute)
	if kept := page(before); kept.PIT != before.PIT || kept.Held != before.Held {
		t.Error("a reader loses the view after five minutes")
	}
	if other := page(first); other.Held == before.Held {
		t.Error("who begins after half a minute gets an old view")
	}
	now = now.Add(6 * time.Minute)
	if late := page(before); late.Held == before.Held {
		t.Error("a point in time is prolonged for ever")
	}
}

// testCursorsPassMidnight reads a list whose order depends on the day, over days: each
// course comes once.
func testCursorsPassMidnight(t *testing.T, s *shelf) {
	for i := range 60 {
		s.course(t, mappings.Course{Name: fmt.Sprintf("夜间%d", i), CreatedAt: time.Date(2016+i%10, 1, 1+i, 0, 0, 0, 0, time.UTC)})
	}
	s.flush(t)
	today := time.Date(2026, 11, 23, 23, 59, 59, 0, time.UTC)
	searcher := s.searcher().At(func() time.Time { return today })
	var cursor *catalog.Cursor
	seen := map[int64]bool{}
	for {
		a := ask(t, searcher, "夜间", only(catalog.KindCourse), func(q *catalog.Query) { q.PerPage, q.Cursor = 10, cursor })
		for _, id := range idsOf(a) {
			if seen[id] {
				t.Errorf("course %d comes twice", id)
			}
			seen[id] = true
		}
		if cursor = nextOf(a); cursor == nil {
			break
		}
		today = today.AddDate(1, 0, 0)
	}
	if len(seen) != 60 {
		t.Errorf("%d of 60 courses came", len(seen))
	}
}

func testForeignCursors(t *testing.T, s *shelf) {
	searcher := s.searcher()
	for name, cursor := range map[string]catalog.Cursor{
		"a matching that is none": {Matching: "x", Day: "2026-11-23"}, "no day": {Matching: "text", Day: "today"},
	} {
		cursor.Kind, cursor.Sort, cursor.After = catalog.KindCourse, catalog.SortNewest, []string{"1", "2"}
		_, err := searcher.Search(context.Background(), catalog.Query{
			Text: "数据", Kinds: []catalog.Kind{catalog.KindCourse}, Sort: catalog.SortNewest, Page: 1, PerPage: 5, Cursor: &cursor,
		})
		if catalog.CodeOf(err) != catalog.CodeInvalid {
			t.Errorf("%s: error is %v", name, err)
		}
	}
	for name, after := range map[string][]string{
		"too short":   {"1"},
		"no number":   {`{"a":1}`, "2"},
		"no JSON":     {"'", "2"},
		"null":        {"null", "2"},
		"a text":      {`"x"`, "2"},
		"other order": {"1", "2", "3"},
	} {
		_, err := searcher.Search(context.Background(), catalog.Query{
			Kinds: []catalog.Kind{catalog.KindCourse}, Sort: catalog.SortNewest, Page: 1, PerPage: 5,
			Cursor: &catalog.Cursor{Kind: catalog.KindCourse, Sort: catalog.SortNewest, After: after},
		})
		if catalog.CodeOf(err) != catalog.CodeInvalid {
			t.Errorf("%s: error is %v", name, err)
		}
	}
}

// TestMissingAliases checks what is left when parts of the index are not there.
func TestMissingAliases(t *testing.T) {
	s := newShelf(t)
	s.course(t, mappings.Course{Name: "数据结构"})
	s.flush(t)
	searcher := s.searcher()
	if err := searcher.Ready(t.Context()); err != nil {
		t.Fatalf("not ready: %v", err)
	}
	q := catalog.Query{Text: "数据结构", Kinds: catalog.Kinds(), Sort: catalog.SortRelevance, Page: 1, PerPage: 5}
	s.do(t, "DELETE", "/"+s.client.Index(catalog.KindOrg, 1, 1), nil)
	a, err := searcher.Search(t.Context(), q)
	if err != nil || !a.Degraded || a.Courses.Total == 0 || len(a.Notices) == 0 || a.Notices[0].Code != catalog.NoticePartial {
		t.Errorf("without orgs: %v, degraded %v, %v", err, a.Degraded, a.Notices)
	}
	if found, err := searcher.Suggest(t.Context(), "数据", 5); err != nil || len(found) == 0 {
		t.Errorf("suggestions without orgs: %v, %v", found, err)
	}
	for _, k := range []catalog.Kind{catalog.KindCourse, catalog.KindTeacher} {
		s.do(t, "DELETE", "/"+s.client.Index(k, 1, 1), nil)
	}
	for name, call := range map[string]func() error{
		"search":  func() error { _, err := searcher.Search(t.Context(), q); return err },
		"suggest": func() error { _, err := searcher.Suggest(t.Context(), "数据", 5); return err },
		"related": func() error { _, err := searcher.Alike(t.Context(), 1, 5); return err },
		"ready":   func() error { return searcher.Ready(t.Context()) },
	} {
		if err := call(); catalog.CodeOf(err) != catalog.CodeUnavailable {
			t.Errorf("%s without any index: %v", name, err)
		}
	}
}

// TestSortByRating checks the order of courses by their ratings, at once and page by page.
func TestSortByRating(t *testing.T) {
	s := newShelf(t)
	var want []int64
	for _, c := range []struct{ ratings, stars int64 }{{200, 960}, {40, 190}, {10, 46}, {10, 46}, {5, 23}, {1, 5}, {1, 1}, {0, 0}, {0, 0}} {
		want = append(want, s.course(t, mappings.Course{
			Name: "课程", Ratings: c.ratings, Rating: catalog.MeanRating(c.ratings, c.stars), Weighted: catalog.WeightedRating(c.ratings, c.stars),
		}))
	}
	s.flush(t)
	searcher := s.searcher()
	for _, size := range []int{20, 2} {
		var found []int64
		var cursor *catalog.Cursor
		for {
			a := ask(t, searcher, "", only(catalog.KindCourse), func(q *catalog.Query) { q.Sort, q.PerPage, q.Cursor = catalog.SortRating, size, cursor })
			found = append(found, idsOf(a)...)
			if cursor = nextOf(a); cursor == nil {
				break
			}
		}
		if !slices.Equal(found, want) {
			t.Errorf("by pages of %d: %v, want %v", size, found, want)
		}
	}
	hits := ask(t, searcher, "", only(catalog.KindCourse), func(q *catalog.Query) { q.Sort = catalog.SortRating }).Courses.Hits
	if first, last := hits[0], hits[len(hits)-1]; first.Ratings != 200 || first.Rating.String() != "4.8" || last.Ratings != 0 || last.Rating != nil {
		t.Errorf("first %+v, last %+v", first, last)
	}
}

// TestSortByRatingBeforeAReindex asks an index whose mapping has no ratings yet.
func TestSortByRatingBeforeAReindex(t *testing.T) {
	s := newShelf(t)
	raw, err := mappings.Body(catalog.KindCourse, mappings.Options{Shards: 1})
	if err != nil {
		t.Fatal(err)
	}
	var body struct {
		Settings any `json:"settings"`
		Mappings struct {
			Properties map[string]any `json:"properties"`
		} `json:"mappings"`
	}
	if err := json.Unmarshal(raw, &body); err != nil {
		t.Fatal(err)
	}
	for _, field := range []string{"rating", "ratings", "weighted_rating"} {
		delete(body.Mappings.Properties, field)
	}
	index := "/" + s.client.Index(catalog.KindCourse, 1, 1)
	s.do(t, "DELETE", index, nil)
	s.do(t, "PUT", index, body)
	s.do(t, "PUT", index+"/_alias/"+s.client.Alias(catalog.KindCourse), nil)
	s.do(t, "PUT", index+"/_doc/1?refresh=true", map[string]any{"id": 1, "deleted": false, "name": "旧课"})
	a := ask(t, s.searcher(), "", only(catalog.KindCourse), func(q *catalog.Query) { q.Sort = catalog.SortRating })
	if hits := a.Courses.Hits; len(hits) != 1 || hits[0].Rating != nil || hits[0].Ratings != 0 {
		t.Errorf("%+v", hits)
	}
}
