package answers_test

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/xunke/xunke/answers"
	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/elastic/search"
	"github.com/xunke/xunke/internal/testenv"
	"github.com/xunke/xunke/internal/testenv/pipeline"
)

// deaf is an index that never says that it has changed.
type deaf struct{}

func (deaf) Versions(context.Context) (map[catalog.Kind]string, error) {
	return map[catalog.Kind]string{catalog.KindCourse: "1", catalog.KindOrg: "1", catalog.KindTeacher: "1"}, nil
}

// TestUnderWritesNobodyGetsAnOlderAnswer: rows of MySQL come to Elasticsearch through an
// indexer all the time. Whatever a search without a cache has found for as long as an answer
// may be old, everybody finds who asks after that. Nothing here depends on how fast the
// machine is: what is compared is the order of things.
func TestUnderWritesNobodyGetsAnOlderAnswer(t *testing.T) {
	p := pipeline.New(t)
	p.Start()
	p.WaitUntilServing()
	course := p.Exec(`INSERT INTO courses (name) VALUES ('round 0')`)
	searcher := search.NewSearcher(p.Client, nil)
	testenv.Eventually(t, pipeline.Timeout, "the course is found", func() (bool, string) {
		a, err := searcher.Search(t.Context(), courseList) // later than it is in the index, by a refresh
		return err == nil && len(a.Courses.List()) == 1, fmt.Sprint(err)
	})
	const promise = 300 * time.Millisecond
	round := 0
	for name, c := range map[string]struct {
		index answers.Index
		holds bool
	}{
		"the index says when it changes": {search.NewVisible(p.Client), true},
		"the index never says so":        {deaf{}, false}, // so that it is known that this test finds something
	} {
		t.Run(name, func(t *testing.T) {
			within := promise
			if !c.holds {
				within = time.Hour
			}
			log := slog.New(slog.DiscardHandler)
			k := answers.New(searcher, answers.Options{Bytes: 1 << 20, Watch: answers.NewWatch(c.index, within, log, nil), Log: log})
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			var group sync.WaitGroup
			defer group.Wait()
			defer stop()
			group.Go(func() { _ = k.Run(ctx) })
			seen := &sightings{}
			var old, found atomic.Int64
			for range 4 {
				group.Go(func() {
					for ctx.Err() == nil {
						asked := time.Now()
						least := seen.before(asked.Add(-promise))
						if k.Find(ctx, courseList) != nil {
							found.Add(1)
						}
						if n, ok := roundOf(ctx, t, k); ok && n < least {
							old.Add(1)
						}
					}
				})
			}
			testenv.Eventually(t, pipeline.Timeout, "enough changes", func() (bool, string) {
				round++
				p.Exec(`UPDATE courses SET name = ? WHERE id = ?`, fmt.Sprint("round ", round), course)
				if n, ok := roundOf(ctx, t, searcher); ok {
					seen.add(n, time.Now())
				}
				changes := seen.count()
				enough := changes > 20 && found.Load() > 100 && (c.holds || old.Load() > 0)
				return enough, fmt.Sprintf("%d changes were found, %d answers were kept, %d of them old", changes, found.Load(), old.Load())
			})
			if c.holds && old.Load() > 0 {
				t.Errorf("%d of %d answers lacked what had been there for longer than %v", old.Load(), found.Load(), promise)
			}
		})
	}
}

var courseList = catalog.Query{Kinds: []catalog.Kind{catalog.KindCourse}, Sort: catalog.SortNewest, Page: 1, PerPage: 10}

// roundOf is the number in the name of the course that a searcher finds.
func roundOf(ctx context.Context, t *testing.T, s interface {
	Search(ctx context.Context, q catalog.Query) (catalog.Answer, error)
}) (round int, ok bool) {
	a, err := s.Search(ctx, courseList)
	if catalog.CodeOf(err) == catalog.CodeUnavailable || ctx.Err() != nil || a.Degraded {
		return 0, false // of a machine that is busy with something else
	}
	if err != nil || len(a.Courses.List()) != 1 {
		t.Errorf("search: %+v, %v", a.Courses, err)
		return 0, false
	}
	round, err = strconv.Atoi(a.Courses.Hits[0].Name[len("round "):])
	if err != nil {
		t.Error(err)
	}
	return round, true
}

// sightings are the rounds that were found and by when.
type sightings struct {
	mu     sync.Mutex
	rounds []int
	times  []time.Time
}

func (s *sightings) add(round int, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := len(s.rounds); n == 0 || s.rounds[n-1] != round {
		s.rounds, s.times = append(s.rounds, round), append(s.times, at)
	}
}

// before is the newest round that was found before a time.
func (s *sightings) before(at time.Time) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := len(s.times) - 1; i >= 0; i-- {
		if s.times[i].Before(at) {
			return s.rounds[i]
		}
	}
	return 0
}

func (s *sightings) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.rounds)
}
