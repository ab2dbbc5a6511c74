// Package histories keeps the daily counts of what changed lately, so that of an item with years
// of counts only the days are read that changed.
package histories

import (
	"encoding/binary"
	"slices"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/indexer/binlog"
)

const (
	// maxBytes bounds the histories that are kept. Two years of counts are some 4 KB.
	maxBytes = 24 << 20
	// overhead is what keeping one takes beside its bytes.
	overhead = 200
	// mostReadDays is how many days are read of a page. Each is a statement of its own.
	mostReadDays = 31
	// life is how long one is kept before it is read whole again: should it ever lack a
	// change, it does not for longer.
	life = time.Hour
)

// Changes are the days on which the counts of keys changed since each was last read by the
// lane that reads it.
type Changes map[catalog.Key]binlog.Days

// Of are the changes of some of the keys.
func (c Changes) Of(keys []catalog.Key) Changes {
	some := make(Changes, len(keys))
	for _, k := range keys {
		if days, ok := c[k]; ok {
			some[k] = days
		}
	}
	return some
}

// Cache keeps daily counts. For an org a day of them is one of its courses' days instead of
// all of theirs. What is kept of a key is right up to the last change that the
// key's lane has read, since a lane hears of each change and reads after it: the drain
// for courses, that of sums for orgs and teachers. So a key's lane alone asks for it here.
// Whatever else reads the key reads all of it.
type Cache struct {
	mu    sync.Mutex
	kept  *simplelru.LRU[catalog.Key, entry]
	bytes int
	// forgotten counts how often everything was forgotten. What was begun before is not kept.
	forgotten int
}

// entry is one history.
type entry struct {
	packed []byte
	read   time.Time // whole, from MySQL
}

// New returns a cache in which nothing is kept.
func New() *Cache {
	h := &Cache{}
	// An error is for a size below 1 only. What is kept is bounded by its bytes.
	h.kept, _ = simplelru.NewLRU(maxBytes/overhead, func(_ catalog.Key, k entry) {
		h.bytes -= len(k.packed) + overhead
	})
	return h
}

// Reading is one reading of histories, of which some are kept.
type Reading struct {
	cache     *Cache
	changed   Changes
	held      map[catalog.Key]entry
	days      map[catalog.Key][]int64 // of those that are held
	forgotten int
}

// Begin says what is to be read of keys that changed.
func (h *Cache) Begin(changed Changes) Reading {
	r := Reading{cache: h, changed: changed}
	if len(changed) == 0 {
		return r
	}
	r.held, r.days = map[catalog.Key]entry{}, map[catalog.Key][]int64{}
	oldest := time.Now().Add(-life)
	h.mu.Lock()
	defer h.mu.Unlock()
	r.forgotten = h.forgotten
	all := map[int64]struct{}{}
	for k, days := range changed {
		if kept, ok := h.kept.Get(k); ok && !days.Every() && kept.read.After(oldest) {
			r.held[k], r.days[k] = kept, days.Numbers()
			for _, n := range days.Numbers() {
				all[n] = struct{}{}
			}
		}
	}
	if len(all) > mostReadDays {
		clear(r.held)
		clear(r.days)
	}
	return r
}

// Days are the days that are to be read of the histories that are kept. Of other keys all days are.
func (r Reading) Days() map[catalog.Key][]int64 { return r.days }

// End makes the histories whole of which only some days were read, and keeps them all. It
// does neither, and says so, where everything was forgotten meanwhile.
func (r Reading) End(read map[catalog.Key][]catalog.DailyCounts) bool {
	if len(r.changed) == 0 {
		return true
	}
	now := time.Now()
	next := make(map[catalog.Key]entry, len(r.changed))
	for k := range r.changed {
		kept, held := r.held[k]
		if !held {
			next[k] = entry{packed: pack(read[k]), read: now}
			continue
		}
		whole := unpack(kept.packed)
		if len(r.days[k]) > 0 {
			whole = mergeDays(whole, r.days[k], read[k])
			kept.packed = pack(whole)
		}
		next[k] = kept
		if len(whole) == 0 {
			delete(read, k)
		} else {
			read[k] = whole
		}
	}
	h := r.cache
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.forgotten != r.forgotten {
		return false
	}
	for k, kept := range next {
		h.kept.Remove(k)
		h.kept.Add(k, kept)
		h.bytes += len(kept.packed) + overhead
	}
	for h.bytes > maxBytes {
		h.kept.RemoveOldest()
	}
	return true
}

// Keeps says whether the history of a key is kept.
func (h *Cache) Keeps(k catalog.Key) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	kept, ok := h.kept.Peek(k)
	return ok && time.Since(kept.read) < life
}

// Forget forgets everything: rows may have changed of which the stream did not tell one by one.
func (h *Cache) Forget() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.forgotten++
	h.kept.Purge()
}

// ForgetAfter forgets everything if tasks sweep all documents of a kind. It is called when
// what made them necessary can be read.
func (h *Cache) ForgetAfter(tasks map[binlog.FanOut]struct{}) {
	for f := range tasks {
		if f.Relation.Parent() == "" {
			h.Forget()
			return
		}
	}
}

// mergeDays puts what was read of some days in the place of what was known of them. Both
// histories are ascending.
func mergeDays(history []catalog.DailyCounts, days []int64, read []catalog.DailyCounts) []catalog.DailyCounts {
	history = slices.DeleteFunc(history, func(d catalog.DailyCounts) bool {
		_, again := slices.BinarySearch(days, catalog.DayNumber(d.Day))
		return again
	})
	history = append(history, read...)
	slices.SortFunc(history, func(a, b catalog.DailyCounts) int { return a.Day.Compare(b.Day) })
	return history
}

// pack writes an ascending history in a few bytes a day.
func pack(history []catalog.DailyCounts) []byte {
	packed := make([]byte, 0, 4*len(history)+4)
	before := int64(0)
	for _, d := range history {
		n := catalog.DayNumber(d.Day)
		packed = binary.AppendVarint(packed, n-before)
		for _, count := range []int64{d.Views, d.Favorites, d.Enrolments} {
			packed = binary.AppendVarint(packed, count)
		}
		before = n
	}
	return packed
}

func unpack(packed []byte) []catalog.DailyCounts {
	history := make([]catalog.DailyCounts, 0, len(packed)/4)
	next := func() int64 {
		n, length := binary.Varint(packed)
		packed = packed[max(length, 1):] // pack wrote it, so there is one
		return n
	}
	day := int64(0)
	for len(packed) > 0 {
		day += next()
		history = append(history, catalog.DailyCounts{Day: catalog.DayOf(day), Views: next(), Favorites: next(), Enrolments: next()})
	}
	return history
}
