package indexer

import (
	"context"
	"math"
	"slices"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/retry"
)

// Sentinel is a row of the installation's own that goes the way of every other row:
// binlog, drain, versioned read, bulk request, refresh, search.
type Sentinel interface {
	// Write commits the row with this time, which is exact to the millisecond.
	Write(ctx context.Context, at time.Time) error
	// Finds says whether a search finds the row as it was written at this time.
	Finds(ctx context.Context, at time.Time) (bool, error)
}

// SentinelWithin is how long the sentinel is looked for before it counts as missed.
const SentinelWithin = time.Minute

const (
	// sentinelFirst is when it is looked for the first time. After that another
	// sentinelShare of the time that has passed is waited, up to sentinelSlowest, so that no
	// figure is wrong by much more than that share and a long wait costs few searches.
	sentinelFirst   = 50 * time.Millisecond
	sentinelShare   = 8
	sentinelSlowest = time.Second
	// quietTicks is how many times rarer it is written while nothing else is: each time the index
	// of courses is refreshed for it, and answers that are kept until then are made again.
	quietTicks = 12
	// recentFreshness is how many figures are kept one by one: ten minutes at the default.
	recentFreshness = 120
)

// FreshnessBuckets are the upper bounds of the histogram in seconds, close to each other
// around the usual refresh interval.
func FreshnessBuckets() []float64 {
	return []float64{.05, .1, .2, .3, .4, .5, .6, .8, 1, 1.5, 2, 3, 5, 10, 20, 30}
}

// Freshness is how long the sentinel took from its commit until a search found it. One that
// was missed counts with the time after which it was given up: figures that leave out what
// went wrong look better the more does.
type Freshness struct {
	Since   time.Time `json:"since"`          // when the first was written
	Written time.Time `json:"written"`        // when the last was written
	Found   time.Time `json:"found,omitzero"` // when the last that was found was found
	Recent  []float64 `json:"recent"`         // the last figures in seconds, the youngest last
	Buckets []uint64  `json:"buckets"`        // how many were within each of FreshnessBuckets and not within the one before
	Count   uint64    `json:"count"`
	Sum     float64   `json:"sum"`    // seconds
	Missed  uint64    `json:"missed"` // of Count
}

// Last is the youngest figure in seconds, 0 when there is none.
func (f Freshness) Last() float64 {
	if len(f.Recent) == 0 {
		return 0
	}
	return f.Recent[len(f.Recent)-1]
}

// Quantile is the smallest of the recent figures that a share p of them does not exceed.
func (f Freshness) Quantile(p float64) float64 {
	if len(f.Recent) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(f.Recent))
	return sorted[max(int(math.Ceil(p*float64(len(sorted))))-1, 0)]
}

// with is a copy with one figure more. The copy shares nothing: saved states have the old one.
func (f Freshness) with(written time.Time, took time.Duration, found bool) *Freshness {
	if f.Count == 0 {
		f.Since = written
	}
	f.Written = written
	if found {
		f.Found = written.Add(took)
	} else {
		f.Missed++
	}
	f.Recent = slices.Concat(f.Recent[max(len(f.Recent)-recentFreshness+1, 0):], []float64{took.Seconds()})
	bounds := FreshnessBuckets()
	buckets := make([]uint64, len(bounds))
	copy(buckets, f.Buckets)
	if at, _ := slices.BinarySearch(bounds, took.Seconds()); at < len(bounds) {
		buckets[at]++
	}
	f.Buckets = buckets
	f.Count++
	f.Sum += took.Seconds()
	return &f
}

// runSentinel measures now and then how fresh searches are. That it fails is no reason to
// stop indexing.
func (l *leader) runSentinel(ctx context.Context) error {
	if l.Sentinel == nil {
		return nil
	}
	if l.options.SentinelEvery <= 0 {
		if state, _ := l.look(); state.Freshness != nil {
			l.update(func(s *State) { s.Freshness = nil }) // or it would look as if it were lost
		}
		return nil
	}
	quiet, heard := quietTicks, int64(0) // ticks without other rows, rows at the last measurement
	return retry.Every(ctx, l.options.SentinelEvery, func(ctx context.Context) error {
		// Without an index there is nothing to search.
		if state, _ := l.look(); state.Serving(catalog.KindCourse) != nil {
			if quiet++; quiet >= quietTicks || l.heard.Load() != heard {
				if l.measure(ctx) {
					quiet, heard = 0, l.heard.Load()
				}
			}
		}
		return nil
	})
}

// measure writes the sentinel and looks for it. The clock is that of this process: it
// begins before the row can be seen by anybody and ends with the answer that has it.
func (l *leader) measure(ctx context.Context) (found bool) {
	limited, cancel := context.WithTimeout(ctx, l.options.SentinelWithin)
	defer cancel()
	heard := l.heard.Load()
	began := time.Now()
	written := began.UTC().Truncate(time.Millisecond)
	why := l.Sentinel.Write(limited, written)
	if why != nil {
		if ctx.Err() == nil {
			l.Log.Warn("the sentinel cannot be written; how fresh searches are is not known", "err", why)
		}
		return false
	}
	for wait := sentinelFirst; !found; {
		if retry.Sleep(limited, wait) != nil {
			break
		}
		found, why = l.Sentinel.Finds(limited, written)
		wait = min(max(sentinelFirst, time.Since(began)/sentinelShare), sentinelSlowest)
	}
	took := time.Since(began)
	switch {
	case ctx.Err() != nil: // the end of the leadership says nothing of searches
	case found:
		// Not worth a save of its own: the next sentinel's acknowledgement brings one.
		l.mu.Lock()
		l.state.Freshness = freshness(&l.state).with(written, took, true)
		l.mu.Unlock()
	default:
		l.Log.Warn("a row that was written is not found by searches", "after", took.Round(time.Millisecond), "err", why,
			"came_over_binlog", l.heard.Load() > heard)
		l.update(func(s *State) { s.Freshness = freshness(s).with(written, took, false) })
	}
	return found
}

func freshness(s *State) Freshness {
	if s.Freshness == nil {
		return Freshness{}
	}
	return *s.Freshness
}
