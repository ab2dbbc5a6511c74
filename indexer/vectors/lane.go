package vectors

import (
	"context"
	"log/slog"
	"runtime"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/xunke/xunke/internal/retry"
)

const (
	// pageSize is how many courses are read at a time.
	pageSize = 500
	// batchSize is how many vectors are written at a time, and batchWithin how long
	// one waits for others; one of a sweep, for which nobody waits, waits longer, since each
	// batch changes the index of courses and outdates the answers that are kept.
	batchSize   = 64
	batchWithin = time.Second
	sweepWithin = 10 * time.Second
	// maxWaiting bounds the courses that are remembered; beyond it all are looked at.
	maxWaiting = 20_000
	// lookEvery is how often it is looked whether there is another model, and how often at
	// most progress is told.
	lookEvery = 5 * time.Second
	// niceness puts the lane behind everything else that wants the processor.
	niceness = 10
)

var backoff = retry.Backoff{First: time.Second, Max: time.Minute}

// Lane is the lane in which courses get their vectors. What it writes comes back over the
// binlog as any other change, so it can hold nothing up and nothing older can win. What it
// has not done when it is killed, the next sweep finds.
type Lane struct {
	store    Store
	embedder Embedder
	share    float64 // of one processor
	log      *slog.Logger

	mu      sync.Mutex
	waiting map[int64]struct{}
	since   time.Time     // since when the oldest of them waits
	sweep   bool          // all are to be looked at
	wake    chan struct{} // has something when waiting or sweep has become more

	// Of the goroutine of Run.
	tell     func(Progress)
	told     *Progress // last, perhaps by a leadership before
	progress Progress  // of the lane alone
	swept    string    // the model of the last whole sweep
}

// NewLane makes a lane that takes a share of one processor.
func NewLane(store Store, embedder Embedder, share float64, log *slog.Logger) *Lane {
	return &Lane{
		store: store, embedder: embedder, share: share, log: log,
		waiting: map[int64]struct{}{}, wake: make(chan struct{}, 1),
	}
}

// Note remembers those of the courses that lack a vector of the model in use. models are those
// of the vectors that their documents have, by id; empty: it has none.
func (l *Lane) Note(models map[int64]string) {
	model := l.embedder.Model()
	if model == "" {
		return // there will be a sweep when there is one
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for id, of := range models {
		if of == model {
			continue
		}
		if len(l.waiting) >= maxWaiting {
			clear(l.waiting)
			l.sweep = true
		}
		if len(l.waiting) == 0 && l.since.IsZero() {
			l.since = time.Now()
		}
		l.waiting[id] = struct{}{}
	}
	if len(l.waiting) > 0 || l.sweep {
		select {
		case l.wake <- struct{}{}:
		default:
		}
	}
}

// take returns what waits, and whether all are to be looked at.
func (l *Lane) take() (ids []int64, sweep bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for id := range l.waiting {
		ids = append(ids, id)
	}
	sweep = l.sweep
	clear(l.waiting)
	l.sweep, l.since = false, time.Time{}
	slices.Sort(ids)
	return ids, sweep
}

// Run gives courses their vectors until ctx ends, all at first and with a new model, then
// those that change. A failure delays vectors and nothing else. told is the progress that was
// told last, nil if none was, and tell is called with what is new.
func (l *Lane) Run(ctx context.Context, told *Progress, tell func(Progress)) error {
	l.told, l.tell = told, tell
	// The thread ends with the goroutine, so its niceness is nobody else's.
	runtime.LockOSThread()
	if runtime.GOOS == "linux" { // elsewhere it would be the whole process's
		_ = syscall.Setpriority(syscall.PRIO_PROCESS, 0, niceness) // without it the share still holds
	}
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	for failures := 0; ; {
		err := l.step(ctx, l.embedder.Model())
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			l.swept = "" // what was taken is found again
			l.log.Warn("vectors of courses are put off, trying again", "attempt", failures+1, "err", err)
			if err := backoff.Sleep(ctx, failures); err != nil {
				return err
			}
			failures++
			continue
		}
		failures = 0
		select {
		case <-l.wake:
		case <-look.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// step does what there is to do with a model.
func (l *Lane) step(ctx context.Context, model string) error {
	isNews := l.told == nil || l.told.Model != model
	if model == "" {
		if isNews {
			l.tellProgress(ctx, Progress{})
		}
		return nil
	}
	began := time.Now()
	ids, all := l.take()
	switch {
	case all || l.swept != model:
		if isNews {
			l.log.Info("looking for courses without a vector", "model", model)
		}
		l.progress.Since = began
		if done, err := l.sweepAll(ctx, model); !done {
			return err
		}
		l.swept = model
	case len(ids) > 0:
		l.progress.Since = began
		for some := range slices.Chunk(ids, pageSize) {
			page, err := l.store.Of(ctx, some)
			if err != nil {
				return err
			}
			if err := l.embed(ctx, model, page, batchWithin); err != nil {
				return err
			}
		}
	default:
		return nil
	}
	l.progress.Since = time.Time{}
	l.tellProgress(ctx, l.progress)
	return nil
}

// sweepAll looks at all courses. It is not done if it fails, or if another model comes: the
// next sweep is of that one.
func (l *Lane) sweepAll(ctx context.Context, model string) (done bool, err error) {
	for after := int64(0); ; {
		page, err := l.store.Page(ctx, after, pageSize)
		if err != nil {
			return false, err
		}
		if len(page) == 0 {
			return true, nil
		}
		after = page[len(page)-1].ID
		if err := l.embed(ctx, model, page, sweepWithin); err != nil {
			return false, err
		}
		if l.embedder.Model() != model {
			return false, nil
		}
	}
}

// tellProgress adds to progress what is counted and what waits, and tells it.
func (l *Lane) tellProgress(ctx context.Context, p Progress) {
	if p.Model = l.embedder.Model(); p.Model != "" {
		have, courses, err := l.store.Count(ctx, p.Model)
		if err != nil {
			return // told the next time
		}
		p.Have, p.Courses = have, courses
	}
	l.mu.Lock()
	p.Waiting = len(l.waiting)
	if p.Since.IsZero() {
		p.Since = l.since
	}
	l.mu.Unlock()
	p.At = time.Now().UTC()
	l.progress.At = p.At
	l.told = &p
	l.tell(p)
}
