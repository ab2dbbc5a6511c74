package indexer

import (
	"context"
	"runtime"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/xunke/xunke/internal/retry"
)

// Passage is the text of a visible course, and of which text and model its vector is, as far
// as it has one.
type Passage struct {
	ID    int64
	Text  string
	Hash  string
	Model string
}

// Vector is what a model made of a course's text.
type Vector struct {
	ID      int64
	Hash    string // mappings.PassageHash of the text
	Numbers []int8
}

// VectorStore keeps vectors as rows. Errors are worth a retry.
type VectorStore interface {
	// Page returns up to limit courses with an id greater than after, ascending.
	Page(ctx context.Context, after int64, limit int) ([]Passage, error)
	// Of returns those of some courses.
	Of(ctx context.Context, ids []int64) ([]Passage, error)
	// Save writes vectors of a model in the place of those that are there.
	Save(ctx context.Context, model string, vectors []Vector) error
	// Count counts the visible courses, and those that have a vector of a model.
	Count(ctx context.Context, model string) (have, courses int64, err error)
}

// Embedder makes vectors of texts.
type Embedder interface {
	// Model names the model that is used; empty while there is none.
	Model() string
	// Embed makes the vector of a text with that model. It fails where another is used by now.
	Embed(ctx context.Context, model, text string) ([]int8, error)
}

// Vectorized is how far the vectors of courses are.
type Vectorized struct {
	Model   string    `json:"model"`          // that makes them; empty: there is none
	Have    int64     `json:"have"`           // courses that have a vector of it
	Courses int64     `json:"courses"`        // visible ones
	Waiting int       `json:"waiting"`        // courses that changed and wait for theirs, beside the sweep
	Since   time.Time `json:"since,omitzero"` // since when the oldest of them waits, or the sweep runs; zero: nothing waits
	Rate    float64   `json:"rate"`           // vectors a second, when some were made last
	Made    int64     `json:"made"`           // by the leadership that wrote this
	Failed  int64     `json:"failed"`         // texts that the model made none of
	At      time.Time `json:"at"`
}

const (
	// vectorPage is how many courses are read at a time.
	vectorPage = 500
	// vectorBatch is how many vectors are written at a time, and vectorBatchWithin how long
	// one waits for others; one of a sweep, for which nobody waits, waits longer, since each
	// batch changes the index of courses and outdates the answers that are kept.
	vectorBatch       = 64
	vectorBatchWithin = time.Second
	vectorSweepWithin = 10 * time.Second
	// vectorWaiting bounds the courses that are remembered; beyond it all are looked at.
	vectorWaiting = 20_000
	// vectorLook is how often it is looked whether there is another model, and how often at
	// most progress is told.
	vectorLook = 5 * time.Second
	// vectorNiceness puts the lane behind everything else that wants the processor.
	vectorNiceness = 10
)

var vectorBackoff = retry.Backoff{First: time.Second, Max: time.Minute}

// vectorLane is the lane in which courses get their vectors. It reads texts and writes rows
// and touches no document: what it writes comes back over the binlog as any other change,
// so it can hold nothing up and nothing older can win. What it has not done when it is
// killed, the next sweep finds.
type vectorLane struct {
	store    VectorStore
	embedder Embedder
	share    float64 // of one processor

	mu      sync.Mutex
	waiting map[int64]struct{}
	since   time.Time     // since when the oldest of them waits
	sweep   bool          // all are to be looked at
	wake    chan struct{} // has something when waiting or sweep has become more

	progress Vectorized // of the lane alone
}

func newVectorLane(store VectorStore, embedder Embedder, share float64) *vectorLane {
	return &vectorLane{store: store, embedder: embedder, share: share, waiting: map[int64]struct{}{}, wake: make(chan struct{}, 1)}
}

