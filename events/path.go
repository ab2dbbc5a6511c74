package events

import (
	"context"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/xunke/xunke/searchlog"
)

// Path is the whole way of events in one process: what its visitors did goes into the
// queue, and what is in the queue, of whichever process, into the daily counts.
type Path struct {
	recorder *Recorder
	searches *SearchBuffer
	consumer *Consumer
}

// NewPath puts the way together. Without a spill what the queue does not take is dropped,
// without items those of items that are not there only when they are counted.
func NewPath(queue interface {
	Stream
	Queue
}, counter Counter, items Items, spill *Spill, log *slog.Logger,
) *Path {
	recorder := NewRecorder(queue, spill, log).WithItems(items)
	searches := NewSearchBuffer(recorder.Record)
	searches.losses = recorder.losses
	return &Path{
		recorder: recorder,
		searches: searches,
		consumer: &Consumer{Queue: queue, Counter: counter, Log: log},
	}
}

// Record accepts an event; see Recorder.Record.
func (p *Path) Record(ctx context.Context, e Event) error { return p.recorder.Record(ctx, e) }

// RecordSearch accepts a search beside the request: it never waits and never fails.
func (p *Path) RecordSearch(visitor, network string, s searchlog.Search, at time.Time) {
	p.searches.Add(visitor, network, s, at)
}

// Losses is how many events were lost since the start of the process, if any was in the
// last minutes, and when the last was.
func (p *Path) Losses() (total int64, last time.Time, lately bool) { return p.recorder.losses.recent() }

// Run carries events on until ctx ends, and then returns nil.
func (p *Path) Run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return p.recorder.Run(ctx) })
	group.Go(func() error { return p.searches.Run(ctx) })
	group.Go(func() error { return p.consumer.Run(ctx) })
	return group.Wait()
}
