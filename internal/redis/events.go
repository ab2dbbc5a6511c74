package redis

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/rankings"
)

const (
	// maxWaiting is how many events may wait in Redis, about 60 MB.
	maxWaiting = 500_000
	// seenLife is how long visitors of a day are remembered, from its beginning: the day
	// itself, and another for events that were spilled.
	seenLife = 48 * time.Hour
	// replayEvery is how often spilled events are looked for.
	replayEvery = time.Second
)

// errFull says that events are not counted as fast as they come.
var errFull = errors.New("the queue of events is full")

// Events takes what visitors did: each visitor's event at an item once a day, and every
// search. What Redis does not take is spilled to a file, and put into Redis later.
type Events struct {
	client *Client
	spill  *Spill // nil: nothing is spilled
	now    func() time.Time
	log    *slog.Logger

	recorded, repeated, spilled, replayed, dropped atomic.Int64

	taken map[rankings.EventType]*atomic.Int64
}

// NewEvents records into an installation's queue. Without a spill what Redis does not
// take is dropped. A nil now is time.Now.
func NewEvents(c *Client, spill *Spill, now func() time.Time, log *slog.Logger) *Events {
	if now == nil {
		now = time.Now
	}
	e := &Events{client: c, spill: spill, now: now, log: log, taken: map[rankings.EventType]*atomic.Int64{}}
	for _, t := range rankings.EventTypes() {
		e.taken[t] = new(atomic.Int64)
	}
	return e
}

// EventStats are sums since the start of the process.
type EventStats struct {
	Recorded int64 `json:"recorded"` // put into the queue, replayed ones included
	Repeated int64 `json:"repeated"` // the visitor was there on that day
	Spilled  int64 `json:"spilled"`  // written to the file
	Replayed int64 `json:"replayed"` // read from the file
	Dropped  int64 `json:"dropped"`  // lost: no room in queue and file
}

// Stats may be asked at any time.
func (e *Events) Stats() EventStats {
	return EventStats{
		Recorded: e.recorded.Load(), Repeated: e.repeated.Load(),
		Spilled: e.spilled.Load(), Replayed: e.replayed.Load(), Dropped: e.dropped.Load(),
	}
}

// Taken is how many events of a type came since the start of the process.
func (e *Events) Taken(t rankings.EventType) int64 { return e.taken[t].Load() }

// Record takes an event. It returns in about the time of one round trip to Redis; an
// event that neither Redis nor the file takes is counted as dropped and is no error. The
// error is CodeInvalid for what is no event.
func (e *Events) Record(ctx context.Context, event rankings.Event) error {
	if err := checkEvent(event); err != nil {
		return err
	}
	e.taken[event.Type].Add(1)
	switch err := e.enqueue(ctx, event); {
	case errors.Is(err, rankings.ErrOff):
		e.dropped.Add(1) // nobody will ever count it
	case err != nil:
		e.putOff(event)
	}
	return nil
}

func checkEvent(event rankings.Event) error {
	switch event.Type {
	case rankings.EventSearch:
		if event.SearchID == "" || event.Search == nil {
			return catalog.Invalidf("search", "a search needs an id and what it was")
		}
		return nil
	case rankings.EventView, rankings.EventClick:
	default:
		return catalog.Invalidf("type", "%q is not one of view, click, search", event.Type)
	}
	if event.Item.ID < 1 {
		return catalog.Invalidf("id", "%d is not an id: ids begin at 1", event.Item.ID)
	}
	_, err := catalog.ParseKind(string(event.Item.Kind))
	return err
}

// putOff leaves an event in the file, or counts it as dropped.
func (e *Events) putOff(event rankings.Event) {
	if e.spill == nil || e.spillEvent(event) != nil {
		e.dropped.Add(1)
		return
	}
	e.spilled.Add(1)
}

func (e *Events) spillEvent(event rankings.Event) error {
	line, err := json.Marshal(event)
	if err != nil {
		return fmt.Errorf("encode event: %w", err)
	}
	return e.spill.Append(line)
}

func (e *Events) enqueue(ctx context.Context, event rankings.Event) error {
	forget := max(time.Hour, rankings.Day(event.At).Add(seenLife).Sub(e.now()))
	args, script := []any{visitorNumber(event), int64(forget.Seconds()), maxWaiting}, recordScript
	if event.Type == rankings.EventSearch {
		args, script = append(args, fieldNew), searchScript
	}
	args = append(args, encodeEvent(event)...)
	var outcome string
	err := e.client.call(ctx, quick, "record an event", func(ctx context.Context) error {
		var err error
		keys := []string{e.client.seenKey(event), e.client.eventKeys() + "stream"}
		outcome, err = script.Run(ctx, e.client.server, keys, args...).Text()
		return err
	})
	switch {
	case err != nil:
		return err
	case outcome == "full":
		return errFull
	case outcome == "seen":
		e.repeated.Add(1)
	default:
		e.recorded.Add(1)
	}
	return nil
}

// visitorNumber stands for a visitor among those of an item, and of a click also for the
// search: a hit that is opened from two searches counts in both. Of a search it stands for
// visitor and query.
func visitorNumber(event rankings.Event) int64 {
	what := event.SearchID
	if event.Type == rankings.EventSearch {
		what = event.Search.Query
	}
	sum := sha256.Sum256([]byte(event.Visitor + "\n" + what))
	return int64(binary.BigEndian.Uint64(sum[:8]))
}

// Run puts spilled events back into the queue whenever Redis answers, until ctx ends,
// and then returns nil.
func (e *Events) Run(ctx context.Context) error {
	if e.spill == nil {
		<-ctx.Done()
		return nil
	}
	ticker := time.NewTicker(replayEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		n, err := e.Replay(ctx)
		switch {
		case n > 0:
			e.log.Info("events put into the queue that were spilled while redis did not answer", "events", n)
		case err != nil && catalog.CodeOf(err) != catalog.CodeUnavailable && !errors.Is(err, errFull) && ctx.Err() == nil:
			e.log.Error("spilled events cannot be put into the queue", "err", err)
		}
	}
}

// Replay puts spilled events into the queue until Redis does not answer, and returns how
// many it has dealt with. Those that were there already are not counted twice.
func (e *Events) Replay(ctx context.Context) (int, error) {
	if e.spill == nil {
		return 0, nil
	}
	return e.spill.Replay(func(line []byte) error {
		var event rankings.Event
		if err := json.Unmarshal(line, &event); err != nil {
			e.dropped.Add(1)
			return nil //nolint:nilerr // a line that was cut when the machine stopped
		}
		if err := e.enqueue(ctx, event); err != nil {
			return err
		}
		e.replayed.Add(1)
		return nil
	})
}