// note remembers the courses among documents that lack a vector of the model in use.
func (l *vectorLane) note(documents []built) {
	if l == nil {
		return
	}
	model := l.embedder.Model()
	if model == "" {
		return // there will be a sweep when there is one
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, d := range documents {
		if !d.vectored || d.vectorModel == model {
			continue
		}
		if len(l.waiting) >= vectorWaiting {
			clear(l.waiting)
			l.sweep = true
		}
		if len(l.waiting) == 0 && l.since.IsZero() {
			l.since = time.Now()
		}
		l.waiting[d.key.ID] = struct{}{}
	}
	if len(l.waiting) > 0 || l.sweep {
		select {
		case l.wake <- struct{}{}:
		default:
		}
	}
}

// take returns what waits, and whether all are to be looked at.
func (l *vectorLane) take() (ids []int64, sweep bool) {
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

// runVectors gives courses their vectors, all at first and with a new model, then those that
// change. A failure delays vectors and nothing else.
func (l *leader) runVectors(ctx context.Context) error {
	lane := l.apply.vectors
	if lane == nil {
		return nil
	}
	// The thread ends with the goroutine, so its niceness is nobody else's.
	runtime.LockOSThread()
	if runtime.GOOS == "linux" { // elsewhere it would be the whole process's
		_ = syscall.Setpriority(syscall.PRIO_PROCESS, 0, vectorNiceness) // without it the share still holds
	}
	look := time.NewTicker(vectorLook)
	defer look.Stop()
	swept, failures := "", 0
	for {
		model := lane.embedder.Model()
		err := l.vectorize(ctx, model, &swept)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			swept = "" // what was taken is found again
			l.Log.Warn("vectors of courses are put off, trying again", "attempt", failures+1, "err", err)
			if err := vectorBackoff.Sleep(ctx, failures); err != nil {
				return err
			}
			failures++
			continue
		}
		failures = 0
		select {
		case <-lane.wake:
		case <-look.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// vectorize does what there is to do with a model. swept is the model of the last whole sweep.
func (l *leader) vectorize(ctx context.Context, model string, swept *string) error {
	lane := l.apply.vectors
	if model == "" {
		if l.tellsOtherModel("") {
			l.tellVectors(ctx, Vectorized{})
		}
		return nil
	}
	began := time.Now()
	ids, all := lane.take()
	switch {
	case all || *swept != model:
		if l.tellsOtherModel(model) {
			l.Log.Info("looking for courses without a vector", "model", model)
		}
		lane.progress.Since = began
		for after := int64(0); ; {
			page, err := lane.store.Page(ctx, after, vectorPage)
			if err != nil {
				return err
			}
			if len(page) == 0 {
				break
			}
			after = page[len(page)-1].ID
			if err := l.embed(ctx, model, page, vectorSweepWithin); err != nil {
				return err
			}
			if lane.embedder.Model() != model {
				return nil // the next sweep is of that one
			}
		}
		*swept = model
	case len(ids) > 0:
		lane.progress.Since = began
		for some := range slices.Chunk(ids, vectorPage) {
			page, err := lane.store.Of(ctx, some)
			if err != nil {
				return err
			}
			if err := l.embed(ctx, model, page, vectorBatchWithin); err != nil {
				return err
			}
		}
	default:
		return nil
	}
	lane.progress.Since = time.Time{}
	l.tellVectors(ctx, lane.progress)
	return nil
}

func (l *leader) tellsOtherModel(model string) bool {
	state, _ := l.look()
	return state.Vectors == nil || state.Vectors.Model != model
}

// tellVectors makes progress part of the state.
func (l *leader) tellVectors(ctx context.Context, v Vectorized) {
	lane := l.apply.vectors
	if v.Model = lane.embedder.Model(); v.Model != "" {
		have, courses, err := lane.store.Count(ctx, v.Model)
		if err != nil {
			return // told the next time
		}
		v.Have, v.Courses = have, courses
	}
	lane.mu.Lock()
	v.Waiting = len(lane.waiting)
	if v.Since.IsZero() {
		v.Since = lane.since
	}
	lane.mu.Unlock()
	v.At = time.Now().UTC()
	lane.progress.At = v.At
	l.update(func(s *State) { s.Vectors = &v })
}
