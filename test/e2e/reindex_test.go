package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/test/harness"
)

// TestReindexUnderWrites rebuilds, swaps and rolls back while rows change and searches
// are asked without pause: none of them may fail or miss anything.
func TestReindexUnderWrites(t *testing.T) {
	w := newWorld(t)
	w.Seed()
	indexing := w.StartIndexer("the indexer", nil)
	a := w.startAPI()
	w.Serving()
	a.ready(w)
	w.MustBeEqual()

	seeds := harness.Random(t, 3)
	stopWriters := w.Writers(2, 15, seeds)
	stopSearchers := w.searchers(a, 2)

	before, now := w.reindexAndRollBack()
	if before[catalog.KindOrg] != now[catalog.KindOrg] || before[catalog.KindCourse] == now[catalog.KindCourse] {
		t.Errorf("after a reindex of the courses %v serve, and before it was %v", now, before)
	}
	searches := stopSearchers()
	commits := stopWriters()
	t.Logf("%d searches and %d transactions during two reindexes and a rollback", searches, commits)
	if searches < 50 || commits < 50 {
		t.Errorf("%d searches and %d transactions are too few to show anything", searches, commits)
	}
	w.MustBeEqual()
	w.Tidy()
	indexing.Stop()

	t.Run("with no indexer running the command does it itself", func(t *testing.T) { reindexAlone(w.on(t), a.on(t)) })
	t.Run("what cannot be rolled back is refused", func(t *testing.T) {
		w := w.on(t)
		if r := w.Run("reindex", "--kind", "lesson"); r.Status != 2 {
			t.Errorf("reindex of a kind that does not exist: %s", r)
		}
		w.Must("reindex", "--rollback", "--kind", "org") // to what served before the first reindex, and back
		w.Must("reindex", "--rollback", "--kind", "org")
	})
}

// reindexAndRollBack rebuilds everything, takes that back, and rebuilds the courses. It
// returns what served before and what serves now.
func (w *world) reindexAndRollBack() (before, now map[catalog.Kind]string) {
	w.T.Helper()
	before = w.servingIndices()
	out := w.reindex(w.Must("reindex", "--json"))
	if out.State != "done" || out.Documents < harness.FixedCourses {
		w.T.Errorf("reindex: %+v", out)
	}
	for k, index := range w.servingIndices() {
		if index == before[k] {
			w.T.Errorf("%s is served by %s as before", k.Plural(), index)
		}
	}
	w.Must("reindex", "--rollback")
	if back := w.servingIndices(); fmt.Sprint(back) != fmt.Sprint(before) {
		w.T.Errorf("after the rollback %v serve, and before the reindex it was %v", back, before)
	}
	w.Must("reindex", "--kind", "course")
	return before, w.servingIndices()
}

// reindexAlone rebuilds the courses while no indexer runs.
func reindexAlone(w *world, a *api) {
	w.T.Helper()
	id := w.Exec(`INSERT INTO courses (name) VALUES ('无人值守')`)
	before := w.servingIndices()
	if out := w.reindex(w.Must("reindex", "--json", "--kind", "course")); out.State != "done" {
		w.T.Errorf("reindex: %+v", out)
	}
	if s := a.search("q", "无人值守", "type", "course").Courses; len(s.Hits) != 1 || s.Hits[0].ID != id {
		w.T.Errorf("what was written before is not found: %q", s.names())
	}
	if now := w.servingIndices(); now[catalog.KindCourse] == before[catalog.KindCourse] {
		w.T.Errorf("%s serves as before", now[catalog.KindCourse])
	}
	w.Must("reindex", "--rollback", "--kind", "course")
	w.MustBeEqual()
	w.Tidy()
}

// reindexed is what `xunke reindex --json` says.
type reindexed struct {
	State     string `json:"state"`
	Message   string `json:"message"`
	Documents int64  `json:"documents"`
}

func (w *world) reindex(r harness.Result) reindexed {
	w.T.Helper()
	var out reindexed
	if err := json.Unmarshal([]byte(r.Stdout), &out); err != nil {
		w.T.Fatalf("read the outcome of a reindex: %v: %s", err, r)
	}
	return out
}

// servingIndices are the indices behind the aliases.
func (w *world) servingIndices() map[catalog.Kind]string {
	w.T.Helper()
	serving := map[catalog.Kind]string{}
	for _, k := range catalog.Kinds() {
		var found map[string]any
		if err := w.Client.Do(w.T.Context(), "GET", "/_alias/"+w.Client.Alias(k), nil, &found); err != nil {
			w.T.Fatal(err)
		}
		if len(found) != 1 {
			w.T.Fatalf("%d indices are behind the alias of %s", len(found), k.Plural())
		}
		for index := range found {
			serving[k] = index
		}
	}
	return serving
}

// searchers ask without pause until they are stopped: in turn for the fixed courses, of
// which each answer must have all, for one of them, and for the list of courses. The
// returned function stops all n of them and tells how many answers there were.
func (w *world) searchers(a *api, n int) (stop func() int64) {
	w.T.Helper()
	questions := []func() error{
		func() error {
			found, err := a.trySearch("q", harness.FixedName, "exact", "true", "per_page", "5")
			if err == nil && (found.of("course").Total != harness.FixedCourses || len(found.of("course").Hits) != 5) {
				err = fmt.Errorf("%s finds %d courses, %q, and there are %d", harness.FixedName, found.of("course").Total, found.of("course").names(), harness.FixedCourses)
			}
			return err
		},
		func() error {
			name := fmt.Sprintf("%s第%d讲", harness.FixedName, 1+rand.IntN(harness.FixedCourses))
			found, err := a.trySearch("q", name, "type", "course", "per_page", "1")
			if err == nil && (len(found.of("course").Hits) != 1 || found.of("course").Hits[0].Name != name) {
				err = fmt.Errorf("%s finds %q", name, found.of("course").names())
			}
			return err
		},
		func() error {
			var all section
			_, err := a.get("/api/v1/courses", query("sort", "newest", "per_page", "1"), &all)
			if err == nil && all.Total < harness.FixedCourses {
				err = fmt.Errorf("the list has %d courses and there are at least %d", all.Total, harness.FixedCourses)
			}
			return err
		},
	}
	ctx, cancel := context.WithCancel(context.Background())
	var done sync.WaitGroup
	var answers atomic.Int64
	failed := make(chan error, n)
	for first := range n {
		done.Go(func() {
			for at := first; ctx.Err() == nil; at++ {
				if err := questions[at%len(questions)](); err != nil {
					failed <- fmt.Errorf("after %d answers: %w", answers.Load(), err)
					return
				}
				answers.Add(1)
			}
		})
	}
	var once sync.Once
	stop = func() int64 {
		once.Do(func() {
			cancel()
			done.Wait()
			close(failed)
			for err := range failed {
				w.T.Errorf("a search went wrong: %v", err)
			}
		})
		return answers.Load()
	}
	w.T.Cleanup(func() { stop() })
	return stop
}
