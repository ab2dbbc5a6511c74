package events

import (
	"context"
	"time"
)

// How long what was searched for is kept.
const (
	// SearchLife is how long single searches are remembered, so that a click finds its own.
	SearchLife = 48 * time.Hour
	// SearchCountLife is how long the daily counts of searches are kept.
	SearchCountLife = 400 * 24 * time.Hour
)

// Counter adds events to the daily counts.
type Counter interface {
	// Count calls read while no other process counts the same queue, and adds what it
	// returns to the daily counts, in one transaction with the place up to which the queue
	// is counted. Events up to that place were counted before and are passed over, as are
	// searches whose id is known; views and clicks of items that are hidden or not there,
	// and clicks of searches that are not known, are dropped.
	Count(ctx context.Context, queue string, read func(ctx context.Context) ([]QueuedEvent, error)) (CountResult, error)
	// Prune removes what is older than SearchLife and SearchCountLife, a bounded number of
	// rows; more says that there are others.
	Prune(ctx context.Context, now time.Time) (more bool, err error)
}

// CountResult says what became of a batch of events.
type CountResult struct {
	Done     []QueueID // all of them; they may be acknowledged
	Added    int       // to the counts
	Dropped  int       // unknown or hidden item, unknown search, or unreadable
	Repeated int       // counted before
	Capped   int       // noted as not counted
}
