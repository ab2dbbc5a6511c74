package answers_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/xunke/xunke/answers"
	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/testenv/pipeline"
)

func TestMain(m *testing.M) { pipeline.Main(m) }

const promise = 500 * time.Millisecond

// index is a fake index whose content is a number: searches answer with it, and its version
// follows.
type index struct {
	mu      sync.Mutex
	content map[catalog.Kind]int
	away    error
	slow    time.Duration
	asked   atomic.Int64
	answer  func(ctx context.Context, a *catalog.Answer) error // nil: as it is
}

func newIndex() *index {
	return &index{content: map[catalog.Kind]int{catalog.KindCourse: 1, catalog.KindOrg: 1, catalog.KindTeacher: 1}}
}

func (i *index) set(k catalog.Kind, content int) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.content[k] = content
}

func (i *index) Versions(context.Context) (map[catalog.Kind]string, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	versions := map[catalog.Kind]string{}
	for k, n := range i.content {
		versions[k] = fmt.Sprint(n)
	}
	return versions, i.away
}

// Search reads the content, and takes its time after that.
func (i *index) Search(ctx context.Context, q catalog.Query) (catalog.Answer, error) {
	i.asked.Add(1)
	i.mu.Lock()
	a := catalog.Answer{Query: q.Text, TookMS: 7}
	for _, k := range q.Kinds {
		if k == catalog.KindCourse {
			a.Courses = &catalog.Section[catalog.CourseHit]{Total: int64(i.content[k])}
		}
	}
	slow := i.slow
	i.mu.Unlock()
	if slow > 0 {
		select {
		case <-time.After(slow):
		case <-ctx.Done():
			return a, ctx.Err()
		}
	}
	if i.answer != nil {
		if err := i.answer(ctx, &a); err != nil {
			return catalog.Answer{}, err
		}
	}
	return a, nil
}

func (i *index) Suggest(_ context.Context, text string, _ int) ([]catalog.Suggestion, error) {
	i.asked.Add(1)
	return []catalog.Suggestion{{Text: text}}, nil
}
func (i *index) Ready(context.Context) error { return nil }

var courses = catalog.Query{Text: "go", Kinds: []catalog.Kind{catalog.KindCourse}, Page: 1, PerPage: 10}

// keep runs a keeper in front of an index, which has told its versions, until the end of a test.
func keep(t *testing.T, i *index, o answers.Options) *answers.Keeper {
	if o.Bytes == 0 {
		o.Bytes = 1 << 20
	}
	o.Log = slog.New(slog.DiscardHandler)
	o.Watch = answers.NewWatch(i, promise, o.Log, nil)
	k := answers.New(i, o)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- k.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	// The first question has the index asked for its versions. An answer that is made before
	// they are known is made anew beside the next question, which is no matter of these tests.
	k.Find(t.Context(), courses)
	synctest.Wait()
	return k
}

// total asks for the courses and returns their number.
func total(t *testing.T, k *answers.Keeper) int64 {
	t.Helper()
	a, err := k.Search(t.Context(), courses)
	if err != nil {
		t.Fatal(err)
	}
	return a.Courses.Total
}

func TestAnswersAreKeptUntilTheIndexChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newIndex()
		k := keep(t, i, answers.Options{})
		total(t, k)
		<-time.After(3 * promise) // the index is asked for the first time, and that is a while ago
		total(t, k)
		<-time.After(promise)
		before := i.asked.Load()
		for range 60 {
			if n := total(t, k); n != 1 {
				t.Fatalf("total %d", n)
			}
			<-time.After(time.Second)
		}
		if n := i.asked.Load(); n != before {
			t.Errorf("asked %d times while nothing changed", n-before)
		}
		i.set(catalog.KindOrg, 2) // a search of courses has nothing of it
		<-time.After(2 * promise)
		if total(t, k); i.asked.Load() != before {
			t.Error("asked again because of another kind")
		}
		i.set(catalog.KindCourse, 2)
		<-time.After(promise + time.Millisecond)
		if n := total(t, k); n != 2 {
			t.Errorf("later than promised: total %d", n)
		}
	})
}

