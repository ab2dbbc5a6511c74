package answers

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/xunke/xunke/catalog"
)

// Index tells what can be found in it.
type Index interface {
	// Versions says of each kind what searches see: the text is another one before they find
	// something else, and may change once more when they do, within twice the time that an
	// answer may be old. A kind that cannot be searched is absent.
	Versions(ctx context.Context) (map[catalog.Kind]string, error)
}

const (
	// asksOften is how often the index is asked within the time that an answer may be old,
	// and asksAtLeast from one time to the next at most: that is how late a change is usually
	// seen, and some of the answers may fail to come.
	asksOften   = 5
	asksAtLeast = 100 * time.Millisecond
	// settles is how many of those times pass after a change until answers are kept for longer
	// than one: those that are made while the index changes may lack what comes with it.
	settles = 2
	// keepFor is the age that no answer outlives, however still the index is.
	keepFor = 10 * time.Minute
	// watchFor is how long the index is asked after the last question of a visitor.
	watchFor = time.Minute
	// silence is for how many of those times the index may have said nothing. Later what it
	// says is not compared any more: it may have been started anew, and count from 0.
	silence = 4
)

// Watch knows whether an index has changed.
type Watch struct {
	index   Index
	promise time.Duration
	log     *slog.Logger
	now     func() time.Time
	current atomic.Pointer[view]
	asked   atomic.Int64 // when somebody last wanted to know, in Unix nanoseconds
	woken   chan struct{}
}

// view is what is known of the index as of some time.
type view struct {
	asOf  time.Time // when the index was asked
	kinds [kinds]change
}

// kinds is how many kinds there are, each of which has a place of its own.
const kinds = 3

// placeOf is the place of a kind in their display order.
func placeOf(k catalog.Kind) int {
	switch k {
	case catalog.KindCourse:
		return 0
	case catalog.KindOrg:
		return 1
	default:
		return 2
	}
}

// counts are the changes of each kind that are known.
func (v *view) counts() (counts [kinds]uint64) {
	for i, c := range v.kinds {
		counts[i] = c.count
	}
	return counts
}

// change counts the changes of a kind.
type change struct {
	text   string
	count  uint64
	before time.Time // as of when it was last known to be as before the last change
	after  time.Time // when that change was known
}

// NewWatch follows an index. No answer is older than promise: that is, an answer may lack
// what has been searchable for longer. A nil now is time.Now.
func NewWatch(index Index, promise time.Duration, log *slog.Logger, now func() time.Time) *Watch {
	if now == nil {
		now = time.Now
	}
	w := &Watch{index: index, promise: promise, log: log, now: now, woken: make(chan struct{}, 1)}
	w.current.Store(&view{})
	return w
}

// verdict says of an answer what may be done with it.
type verdict struct {
	usable   bool
	outdated bool // the index has changed since
}

// counts are the changes of each kind that are known now.
func (w *Watch) counts() [kinds]uint64 { return w.current.Load().counts() }

// look judges an answer by the kinds that it is about.
func (w *Watch) look(kept *Kept, about []catalog.Kind, now time.Time) verdict {
	w.wake(now)
	current := w.current.Load()
	var v verdict
	sure := current.asOf // as of when the answer was right
	for _, k := range about {
		is := &current.kinds[placeOf(k)]
		switch is.count - kept.counts[placeOf(k)] {
		case 0:
			if kept.began.Sub(is.after) < settles*w.promise {
				sure = time.Time{}
			}
		case 1:
			v.outdated = true
			if is.before.Before(sure) {
				sure = is.before
			}
		default:
			v.outdated, sure = true, time.Time{}
		}
	}
	if kept.began.After(sure) {
		sure = kept.began // it was asked for later than the index was
	}
	v.usable = now.Sub(sure) <= w.promise && now.Sub(kept.began) <= keepFor && (kept.until.IsZero() || now.Before(kept.until))
	return v
}

// wake has the index asked from now on.
func (w *Watch) wake(now time.Time) {
	last := w.asked.Load()
	if now.UnixNano()-last < int64(w.promise) { // not every question needs to say so
		return
	}
	w.asked.Store(now.UnixNano())
	if now.UnixNano()-last > int64(watchFor)-int64(w.promise) {
		select {
		case w.woken <- struct{}{}:
		default:
		}
	}
}

// run asks the index, as long as visitors ask, until ctx ends.
func (w *Watch) run(ctx context.Context) error {
	tick := time.NewTicker(min(w.promise/asksOften, asksAtLeast))
	defer tick.Stop()
	failing := false
	for {
		if w.now().UnixNano()-w.asked.Load() > int64(watchFor) {
			select {
			case <-w.woken:
			case <-ctx.Done():
				return nil
			}
		}
		err := w.ask(ctx)
		if failed := err != nil && ctx.Err() == nil; failed != failing {
			failing = failed
			if failed {
				w.log.Warn("cannot tell whether the index has changed; answers are kept for a moment only", "err", err)
			} else {
				w.log.Info("can tell again whether the index has changed")
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// ask asks the index once.
func (w *Watch) ask(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, w.promise)
	defer cancel()
	asOf := w.now()
	texts, err := w.index.Versions(ctx)
	if err != nil {
		return fmt.Errorf("ask the index for its versions: %w", err)
	}
	last := w.current.Load()
	silent := asOf.Sub(last.asOf) > silence*w.promise
	next := &view{asOf: asOf, kinds: last.kinds}
	for _, k := range catalog.Kinds() {
		c := &next.kinds[placeOf(k)]
		if text := texts[k]; text == "" || text != c.text || silent {
			*c = change{text: text, count: c.count + 1, before: last.asOf, after: w.now()}
		}
	}
	w.current.Store(next)
	return nil
}

// age is how long ago the index was asked that answered last.
func (w *Watch) age() time.Duration { return w.now().Sub(w.current.Load().asOf) }
