package events

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/xunke/xunke/catalog"
)

// replayEvery is how often spilled events are looked for.
const replayEvery = time.Second

// Recorder accepts what visitors did. What the queue does not take is spilled to a file,
// and put into the queue later.
type Recorder struct {
	stream Stream
	spill  *Spill // nil: nothing is spilled
	log    *slog.Logger

	items  Items // nil: those that are not there are dropped when they are counted
	losses *losses

	recorded, repeated, capped, unknown, spilled, replayed, dropped atomic.Int64

	accepted map[Type]*atomic.Int64
}

// NewRecorder records into a queue. Without a spill what the queue does not take is dropped.
func NewRecorder(to Stream, spill *Spill, log *slog.Logger) *Recorder {
	r := &Recorder{stream: to, spill: spill, log: log, losses: newLosses(log), accepted: map[Type]*atomic.Int64{}}
	for _, t := range Types() {
		r.accepted[t] = new(atomic.Int64)
	}
	return r
}

var errNoSpill = errors.New("there is no file for them: run_dir is not set")

// Items says which items there are.
type Items interface {
	// Known is true of an item that visitors can see, and where that is not known now.
	Known(ctx context.Context, k catalog.Key) bool
}

// WithItems has events of items that are not there dropped before they take any room, and
// returns the recorder.
func (r *Recorder) WithItems(items Items) *Recorder {
	r.items = items
	return r
}

// RecorderStats are sums since the start of the process.
type RecorderStats struct {
	Recorded int64 // put into the queue, replayed ones included
	Repeated int64 // the visitor was there on that day
	Capped   int64 // beyond what counts of one network
	Unknown  int64 // of items that are not there
	Spilled  int64 // written to the file
	Replayed int64 // read from the file
	Dropped  int64 // lost: no room in queue and file
}

// Stats may be asked at any time.
func (r *Recorder) Stats() RecorderStats {
	return RecorderStats{
		Recorded: r.recorded.Load(), Repeated: r.repeated.Load(), Capped: r.capped.Load(), Unknown: r.unknown.Load(),
		Spilled: r.spilled.Load(), Replayed: r.replayed.Load(), Dropped: r.dropped.Load(),
	}
}

// AcceptedCount is how many events of a type came since the start of the process.
func (r *Recorder) AcceptedCount(t Type) int64 { return r.accepted[t].Load() }

// Record accepts an event. It returns in about the time of one round trip to the queue; an
// event that neither queue nor file takes is counted as dropped and is no error. The
// error is CodeInvalid for what is no event.
func (r *Recorder) Record(ctx context.Context, e Event) error {
	if err := e.Validate(); err != nil {
		return err
	}
	r.accepted[e.Type].Add(1)
	if r.items != nil && e.Item.ID != 0 && !r.items.Known(ctx, e.Item) {
		r.unknown.Add(1)
		return nil
	}
	switch err := r.enqueue(ctx, e); {
	case errors.Is(err, catalog.ErrNotConfigured):
		r.dropped.Add(1) // nobody will ever count it
	case err != nil:
		r.spillOrDrop(e, err)
	}
	return nil
}

// spillOrDrop leaves an event in the file, or counts it as dropped.
func (r *Recorder) spillOrDrop(e Event, refused error) {
	err := errNoSpill
	if r.spill != nil {
		err = r.spillEvent(e)
	}
	if err != nil {
		r.dropped.Add(1)
		r.losses.add(errors.Join(refused, err))
		return
	}
	r.spilled.Add(1)
}

func (r *Recorder) spillEvent(e Event) error {
	line, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("encode event: %w", err)
	}
	return r.spill.Append(line)
}

func (r *Recorder) enqueue(ctx context.Context, e Event) error {
	outcome, err := r.stream.Add(ctx, e)
	if err != nil {
		return err
	}
	switch outcome {
	case Repeated:
		r.repeated.Add(1)
	case Capped:
		r.capped.Add(1)
	default:
		r.recorded.Add(1)
	}
	return nil
}

// Run puts spilled events back into the queue whenever it answers, until ctx ends, and
// then returns nil.
func (r *Recorder) Run(ctx context.Context) error {
	if r.spill == nil {
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
		n, err := r.Replay(ctx)
		switch {
		case n > 0:
			r.log.Info("events put into the queue that were spilled while redis did not answer", "events", n)
		case err != nil && catalog.CodeOf(err) != catalog.CodeUnavailable && !errors.Is(err, ErrQueueFull) && ctx.Err() == nil:
			r.log.Error("spilled events cannot be put into the queue", "err", err)
		}
	}
}

// parseSpilled reads a line of the spill file. A line that was cut when the machine stopped
// is no event.
func parseSpilled(line []byte) (e Event, ok bool) {
	ok = json.Unmarshal(line, &e) == nil && e.Validate() == nil
	return e, ok
}

// Replay puts spilled events into the queue until it does not answer, and returns how
// many it has dealt with. Those that were there already are not counted twice.
func (r *Recorder) Replay(ctx context.Context) (int, error) {
	if r.spill == nil {
		return 0, nil
	}
	return r.spill.Replay(func(line []byte) error {
		e, ok := parseSpilled(line)
		if !ok {
			r.dropped.Add(1)
			return nil
		}
		if err := r.enqueue(ctx, e); err != nil {
			return err
		}
		r.replayed.Add(1)
		return nil
	})
}
