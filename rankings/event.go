package rankings

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/searchlog"
)

// EventType says what a visitor did.
type EventType string

// The events. A view counts in the rankings; a search, and a click that says which of its
// hits was opened, count in the report on searches only.
const (
	EventView   EventType = "view"
	EventClick  EventType = "click"
	EventSearch EventType = "search"
)

// EventTypes lists the events.
func EventTypes() []EventType { return []EventType{EventView, EventClick, EventSearch} }

// Event is one thing that a visitor did. It holds no personal data.
type Event struct {
	Type     EventType
	Item     catalog.Key      // of a view or a click
	Visitor  string           // a hash that changes every day; decides what is a repetition, and is not kept
	SearchID string           // of a search or a click
	Position int              // of a click, from 1
	Search   *searchlog.Entry `json:",omitempty"` // of a search
	At       time.Time
}

// QueueID is the place of an event in a queue. A queue never gives out a smaller one
// after a greater one.
type QueueID struct{ Millis, Sequence uint64 }

// ParseQueueID reads "1732320000000-0".
func ParseQueueID(s string) (QueueID, error) {
	millis, sequence, ok := strings.Cut(s, "-")
	if !ok {
		return QueueID{}, fmt.Errorf("read queue id %q: no dash", s)
	}
	var id QueueID
	var err error
	if id.Millis, err = strconv.ParseUint(millis, 10, 64); err != nil {
		return QueueID{}, fmt.Errorf("read queue id: %w", err)
	}
	if id.Sequence, err = strconv.ParseUint(sequence, 10, 64); err != nil {
		return QueueID{}, fmt.Errorf("read queue id: %w", err)
	}
	return id, nil
}

// String is the form that ParseQueueID reads.
func (i QueueID) String() string { return fmt.Sprintf("%d-%d", i.Millis, i.Sequence) }

// Compare is negative if i comes before j, 0 if they are equal, positive otherwise.
func (i QueueID) Compare(j QueueID) int {
	return cmp.Or(cmp.Compare(i.Millis, j.Millis), cmp.Compare(i.Sequence, j.Sequence))
}

// Queued is an event in a queue. One that could not be read has no Type.
type Queued struct {
	ID    QueueID
	Event Event
}

// Queue holds events until they are counted. It is one line: whoever reads from it reads
// as the same consumer.
type Queue interface {
	// Waiting is how many events are not acknowledged, those that were read included.
	Waiting(ctx context.Context) (int64, error)
	// Name tells this queue from another that was lost; it makes the queue if need be.
	Name(ctx context.Context) (string, error)
	// Unacknowledged returns the oldest events that were read before, in order.
	Unacknowledged(ctx context.Context, limit int) ([]Queued, error)
	// Next returns the oldest events that were never read, in order.
	Next(ctx context.Context, limit int) ([]Queued, error)
	// Acknowledge removes events from the queue.
	Acknowledge(ctx context.Context, ids []QueueID) error
}

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
	Count(ctx context.Context, queue string, read func(ctx context.Context) ([]Queued, error)) (Counted, error)
	// Prune removes what is older than SearchLife and SearchCountLife, a bounded number of
	// rows; more says that there are others.
	Prune(ctx context.Context, now time.Time) (more bool, err error)
}

// Counted says what became of a batch of events.
type Counted struct {
	Done     []QueueID // all of them; they may be acknowledged
	Added    int       // to the counts
	Dropped  int       // unknown or hidden item, unknown search, or unreadable
	Repeated int       // counted before
}
