package related

import (
	"context"
	"log/slog"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

const (
	// remembered is how long what learners also took is not asked for again. It changes
	// slowly, and a course's page may be asked for many times a second.
	remembered = 5 * time.Minute
	// forgiven is how long MySQL is spared after it did not answer for a course.
	forgiven = 5 * time.Second
	// patience is how long a visitor waits for MySQL, askFor how long MySQL may take: what
	// comes late is there for the next visitor.
	patience = 150 * time.Millisecond
	askFor   = 2 * time.Second
	// roomFor is how many courses are remembered, some megabytes. More are all forgotten.
	roomFor = 10_000
	// warnEvery is the least time between two lines about it in the log.
	warnEvery = 10 * time.Second
	// keep is how many courses are remembered of one.
	keep = 50
)

// memory remembers for a while what learners also took.
type memory struct {
	learners Learners
	log      *slog.Logger
	now      func() time.Time
	asking   singleflight.Group

	mu     sync.Mutex
	known  map[int64]recollection
	warned time.Time
}

type recollection struct {
	ids   []int64
	until time.Time
}

func newMemory(learners Learners, log *slog.Logger) *memory {
	return &memory{learners: learners, log: log, now: time.Now, known: map[int64]recollection{}}
}

// took returns the courses that learners of a course also took, best first; none if that
// is not known in time. The slice must not be changed.
func (m *memory) took(ctx context.Context, course int64) []int64 {
	m.mu.Lock()
	r, ok := m.known[course]
	m.mu.Unlock()
	if ok && m.now().Before(r.until) {
		return r.ids
	}
	answer := m.asking.DoChan(strconv.FormatInt(course, 10), func() (any, error) {
		return m.ask(context.WithoutCancel(ctx), course), nil
	})
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case got := <-answer:
		ids, _ := got.Val.([]int64)
		return ids
	case <-timer.C:
		return r.ids // what was known before
	case <-ctx.Done():
		return nil
	}
}

// ask asks MySQL and remembers the answer.
func (m *memory) ask(ctx context.Context, course int64) []int64 {
	ctx, cancel := context.WithTimeout(ctx, askFor)
	defer cancel()
	courses, err := m.learners.CoTaken(ctx, course)
	m.mu.Lock()
	defer m.mu.Unlock()
	r := recollection{ids: ranked(courses), until: m.now().Add(remembered)}
	if err != nil {
		// The same trouble comes with every course.
		if m.now().Sub(m.warned) >= warnEvery {
			m.log.Warn("what learners also took is not known; going on without it", "course", course, "err", err)
			m.warned = m.now()
		}
		r.ids, r.until = m.known[course].ids, m.now().Add(forgiven)
	}
	r.ids = r.ids[:min(len(r.ids), keep)]
	if len(m.known) >= roomFor {
		clear(m.known)
	}
	m.known[course] = r
	return r.ids
}