// TestNobodyGetsAnOlderAnswer: under changes all the time, with an index that says so or not
// and is quick or slow, no answer is older than promised.
func TestNobodyGetsAnOlderAnswer(t *testing.T) {
	for name, prepare := range map[string]func(*index){
		"quick":                 func(*index) {},
		"slow":                  func(i *index) { i.slow = promise / 3 },
		"slower than promised":  func(i *index) { i.slow = 2 * promise },
		"without word of it":    func(i *index) { i.away = errors.New("away") },
		"slow and without word": func(i *index) { i.slow, i.away = promise/2, errors.New("away") },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				i := newIndex()
				prepare(i)
				k := keep(t, i, answers.Options{})
				var group sync.WaitGroup
				began := time.Now()
				changed := []time.Time{began} // when the content became one more than that number
				var mu sync.Mutex
				group.Go(func() {
					for n := 2; n < 120; n++ {
						<-time.After(37 * time.Millisecond * time.Duration(1+n%30))
						mu.Lock()
						i.set(catalog.KindCourse, n)
						changed = append(changed, time.Now())
						mu.Unlock()
					}
				})
				for client := range 5 {
					group.Go(func() {
						<-time.After(time.Duration(client) * 190 * time.Millisecond) // not all in step
						for {
							asked := time.Now()
							a, err := k.Search(t.Context(), courses)
							if err != nil {
								t.Error(err)
								return
							}
							mu.Lock()
							if n := int(a.Courses.Total); n < len(changed) && asked.Sub(changed[n]) > promise {
								t.Errorf("an answer that was out of date for %v when it was asked for", asked.Sub(changed[n]))
							}
							mu.Unlock()
							<-time.After(time.Duration(11+4*client) * time.Millisecond)
							if time.Since(began) > 60*time.Second {
								return
							}
						}
					})
				}
				group.Wait()
			})
		})
	}
}

func TestManyAskOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newIndex()
		i.slow = 100 * time.Millisecond
		k := keep(t, i, answers.Options{})
		leader, leave := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer leave()
		var group sync.WaitGroup
		group.Go(func() {
			if _, err := k.Search(leader, courses); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("who left got %v", err)
			}
		})
		synctest.Wait()
		for range 20 {
			group.Go(func() {
				if a, err := k.Search(t.Context(), courses); err != nil || a.TookMS != 7 {
					t.Errorf("a follower got %+v, %v", a, err)
				}
			})
		}
		group.Wait()
		if n := i.asked.Load(); n != 1 {
			t.Errorf("asked %d times", n)
		}
	})
}

func TestFailuresAreNotKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newIndex()
		k := keep(t, i, answers.Options{})
		for name, answer := range map[string]func(ctx context.Context, a *catalog.Answer) error{
			"an error":          func(context.Context, *catalog.Answer) error { return errors.New("away") },
			"a panic":           func(context.Context, *catalog.Answer) error { panic("no such thing") },
			"a degraded answer": func(_ context.Context, a *catalog.Answer) error { a.Degraded = true; return nil },
			"a partial answer": func(_ context.Context, a *catalog.Answer) error {
				a.Notices = []catalog.Notice{{Code: catalog.NoticePartial}}
				return nil
			},
			"a passing answer": func(ctx context.Context, _ *catalog.Answer) error { catalog.MarkPassing(ctx); return nil },
		} {
			i.answer = answer
			q := courses
			q.Text = name
			before := i.asked.Load()
			for range 3 {
				_, err := k.Search(t.Context(), q)
				if (err != nil) != (name == "an error" || name == "a panic") {
					t.Errorf("%s: %v", name, err)
				}
			}
			if n := i.asked.Load() - before; n != 3 {
				t.Errorf("%s: asked %d times for 3", name, n)
			}
		}
		i.answer = nil
		for name, q := range map[string]catalog.Query{
			"a cursor":       {Kinds: courses.Kinds, Cursor: &catalog.Cursor{}},
			"an explanation": {Kinds: courses.Kinds, Explain: true},
		} {
			before := i.asked.Load()
			for range 2 {
				if _, err := k.Search(t.Context(), q); err != nil {
					t.Error(err)
				}
			}
			if n := i.asked.Load() - before; n != 2 || k.Find(t.Context(), q) != nil || k.Peek(q) != nil {
				t.Errorf("%s: asked %d times for 2", name, n)
			}
		}
	})
}

