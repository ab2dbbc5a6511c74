// Package searchapi is the HTTP API: it turns parameters into a catalog.Query, asks the
// interfaces below, and turns what comes back into JSON.
package searchapi

import (
	"context"
	"time"

	"github.com/xunke/xunke/answers"
	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/consultations"
	"github.com/xunke/xunke/events"
	"github.com/xunke/xunke/searchlog"
)

// Searcher answers queries out of the index. Errors are catalog.Error values:
// CodeInvalid for a query that no index can answer, CodeUnavailable when Elasticsearch
// does not answer in time.
type Searcher interface {
	// Search answers a validated query over one or more kinds in one round trip.
	Search(ctx context.Context, q catalog.Query) (catalog.Answer, error)
	// Suggest completes what has been typed so far; limit is 1 to catalog.MaxSuggest.
	Suggest(ctx context.Context, text string, limit int) ([]catalog.Suggestion, error)
	// Ready says whether every alias exists and can be searched.
	Ready(ctx context.Context) error
}

// Kept are the answers that a Searcher keeps, so that each is encoded once for all who get it.
type Kept interface {
	// Find is the answer to a query that is kept and right, nil where it has to be asked for.
	Find(ctx context.Context, q catalog.Query) *answers.Kept
	// Peek is Find for who does not answer with it.
	Peek(q catalog.Query) *answers.Kept
	// Suggestions is Suggest of the Searcher, kept or not.
	Suggestions(ctx context.Context, text string, limit int) (*answers.Kept, error)
}

// Relater finds what is related to a course: CodeNotFound for one that is not in the
// index, CodeUnavailable when the index does not answer.
type Relater interface {
	Related(ctx context.Context, course int64, limit int) (catalog.Related, error)
}

// Details reads whole items from the source of truth. A hidden or missing item is an
// error of CodeNotFound; a MySQL that does not answer is one of CodeUnavailable.
type Details interface {
	Course(ctx context.Context, id int64) (catalog.Course, error)
	Org(ctx context.Context, id int64) (catalog.Org, error)
	Teacher(ctx context.Context, id int64) (catalog.Teacher, error)
	Ready(ctx context.Context) error
}

// Ranker answers rankings; it falls back by itself and then says Degraded.
type Ranker interface {
	Ranking(ctx context.Context, q catalog.RankingQuery) (catalog.Ranking, error)
}

// Events accepts what visitors did. It returns quickly and keeps no personal data: visitor
// and network are already daily salted hashes.
type Events interface {
	// Record accepts an event; CodeInvalid for one that is not valid.
	Record(ctx context.Context, e events.Event) error
	// RecordSearch accepts a search beside the request: it never waits and never fails.
	RecordSearch(visitor, network string, s searchlog.Search, at time.Time)
}

// Consultations takes requests of visitors to be called back.
type Consultations interface {
	// Ask takes a request that comes from an address. Errors: CodeInvalid with every field
	// at fault, CodeTooMany, CodeUnavailable.
	Ask(ctx context.Context, from string, r consultations.Request) error
}

// Warning is something that is not as it should be and keeps no request from being answered.
type Warning struct {
	Component string     `json:"component"`
	Message   string     `json:"message"`
	Count     *int64     `json:"count"`  // of what it is about, where that is counted
	Oldest    *time.Time `json:"oldest"` // of what it is about, where that has a time
	Hint      string     `json:"hint"`   // what to do
}

// Check is one server that readiness depends on.
type Check struct {
	Name    string                          // as /readyz shows it
	Answers bool                            // catalogue and details can be answered out of it alone
	Ready   func(ctx context.Context) error // nil when it answers
}
