package queue

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strconv"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/events"
	"github.com/xunke/xunke/internal/redis"
)

const (
	// maxWaiting is how many events may wait in Redis, about 60 MB.
	maxWaiting = 500_000
	// dayLife is how long a day's visitors are remembered, from its beginning: the day
	// itself, and another for events that were spilled.
	dayLife = 48 * time.Hour
	// dayBuckets is over how many keys the visitors of a day are spread, however many items
	// they name. Redis keeps a set of up to 512 integers in 8 bytes each, and a bucket that
	// has more in some 40.
	dayBuckets = 4096
)

// outcomes are what the scripts answer; "full" is an error.
var outcomes = map[string]events.Outcome{"new": events.Added, "seen": events.Repeated, "capped": events.Capped}

// Add puts an event into the queue: each visitor's event at an item once a day, and every
// search, as far as the caps of its network let it. Errors are those of events.Stream.
func (q *Queue) Add(ctx context.Context, e events.Event) (events.Outcome, error) {
	keys, args, script := q.recordArgs(e)
	if e.Type == events.Search {
		keys, args, script = q.searchArgs(e)
	}
	var answer string
	err := q.client.Call(ctx, redis.VisitorTimeout, "record an event", func(ctx context.Context, server goredis.UniversalClient) error {
		var err error
		answer, err = script.Run(ctx, server, keys, args...).Text()
		return err
	})
	if err != nil {
		return 0, err
	}
	outcome, ok := outcomes[answer]
	if !ok {
		return 0, events.ErrQueueFull
	}
	return outcome, nil
}

// recordArgs are what record.lua gets for a view or a click.
func (q *Queue) recordArgs(e events.Event) (keys []string, args []any, script *goredis.Script) {
	item := string(e.Type) + " " + e.Item.String()
	// A hit that is opened from two searches counts in both.
	visit := numberOf(e.Visitor, item, e.SearchID)
	share, capped := numberOf(e.Network, item), ""
	if e.Type == events.View {
		capped = fieldCapped
	}
	keys = []string{q.dayKey(e, "seen", bucketOf(visit)), q.stream(), q.dayKey(e, "shares", bucketOf(share)), q.dayKey(e, "networks", "")}
	args = []any{visit, q.life(e), maxWaiting, share, q.caps.Visitors, networkOf(e), q.caps.Events, capped}
	return keys, append(args, encodeEvent(e)...), recordScript
}

// searchArgs are what search.lua gets for a search.
func (q *Queue) searchArgs(e events.Event) (keys []string, args []any, script *goredis.Script) {
	query, asked := any(""), numberOf(e.Visitor, "search", e.Search.Query)
	if e.Search.Query != "" {
		query = numberOf("query", e.Search.Query)
	}
	keys = []string{q.dayKey(e, "seen", bucketOf(numberOf(e.Search.Query))), q.stream(), q.dayKey(e, "queries", ""), q.dayKey(e, "networks", "")}
	args = []any{
		asked, q.life(e), maxWaiting, numberOf(e.Network, "network", e.Search.Query), q.caps.Queries, networkOf(e), q.caps.Events,
		events.MaxDayQueries, query, fieldNew, fieldNewNetwork,
	}
	return keys, append(args, encodeEvent(e)...), searchScript
}

// dayKey is where something of the day of an event is remembered.
func (q *Queue) dayKey(e events.Event, what, bucket string) string {
	key := fmt.Sprintf("%s%s:%s", q.keys(), what, catalog.Day(e.At).Format(time.DateOnly))
	if bucket == "" {
		return key
	}
	return key + ":" + bucket
}

// life is for how many seconds from now the day of an event is remembered.
func (q *Queue) life(e events.Event) int64 {
	return int64(max(time.Hour, catalog.Day(e.At).Add(dayLife).Sub(q.now())).Seconds())
}

func bucketOf(n int64) string { return strconv.FormatUint(uint64(n)%dayBuckets, 10) }

// networkOf stands for the network of an event, empty if it is not known.
func networkOf(e events.Event) any {
	if e.Network == "" {
		return ""
	}
	return numberOf("network", e.Network)
}

// numberOf stands for some texts together.
func numberOf(texts ...string) int64 {
	h := sha256.New()
	for _, t := range texts {
		h.Write([]byte(t + "\n"))
	}
	return int64(binary.BigEndian.Uint64(h.Sum(nil)[:8]))
}
