// Package logging limits how often the same line is written to the log. While a server is
// down every request and every attempt would write one.
package logging

import (
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
	"golang.org/x/time/rate"
)

// Interval is the least time between two lines that a Limiter allows.
const Interval = 10 * time.Second

// MaxKeys is how many keys a KeyedLimiter knows. A key that was not used for longest is
// dropped for a new one, and its next line is allowed at once.
const MaxKeys = 100

// Limiter allows one line per Interval and counts those that it suppresses. The zero value
// is ready, and several goroutines may use it.
type Limiter struct {
	mu         sync.Mutex
	sometimes  rate.Sometimes
	suppressed int
}

// Allow reports whether to write a line now and, if so, how many were suppressed since the
// last one that was written.
func (l *Limiter) Allow() (suppressed int, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sometimes.Interval = Interval
	l.sometimes.Do(func() { ok = true })
	if !ok {
		l.suppressed++
		return 0, false
	}
	suppressed, l.suppressed = l.suppressed, 0
	return suppressed, true
}

// KeyedLimiter is a Limiter for each key, such as the name of a server or of an index. The
// zero value is ready, and several goroutines may use it.
type KeyedLimiter struct {
	mu       sync.Mutex
	limiters *simplelru.LRU[string, *Limiter]
}

// Allow is Limiter.Allow of a key.
func (k *KeyedLimiter) Allow(key string) (suppressed int, ok bool) {
	return k.limiter(key).Allow()
}

func (k *KeyedLimiter) limiter(key string) *Limiter {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.limiters == nil {
		k.limiters, _ = simplelru.NewLRU[string, *Limiter](MaxKeys, nil) // fails only for a size below 1
	}
	l, ok := k.limiters.Get(key)
	if !ok {
		l = &Limiter{}
		k.limiters.Add(key, l)
	}
	return l
}
