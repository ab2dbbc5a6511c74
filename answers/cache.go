package answers

import (
	"math"
	"sync"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// cache holds answers by their keys, so many bytes of them. Those that were used longest
// ago leave first.
type cache struct {
	most int64

	mu      sync.Mutex
	list    *simplelru.LRU[string, *entry]
	bytes   int64
	evicted int64
}

// entry is an answer with what it takes.
type entry struct {
	kept  *Kept
	bytes int64
}

func newCache(most int64) *cache {
	list, _ := simplelru.NewLRU[string, *entry](math.MaxInt32, nil) // fails only for a size below 1; what bounds it is bytes
	return &cache{most: most, list: list}
}

// get is the answer of a key, which becomes the one that was used last; nil: there is none.
func (c *cache) get(key string) *Kept {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e, ok := c.list.Get(key); ok {
		return e.kept
	}
	return nil
}

func (c *cache) peek(key string) *Kept {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e, ok := c.list.Peek(key); ok {
		return e.kept
	}
	return nil
}

// put keeps an answer in the place of the one before. What is larger than a part of all is
// not kept: one answer shall not push out all others.
func (c *cache) put(key string, kept *Kept) {
	e := &entry{kept: kept, bytes: sizeOf(kept) + int64(len(key))}
	kept.grow = func(bytes int64) { c.grow(key, e, bytes) }
	c.mu.Lock()
	defer c.mu.Unlock()
	if before, ok := c.list.Peek(key); ok {
		if before.kept.began.After(kept.began) {
			return // a slower one that was asked earlier
		}
		c.bytes -= before.bytes
		c.list.Remove(key)
	}
	if e.bytes > c.most/largestPart {
		return
	}
	c.list.Add(key, e)
	c.bytes += e.bytes
	c.shrink()
}

// largestPart is which part of all one answer may take.
const largestPart = 8

// grow counts what an answer takes more, if it is still kept.
func (c *cache) grow(key string, e *entry, bytes int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now, ok := c.list.Peek(key); ok && now == e {
		e.bytes += bytes
		c.bytes += bytes
		c.shrink()
	}
}

// shrink lets go of what is beyond the bound. c.mu is held.
func (c *cache) shrink() {
	for c.bytes > c.most {
		_, e, ok := c.list.RemoveOldest()
		if !ok {
			return
		}
		c.bytes -= e.bytes
		c.evicted++
	}
}

// sums are the number of answers, what they take, and how many had to leave.
func (c *cache) sums() (answers int, bytes, evicted int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.list.Len(), c.bytes, c.evicted
}
