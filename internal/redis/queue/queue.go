// Package queue is a stream in Redis in which events wait until they are in MySQL.
package queue

import (
	"context"
	"crypto/rand"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/xunke/xunke/events"
	"github.com/xunke/xunke/internal/redis"
)

// The consumer group and its one consumer. All processes read under the same name, so
// that what one of them read and did not count is there for the others at once.
const (
	queueGroup    = "counts"
	queueConsumer = "counter"
)

var (
	_ events.Stream = (*Queue)(nil)
	_ events.Queue  = (*Queue)(nil)
)

// Queue is the stream of events that are not in MySQL yet. Its keys:
//
//	stream                                  the events
//	stream:name                             tells this stream from one that was lost
//	seen:2026-11-23:0 … :4095               sets of visitors with the items and queries they came for
//	shares:2026-11-23:0 … :4095             how many visitors came to items from networks
//	networks:2026-11-23                     how many events came from networks
//	queries:2026-11-23                      which queries were asked
//
// What is kept of a day goes a bit over a day later. It holds hashes of hashes that change
// every day, cut to 64 bits.
type Queue struct {
	client *redis.Client
	caps   events.Caps
	now    func() time.Time
}

// New returns the queue of an installation. A nil now is time.Now.
func New(c *redis.Client, now func() time.Time) *Queue {
	if now == nil {
		now = time.Now
	}
	return &Queue{client: c, now: now}
}

// WithCaps has a queue bound what one network may add on a day, and returns it.
func (q *Queue) WithCaps(caps events.Caps) *Queue {
	q.caps = caps
	return q
}

func (q *Queue) keys() string { return q.client.Keys("events") }

func (q *Queue) stream() string { return q.keys() + "stream" }

// Waiting is the length of the stream: what is acknowledged is removed from it.
func (q *Queue) Waiting(ctx context.Context) (waiting int64, err error) {
	err = q.client.Call(ctx, redis.WorkerTimeout, "measure the queue", func(ctx context.Context, server goredis.UniversalClient) error {
		var err error
		waiting, err = server.XLen(ctx, q.stream()).Result()
		return err
	})
	return waiting, err
}

// Name returns what tells this stream from one that was lost.
func (q *Queue) Name(ctx context.Context) (name string, err error) {
	err = q.client.Call(ctx, redis.WorkerTimeout, "find the queue", func(ctx context.Context, server goredis.UniversalClient) error {
		var err error
		name, err = queueScript.Run(ctx, server, []string{q.stream(), q.stream() + ":name"},
			rand.Text(), queueGroup).Text()
		return err
	})
	return name, err
}

// ReadUnacknowledged reads again what was read before.
func (q *Queue) ReadUnacknowledged(ctx context.Context, limit int) ([]events.QueuedEvent, error) {
	return q.read(ctx, "0", limit)
}

// Next reads what was never read.
func (q *Queue) Next(ctx context.Context, limit int) ([]events.QueuedEvent, error) {
	return q.read(ctx, ">", limit)
}

func (q *Queue) read(ctx context.Context, from string, limit int) ([]events.QueuedEvent, error) {
	var messages []goredis.XMessage
	err := q.client.Call(ctx, redis.WorkerTimeout, "read the queue", func(ctx context.Context, server goredis.UniversalClient) error {
		streams, err := server.XReadGroup(ctx, &goredis.XReadGroupArgs{
			Group: queueGroup, Consumer: queueConsumer, Streams: []string{q.stream(), from},
			Count: int64(limit), Block: -1, // a negative time does not block
		}).Result()
		if redis.IsNil(err) {
			return nil
		}
		for _, s := range streams {
			messages = append(messages, s.Messages...)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	queued := make([]events.QueuedEvent, len(messages))
	for i, m := range messages {
		id, err := events.ParseQueueID(m.ID)
		if err != nil {
			return nil, err
		}
		queued[i] = events.QueuedEvent{ID: id, Event: decodeEvent(m.Values)}
	}
	return queued, nil
}

// Acknowledge removes events, from the group's list first.
func (q *Queue) Acknowledge(ctx context.Context, ids []events.QueueID) error {
	names := make([]string, len(ids))
	for i, id := range ids {
		names[i] = id.String()
	}
	return q.client.Call(ctx, redis.WorkerTimeout, "acknowledge events", func(ctx context.Context, server goredis.UniversalClient) error {
		_, err := server.TxPipelined(ctx, func(p goredis.Pipeliner) error {
			p.XAck(ctx, q.stream(), queueGroup, names...)
			p.XDel(ctx, q.stream(), names...)
			return nil
		})
		return err
	})
}
