package events

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// ErrQueueFull says that events are not counted as fast as they come.
var ErrQueueFull = errors.New("the queue of events is full")

// Stream is the end of a queue into which events are put.
type Stream interface {
	// Add puts an event into the queue to be counted, if the outcome is Added. Errors:
	// ErrQueueFull, or CodeUnavailable, whose cause is catalog.ErrNotConfigured where there
	// is no queue.
	Add(ctx context.Context, e Event) (Outcome, error)
}

// Outcome says what became of an event that a Stream was given.
type Outcome int

// The outcomes.
const (
	Added    Outcome = iota
	Repeated         // the visitor's same event at the item is known
	Capped           // its network has had its share of the item or of the day: not counted
)

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

// QueuedEvent is an event in a queue. One that could not be read has no Type.
type QueuedEvent struct {
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
	// ReadUnacknowledged returns the oldest events that were read before, in order.
	ReadUnacknowledged(ctx context.Context, limit int) ([]QueuedEvent, error)
	// Next returns the oldest events that were never read, in order.
	Next(ctx context.Context, limit int) ([]QueuedEvent, error)
	// Acknowledge removes events from the queue.
	Acknowledge(ctx context.Context, ids []QueueID) error
}
