package httpserver

import (
	"sync"
	"time"
)

// logEvery is the least time between two log lines about the same trouble.
const logEvery = 10 * time.Second

// logLimit lets one line through in each span of logEvery and counts the others.
type logLimit struct {
	mu     sync.Mutex
	last   time.Time
	missed int
}

// allow says whether a line may be written now, and how many were not since the last.
func (l *logLimit) allow(now time.Time) (missed int, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.last.IsZero() && now.Sub(l.last) < logEvery {
		l.missed++
		return 0, false
	}
	missed, l.missed, l.last = l.missed, 0, now
	return missed, true
}
