package standby_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/standby"
)

type fakeSearch struct {
	search func(ctx context.Context, q catalog.Query) (catalog.Answer, error)
}

func (f fakeSearch) Search(ctx context.Context, q catalog.Query) (catalog.Answer, error) {
	return f.search(ctx, q)
}

func (f fakeSearch) Suggest(ctx context.Context, text string, _ int) ([]catalog.Suggestion, error) {
	a, err := f.search(ctx, catalog.Query{Text: text})
	return []catalog.Suggestion{{Text: a.Query}}, err
}
func (f fakeSearch) Ready(context.Context) error { return nil }

// fails is an index, or rows, with an error.
func fails(err error) fakeSearch {
	return fakeSearch{func(context.Context, catalog.Query) (catalog.Answer, error) { return catalog.Answer{}, err }}
}

func TestSearcher(t *testing.T) {
	away := catalog.Unavailable("Elasticsearch", errors.New("stopped"))
	busy := catalog.Unavailable("Elasticsearch", errors.New("too much to do"))
	busy.Wait = time.Second
	rows := fakeSearch{func(context.Context, catalog.Query) (catalog.Answer, error) {
		return catalog.Answer{Query: "rows"}, nil
	}}
	for _, c := range []struct {
		name  string
		index error
		rows  fakeSearch
		query catalog.Query
		want  catalog.Code // of the error; "": there is an answer
		from  string
	}{
		{"the index answers", nil, rows, catalog.Query{}, "", "index"},
		{"the index is away", away, rows, catalog.Query{}, "", "rows"},
		{"the index has too much to do", busy, rows, catalog.Query{}, catalog.CodeUnavailable, ""},
		{"the query is wrong", catalog.Invalidf("q", "wrong"), rows, catalog.Query{}, catalog.CodeInvalid, ""},
		{"only the index knows a cursor", away, rows, catalog.Query{Cursor: &catalog.Cursor{}}, catalog.CodeUnavailable, ""},
		{"both are away", away, fails(catalog.Unavailable("MySQL", nil)), catalog.Query{}, catalog.CodeUnavailable, ""},
		{"a mistake of ours", away, fails(errors.New("syntax error")), catalog.Query{}, catalog.CodeUnavailable, ""},
	} {
		index := fakeSearch{func(context.Context, catalog.Query) (catalog.Answer, error) {
			return catalog.Answer{Query: "index"}, c.index
		}}
		s := standby.NewSearcher(index, c.rows, 1)
		answer, err := s.Search(t.Context(), c.query)
		if c.want != "" {
			if catalog.CodeOf(err) != c.want {
				t.Errorf("%s: %+v, %v", c.name, answer, err)
			}
			continue
		}
		told := len(answer.Notices) == 1 && answer.Notices[0].Code == catalog.NoticeDegraded
		if err != nil || answer.Query != c.from || answer.Degraded != (c.from == "rows") || told != answer.Degraded {
			t.Errorf("%s: %+v, %v", c.name, answer, err)
		}
		if lines, err := s.Suggest(t.Context(), "a", 5); err != nil || lines[0].Text != c.from {
			t.Errorf("%s: suggestions %v, %v", c.name, lines, err)
		}
	}
}

// TestRowsAreNotOverloaded: of a thousand who come at once, four are at the rows at a time
// and the rest is told soon when to come again.
func TestRowsAreNotOverloaded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var now, most, asked atomic.Int64
		rows := fakeSearch{func(context.Context, catalog.Query) (catalog.Answer, error) {
			asked.Add(1)
			n := now.Add(1)
			defer now.Add(-1)
			for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
			}
			<-time.After(90 * time.Millisecond) // none ends when the wait of others does
			return catalog.Answer{}, nil
		}}
		s := standby.NewSearcher(fails(catalog.Unavailable("Elasticsearch", nil)), rows, 4)
		var group sync.WaitGroup
		var answered, refused atomic.Int64
		for i := range 1000 {
			group.Go(func() {
				began := time.Now()
				_, err := s.Search(t.Context(), catalog.Query{Text: fmt.Sprint(i)})
				if time.Since(began) > 1100*time.Millisecond {
					t.Errorf("one waited %v", time.Since(began))
				}
				e, ok := errors.AsType[*catalog.Error](err)
				switch {
				case err == nil:
					answered.Add(1)
				case ok && e.Code == catalog.CodeUnavailable && e.Wait > 0:
					refused.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		group.Wait()
		if most.Load() != 4 || answered.Load() != 48 || refused.Load() != 952 {
			t.Errorf("%d at a time, %d answered, %d refused", most.Load(), answered.Load(), refused.Load())
		}
		// Those who ask the same share an answer for a while.
		before := asked.Load()
		for range 100 {
			if _, err := s.Search(t.Context(), catalog.Query{Sort: catalog.SortHot}); err != nil {
				t.Fatal(err)
			}
		}
		if n := asked.Load() - before; n != 1 {
			t.Errorf("the same was asked %d times", n)
		}
		<-time.After(11 * time.Second)
		if _, err := s.Search(t.Context(), catalog.Query{Sort: catalog.SortHot}); err != nil || asked.Load() != before+2 {
			t.Errorf("later: %v, asked %d times", err, asked.Load()-before)
		}
	})
}
