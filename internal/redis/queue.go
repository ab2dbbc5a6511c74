package redis

import (
	"context"
	"crypto/rand"
	"fmt"

	goredis "github.com/redis/go-redis/v9"

	"github.com/xunke/xunke/rankings"
)

// The consumer group and its one consumer. All processes read under the same name, so
// that what one of them read and did not count is there for the others at once.
const (
	queueGroup    = "counts"
	queueConsumer = "counter"
)

var _ rankings.Queue = (*Queue)(nil)

// Queue is the stream of events that are not in MySQL yet.
type Queue struct {
	client *Client
}

// NewQueue returns the queue of an installation.
func NewQueue(c *Client) *Queue { return &Queue{client: c} }

func (q *Queue) stream() string { return q.client.eventKeys() + "stream" }

// Waiting is the length of the stream: what is acknowledged is removed from it.
func (q *Queue) Waiting(ctx context.Context) (waiting int64, err error) {
	err = q.client.call(ctx, steady, "measure the queue", func(ctx context.Context) error {
		var err error
		waiting, err = q.client.server.XLen(ctx, q.stream()).Result()
		return err
	})
	return waiting, err
}

// Name returns what tells this stream from one that was lost.
func (q *Queue) Name(ctx context.Context) (name string, err error) {
	err = q.client.call(ctx, steady, "find the queue", func(ctx context.Context) error {
		var err error
		name, err = queueScript.Run(ctx, q.client.server, []string{q.stream(), q.stream() + ":name"},
			rand.Text(), queueGroup).Text()
		return err
	})
	return name, err
}

// Unacknowledged reads again what was read before.
func (q *Queue) Unacknowledged(ctx context.Context, limit int) ([]rankings.Queued, error) {
	return q.read(ctx, "0", limit)
}

// Next reads what was never read.
func (q *Queue) Next(ctx context.Context, limit int) ([]rankings.Queued, error) {
	return q.read(ctx, ">", limit)
}

func (q *Queue) read(ctx context.Context, from string, limit int) ([]rankings.Queued, error) {
	var messages []goredis.XMessage
	err := q.client.call(ctx, steady, "read the queue", func(ctx context.Context) error {
		streams, err := q.client.server.XReadGroup(ctx, &goredis.XReadGroupArgs{
			Group: queueGroup, Consumer: queueConsumer, Streams: []string{q.stream(), from},
			Count: int64(limit), Block: -1, // a negative time does not block
		}).Result()
		if isNone(err) {
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
	events := make([]rankings.Queued, len(messages))
	for i, m := range messages {
		id, err := rankings.ParseQueueID(m.ID)
		if err != nil {
			return nil, err
		}
		events[i] = rankings.Queued{ID: id, Event: decodeEvent(m.Values)}
	}
	return events, nil
}

// Acknowledge removes events, from the group's list first.
func (q *Queue) Acknowledge(ctx context.Context, ids []rankings.QueueID) error {
	names := make([]string, len(ids))
	for i, id := range ids {
		names[i] = id.String()
	}
	return q.client.call(ctx, steady, "acknowledge events", func(ctx context.Context) error {
		_, err := q.client.server.TxPipelined(ctx, func(p goredis.Pipeliner) error {
			p.XAck(ctx, q.stream(), queueGroup, names...)
			p.XDel(ctx, q.stream(), names...)
			return nil
		})
		return err
	})
}

// seenKey is where the visitors of an event's item are remembered, or who has searched.
func (c *Client) seenKey(e rankings.Event) string {
	if e.Type == rankings.EventSearch {
		return fmt.Sprintf("%sseen:%s:%s", c.eventKeys(), dayName(e.At), e.Type)
	}
	return fmt.Sprintf("%sseen:%s:%s:%s", c.eventKeys(), dayName(e.At), e.Type, e.Item)
}
