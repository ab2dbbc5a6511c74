package events

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/xunke/xunke/searchlog"
)

const (
	// maxBuffered is how many searches may wait to be recorded.
	maxBuffered = 4096
	// flushTimeout is how long what waits at the end may take.
	flushTimeout = 2 * time.Second
)

// SearchBuffer carries searches to a recorder beside the requests that they come from, which
// never wait for it: what comes faster than it is recorded is dropped and counted.
type SearchBuffer struct {
	record  func(ctx context.Context, e Event) error
	queue   chan answeredSearch
	dropped atomic.Int64
	losses  *losses // nil: they are only counted
}

// answeredSearch is a search, who asked and when it was answered.
type answeredSearch struct {
	search  searchlog.Search
	visitor string
	network string
	at      time.Time
}

// NewSearchBuffer makes an empty buffer; Run records what is added, as Recorder.Record does.
func NewSearchBuffer(record func(ctx context.Context, e Event) error) *SearchBuffer {
	return &SearchBuffer{record: record, queue: make(chan answeredSearch, maxBuffered)}
}

// DroppedCount is how many searches were dropped since the start of the process.
func (b *SearchBuffer) DroppedCount() int64 { return b.dropped.Load() }

// Add takes a search, with the daily hashes of who asked and of the network that they asked
// from. It never waits.
func (b *SearchBuffer) Add(visitor, network string, s searchlog.Search, at time.Time) {
	select {
	case b.queue <- answeredSearch{s, visitor, network, at}:
	default:
		b.dropped.Add(1)
		if b.losses != nil {
			b.losses.add(errBufferFull)
		}
	}
}

var errBufferFull = errors.New("searches come faster than they are recorded")

// Run records searches until ctx ends, then those that wait, and returns nil.
func (b *SearchBuffer) Run(ctx context.Context) error {
	// Where both can go on, select takes either: a full queue would put the end off.
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case s := <-b.queue:
			b.put(context.WithoutCancel(ctx), s)
		}
	}
	return b.flush(context.WithoutCancel(ctx))
}

func (b *SearchBuffer) flush(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, flushTimeout)
	defer cancel()
	for ctx.Err() == nil {
		select {
		case s := <-b.queue:
			b.put(ctx, s)
		default:
			return nil
		}
	}
	b.dropped.Add(int64(len(b.queue)))
	return nil
}

func (b *SearchBuffer) put(ctx context.Context, s answeredSearch) {
	entry, ok := searchlog.EntryOf(s.search)
	if !ok {
		return
	}
	e := Event{Type: Search, SearchID: s.search.ID, Search: &entry, Visitor: s.visitor, Network: s.network, At: s.at}
	if b.record(ctx, e) != nil {
		b.dropped.Add(1) // it is no event that the recorder knows
	}
}
