package events

import (
	"log/slog"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

const (
	// lossEvery is how often a loss of events is logged.
	lossEvery = time.Minute
	// lossTold is for how long after the last loss it is told of.
	lossTold = 10 * time.Minute
)

// losses counts events that were lost, and says so once a minute: each of them is one that
// a ranking or a report lacks for good.
type losses struct {
	log *slog.Logger

	mu       sync.Mutex
	every    rate.Sometimes
	total    int64
	unlogged int64
	last     time.Time
}

func newLosses(log *slog.Logger) *losses {
	return &losses{log: log, every: rate.Sometimes{Interval: lossEvery}}
}

// add notes that an event was lost, and why.
func (l *losses) add(why error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.total++
	l.unlogged++
	l.last = time.Now()
	l.every.Do(func() {
		l.log.Error("visitors' events are lost: neither the queue nor the file takes them", "events", l.unlogged, "in_all", l.total, "err", why)
		l.unlogged = 0
	})
}

// recent is how many were lost since the start, if any was of late.
func (l *losses) recent() (total int64, last time.Time, lately bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.total, l.last, l.total > 0 && time.Since(l.last) < lossTold
}
