package search

import (
	"sync"
	"time"

	"github.com/xunke/xunke/catalog"
)

const (
	// coverageLeads is the share of courses with a vector from which what is close in meaning
	// leads. While a catalogue or a model is new, the closest of the few that have one may
	// have nothing to do with the query.
	coverageLeads = 0.95
	// coverageAsks is the share below which it is not asked at all.
	coverageAsks = 0.5
	// coverageEvery is how often courses with vectors are counted, beside searches that ask
	// for them anyway.
	coverageEvery = 10 * time.Second
)

// coverage remembers which share of the courses has a vector of a model.
type coverage struct {
	mu    sync.Mutex
	model string
	share float64
	until time.Time
}

// of is what was counted last, and when it is time to count again; ok is false when that is now.
func (c *coverage) of(model string, now time.Time) (share float64, until time.Time, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.share, c.until, c.model == model && now.Before(c.until)
}

// tooFew says whether so few courses had a vector when they were counted last that the
// meaning of a query need not be worked out, and when they are counted again.
func (c *coverage) tooFew(now time.Time) (until time.Time, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.until, now.Before(c.until) && c.share < coverageAsks
}

// learn reads the answer to coverageSearch. One that has failed says nothing, and so that
// there are no vectors.
func (c *coverage) learn(model string, now time.Time, a searchAnswer) (share float64, until time.Time) {
	share = float64(a.Aggregations[vectored].Total) / float64(max(1, a.Aggregations[allChoices].Total))
	c.mu.Lock()
	defer c.mu.Unlock()
	c.model, c.share, c.until = model, share, now.Add(coverageEvery)
	return c.share, c.until
}

// vectored names the courses that have a vector of the model.
const vectored = "vectored"

// coverageSearch counts the visible courses, and those that have a vector of a model.
func coverageSearch(model string) search {
	return search{kind: catalog.KindCourse, body: object{
		"size": 0, "track_total_hits": false, "timeout": searchTimeout,
		"query": searchable(object{}),
		"aggs": object{
			allChoices: object{"filter": object{"match_all": object{}}},
			vectored:   object{"filter": term("vector_model", model)},
		},
	}}
}
