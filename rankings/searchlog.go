package rankings

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/xunke/xunke/searchlog"
)

const (
	// logMost is how many searches may wait to be recorded.
	logMost = 4096
	// logWithin is how long what waits at the end may take.
	logWithin = 2 * time.Second
)

// Recorder takes events. It returns in about the time of one round trip.
type Recorder interface {
	Record(ctx context.Context, e Event) error
}

// SearchLog carries searches to a recorder beside the requests that they come from, which
// never wait for it: what comes faster than it is recorded is dropped and counted.
type SearchLog struct {
	to      Recorder
	queue   chan logged
	dropped atomic.Int64
}

type logged struct {
	search  searchlog.Search
	visitor string
	at      time.Time
}

// NewSearchLog makes an empty log; Run records what is added.
func NewSearchLog(to Recorder) *SearchLog {
	return &SearchLog{to: to, queue: make(chan logged, logMost)}
}

// Dropped is how many searches were dropped since the start of the process.
func (l *SearchLog) Dropped() int64 { return l.dropped.Load() }

// Add takes a search. It never waits.
func (l *SearchLog) Add(visitor string, s searchlog.Search, at time.Time) {
	select {
	case l.queue <- logged{s, visitor, at}:
	default:
		l.dropped.Add(1)
	}
}

// Run records searches until ctx ends, then those that wait, and returns nil.
func (l *SearchLog) Run(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return l.finish(context.WithoutCancel(ctx))
		case s := <-l.queue:
			l.record(context.WithoutCancel(ctx), s)
		}
	}
}

func (l *SearchLog) finish(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, logWithin)
	defer cancel()
	for ctx.Err() == nil {
		select {
		case s := <-l.queue:
			l.record(ctx, s)
		default:
			return nil
		}
	}
	l.dropped.Add(int64(len(l.queue)))
	return nil
}

func (l *SearchLog) record(ctx context.Context, s logged) {
	entry, ok := searchlog.EntryOf(s.search)
	if !ok {
		return
	}
	e := Event{Type: EventSearch, SearchID: s.search.ID, Search: &entry, Visitor: s.visitor, At: s.at}
	if l.to.Record(ctx, e) != nil {
		l.dropped.Add(1) // it is no event that the recorder knows
	}
}
