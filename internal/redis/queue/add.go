package queue

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/events"
	"github.com/xunke/xunke/internal/redis"
)

const (
	// maxWaiting is how many events may wait in Redis, about 60 MB.
	maxWaiting = 500_000
	// visitorLife is how long visitors of a day are remembered, from its beginning: the day
	// itself, and another for events that were spilled.
	visitorLife = 48 * time.Hour
)

// Add puts an event into the queue: each visitor's event at an item once a day, and every
// search. Errors are those of events.Stream.
func (q *Queue) Add(ctx context.Context, e events.Event) (repeated bool, err error) {
	expiry := max(time.Hour, catalog.Day(e.At).Add(visitorLife).Sub(q.now()))
	args, script := []any{visitorNumber(e), int64(expiry.Seconds()), maxWaiting}, recordScript
	if e.Type == events.Search {
		args, script = append(args, fieldNew), searchScript
	}
	args = append(args, encodeEvent(e)...)
	var outcome string
	err = q.client.Call(ctx, redis.VisitorTimeout, "record an event", func(ctx context.Context, server goredis.UniversalClient) error {
		var err error
		outcome, err = script.Run(ctx, server, []string{q.visitorKey(e), q.stream()}, args...).Text()
		return err
	})
	if err == nil && outcome == "full" {
		err = events.ErrQueueFull
	}
	return outcome == "seen", err
}

// visitorKey is where the visitors of an event's item are remembered, or who has searched.
func (q *Queue) visitorKey(e events.Event) string {
	key := fmt.Sprintf("%sseen:%s:%s", q.keys(), catalog.Day(e.At).Format(time.DateOnly), e.Type)
	if e.Type == events.Search {
		return key
	}
	return key + ":" + e.Item.String()
}

// visitorNumber stands for a visitor among those of an item, and of a click also for the
// search: a hit that is opened from two searches counts in both. Of a search it stands for
// visitor and query.
func visitorNumber(e events.Event) int64 {
	what := e.SearchID
	if e.Type == events.Search {
		what = e.Search.Query
	}
	sum := sha256.Sum256([]byte(e.Visitor + "\n" + what))
	return int64(binary.BigEndian.Uint64(sum[:8]))
}