// TestKeepUntil: what stands on something that is looked at again at some time is kept for
// others until then, though the index does not change.
func TestKeepUntil(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newIndex()
		k := keep(t, i, answers.Options{})
		i.answer = func(ctx context.Context, _ *catalog.Answer) error {
			catalog.KeepUntil(ctx, time.Now().Add(time.Hour))
			catalog.KeepUntil(ctx, time.Now().Add(10*time.Second))
			return nil
		}
		q := courses
		ask := func() int64 {
			before := i.asked.Load()
			if _, err := k.Search(t.Context(), q); err != nil {
				t.Fatal(err)
			}
			return i.asked.Load() - before
		}
		ask() // what is asked before the watch knows the index is kept for a moment only
		<-time.After(5 * time.Second)
		q.Text = "another"
		ask()
		<-time.After(9 * time.Second)
		if n := ask(); n != 0 {
			t.Errorf("asked %d times after nine seconds", n)
		}
		<-time.After(2 * time.Second)
		if n := ask(); n != 1 {
			t.Errorf("asked %d times after eleven seconds", n)
		}
	})
}

// TestEveryFieldIsInTheKey: whatever distinguishes two queries, they have two answers. A new
// field of catalog.Query fails here until the key has it.
func TestEveryFieldIsInTheKey(t *testing.T) {
	notKept := map[string]bool{"Cursor": true, "Explain": true} // such queries are not kept at all
	synctest.Test(t, func(t *testing.T) {
		i := newIndex()
		k := keep(t, i, answers.Options{})
		base := catalog.Query{Text: "a", Kinds: []catalog.Kind{catalog.KindCourse}, Sort: catalog.SortHot, Page: 1, PerPage: 10}
		ask := func(q catalog.Query) bool {
			before := i.asked.Load()
			if _, err := k.Search(t.Context(), q); err != nil {
				t.Fatal(err)
			}
			return i.asked.Load() > before
		}
		if !ask(base) || ask(base) {
			t.Fatal("a query is not kept")
		}
		for n := range reflect.TypeFor[catalog.Query]().NumField() {
			field := reflect.TypeFor[catalog.Query]().Field(n)
			if notKept[field.Name] {
				continue
			}
			q := base
			other(t, reflect.ValueOf(&q).Elem().Field(n))
			if !ask(q) {
				t.Errorf("%s is not in the key: %+v got the answer to %+v", field.Name, q, base)
			}
		}
		// Texts that look alike when they are put together are two.
		one, two := base, base
		one.Filters = map[catalog.Facet][]string{catalog.FacetTag: {"a", "b"}}
		two.Filters = map[catalog.Facet][]string{catalog.FacetTag: {"a3:tag=1:b"}}
		if !ask(one) || !ask(two) {
			t.Error("two lists of values are one")
		}
		one.Filters = map[catalog.Facet][]string{catalog.FacetTag: {"b", "a", "b"}}
		if ask(one) {
			t.Error("the order of values matters")
		}
		if one.Filters[catalog.FacetTag][0] != "b" {
			t.Error("the caller's query was changed")
		}
	})
}

// other gives a field another value.
func other(t *testing.T, v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(v.String() + "x")
	case reflect.Int:
		v.SetInt(v.Int() + 1)
	case reflect.Bool:
		v.SetBool(!v.Bool())
	case reflect.Slice:
		v.Set(reflect.ValueOf(reflect.MakeSlice(v.Type(), 1, 1).Interface()))
		v.Index(0).SetString(string(catalog.KindTeacher))
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(reflect.ValueOf(catalog.FacetCity), reflect.ValueOf([]string{"x"}))
	default:
		t.Fatalf("a field of an unknown sort: %s", v.Type())
	}
}

