package search_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/elastic"
	"github.com/xunke/xunke/internal/elastic/search"
	"github.com/xunke/xunke/internal/testenv"
	"github.com/xunke/xunke/mappings"
)

// shelf is a catalogue in indices of its own, filled document by document.
type shelf struct {
	client *elastic.Client
	lines  map[catalog.Kind]*bytes.Buffer
	nextID int64
}

func newShelf(t testing.TB) *shelf {
	t.Helper()
	s := &shelf{client: testenv.Elasticsearch(t, testenv.Config(t)), lines: map[catalog.Kind]*bytes.Buffer{}}
	for _, k := range catalog.Kinds() {
		s.lines[k] = &bytes.Buffer{}
		body, err := mappings.Body(k, mappings.Options{Shards: 1})
		if err != nil {
			t.Fatal(err)
		}
		index := s.client.Index(k, 1, 1)
		s.do(t, "PUT", "/"+index, body)
		s.do(t, "PUT", "/"+index+"/_alias/"+s.client.Alias(k), nil)
	}
	return s
}

func (s *shelf) do(t testing.TB, method, path string, body any) {
	t.Helper()
	if err := s.client.Do(t.Context(), method, path, body, nil); err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
}

func (s *shelf) id() int64 {
	s.nextID++
	return s.nextID
}

func (s *shelf) put(t *testing.T, k catalog.Kind, id int64, document any) {
	t.Helper()
	raw, err := json.Marshal(document)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(s.lines[k], `{"index":{"_id":"%d"}}`+"\n%s\n", id, raw)
}

// course adds a course; terms and a date are filled in.
func (s *shelf) course(t *testing.T, c mappings.Course) int64 {
	t.Helper()
	c.ID = s.id()
	c.NameTerms = mappings.TermsOf(c.Name)
	org, teachers := "", []string(nil)
	if c.Org != nil {
		org = c.Org.Name
	}
	for _, teacher := range c.Teachers {
		teachers = append(teachers, teacher.Name)
	}
	c.People = mappings.TermsOfPeople(org, teachers)
	if !mappings.IsHanzi(c.Name, c.Summary) {
		c.Vector, c.VectorOther = nil, c.Vector
	}
	if c.CreatedAt.IsZero() {
		c.CreatedAt = time.Date(2024, 1, 1, 0, 0, int(c.ID), 0, time.UTC)
	}
	s.put(t, catalog.KindCourse, c.ID, c)
	return c.ID
}

func (s *shelf) org(t *testing.T, o mappings.Org) mappings.Ref {
	t.Helper()
	o.ID, o.NameTerms = s.id(), mappings.TermsOf(o.Name)
	s.put(t, catalog.KindOrg, o.ID, o)
	return mappings.Ref{ID: o.ID, Name: o.Name}
}

func (s *shelf) teacher(t *testing.T, d mappings.Teacher) mappings.Ref {
	t.Helper()
	d.ID, d.NameTerms = s.id(), mappings.TermsOfPerson(d.Name)
	s.put(t, catalog.KindTeacher, d.ID, d)
	return mappings.Ref{ID: d.ID, Name: d.Name}
}

// flush writes what was added and makes it searchable.
func (s *shelf) flush(t *testing.T) {
	t.Helper()
	for k, lines := range s.lines {
		if lines.Len() == 0 {
			continue
		}
		var answer struct {
			Errors bool              `json:"errors"`
			Items  []json.RawMessage `json:"items"`
		}
		if err := s.client.Do(t.Context(), "POST", "/"+s.client.Alias(k)+"/_bulk?refresh=true", lines.Bytes(), &answer); err != nil {
			t.Fatal(err)
		}
		if answer.Errors {
			t.Fatalf("write documents: %s", answer.Items)
		}
		lines.Reset()
	}
}

func (s *shelf) searcher() *search.Searcher { return search.NewSearcher(s.client, nil) }

// ask searches one page of every kind by relevance, changed by the edits.
func ask(t *testing.T, s *search.Searcher, text string, edits ...func(*catalog.Query)) catalog.Answer {
	t.Helper()
	q := catalog.Query{Text: text, Kinds: catalog.Kinds(), Sort: catalog.SortRelevance, Page: 1, PerPage: 20}
	for _, edit := range edits {
		edit(&q)
	}
	a, err := s.Search(context.Background(), q)
	if err != nil {
		t.Fatalf("search %q: %v", text, err)
	}
	if a.Degraded {
		t.Fatalf("search %q is degraded: %v", text, a.Notices)
	}
	return a
}

func only(k catalog.Kind) func(*catalog.Query) {
	return func(q *catalog.Query) { q.Kinds = []catalog.Kind{k} }
}

func filter(f catalog.Facet, values ...string) func(*catalog.Query) {
	return func(q *catalog.Query) {
		if q.Filters == nil {
			q.Filters = map[catalog.Facet][]string{}
		}
		q.Filters[f] = values
	}
}

func courseNames(a catalog.Answer) []string { return namesOf(a, catalog.KindCourse) }

func orgNames(a catalog.Answer) []string { return namesOf(a, catalog.KindOrg) }

func teacherNames(a catalog.Answer) []string { return namesOf(a, catalog.KindTeacher) }

func namesOf(a catalog.Answer, k catalog.Kind) []string {
	names := []string{}
	part, _ := a.Part(k)
	for _, h := range part.Hits {
		names = append(names, h.Name)
	}
	return names
}