func TestWhatAnswersAreMadeWith(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newIndex()
		revision := "1"
		k := keep(t, i, answers.Options{Revision: func() string { return revision }, Price: func(q catalog.Query) int { return len(q.Text) }})
		total(t, k)
		if kept := k.Peek(courses); kept == nil || kept.Price != 2 || kept.Answer.TookMS != 0 {
			t.Errorf("kept %+v", kept)
		}
		for _, revision = range []string{"2", "3"} {
			before := i.asked.Load()
			if k.Peek(courses) != nil || k.Find(t.Context(), courses) != nil {
				t.Error("an answer of another revision")
			}
			if total(t, k); i.asked.Load() != before+1 {
				t.Error("not asked under another revision")
			}
			if _, err := k.Suggest(t.Context(), "go", 5); err != nil || i.asked.Load() != before+2 {
				t.Errorf("no suggestions under another revision: %v", err)
			}
			for range 2 {
				if _, err := k.Suggest(t.Context(), "go", 5); err != nil || i.asked.Load() != before+2 {
					t.Errorf("suggestions are not kept: %v", err)
				}
			}
		}
		<-time.After(24 * time.Hour)
		before := i.asked.Load()
		if total(t, k); i.asked.Load() != before+1 {
			t.Error("not asked on another day")
		}
	})
}

func TestAnswersAreBoundedByBytes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newIndex()
		i.answer = func(_ context.Context, a *catalog.Answer) error {
			a.Courses.Hits = []catalog.CourseHit{{Summary: string(make([]byte, 50_000))}}
			return nil
		}
		k := keep(t, i, answers.Options{Bytes: 1 << 20})
		q := courses
		ask := func(n int) *answers.Kept {
			q.Text = fmt.Sprint(n)
			if _, err := k.Search(t.Context(), q); err != nil {
				t.Fatal(err)
			}
			return k.Peek(q)
		}
		kept := func() (n int) {
			for at := range 40 {
				if q.Text = fmt.Sprint(at); k.Peek(q) != nil {
					n++
				}
			}
			return n
		}
		for n := range 40 {
			ask(n)
		}
		all := kept()
		if all < 15 || all > 20 {
			t.Errorf("%d answers of 50 KB are kept in 1 MB", all)
		}
		// What is made of an answer counts, and is made once.
		last, made := ask(39), 0
		for range 3 {
			form, err := last.Form("big", func() (answers.Form, error) { made++; return answers.Form{Body: make([]byte, 200_000)}, nil })
			if err != nil || len(form.Body) != 200_000 || made != 1 {
				t.Errorf("made %d times, %d bytes, %v", made, len(form.Body), err)
			}
		}
		if n := kept(); n > all-3 || k.Peek(q) != nil && q.Text != "39" {
			t.Errorf("%d answers are kept beside 200 KB more, %d without", n, all)
		}
		// One that is too large is answered and not kept.
		i.answer = func(_ context.Context, a *catalog.Answer) error {
			a.Courses.Hits = []catalog.CourseHit{{Summary: string(make([]byte, 500_000))}}
			return nil
		}
		if ask(100) != nil {
			t.Error("one answer takes half of all")
		}
	})
}

func TestNothingIsKept(t *testing.T) {
	i := newIndex()
	k := answers.New(i, answers.Options{Watch: answers.NewWatch(i, promise, slog.New(slog.DiscardHandler), nil)})
	for range 3 {
		total(t, k)
		if _, err := k.Suggest(t.Context(), "go", 5); err != nil {
			t.Fatal(err)
		}
	}
	if n := i.asked.Load(); n != 6 || k.Find(t.Context(), courses) != nil {
		t.Errorf("asked %d times for 6", n)
	}
	if err := k.Run(t.Context()); err != nil {
		t.Error(err)
	}
}
