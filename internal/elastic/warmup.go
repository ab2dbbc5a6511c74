package elastic

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"time"
)

const (
	recentCount = 16 // about one of each sort of page
	// warmFactor is how much longer than before recent searches may take on an Elasticsearch
	// that is warm.
	warmFactor = 2
	// warmUpLimit bounds a warm-up. An Elasticsearch that is slow for another reason than its
	// start answers visitors after that, slowly.
	warmUpLimit = 20 * time.Second
	// pauseAfterFailure lets an Elasticsearch that cannot answer yet go on with its start.
	pauseAfterFailure = 100 * time.Millisecond
)

// search is a request as it was sent. Its body is not changed after that.
type search struct {
	method, path string
	body         any
	took         time.Duration
}

// recentSearches are the last searches that were answered, in no order. It is safe for
// concurrent use.
type recentSearches struct {
	mu       sync.Mutex
	searches []search
	next     int // is overwritten next once the list is full
}

func (r *recentSearches) add(s search) {
	path, _, _ := strings.Cut(s.path, "?")
	if !strings.HasSuffix(path, "search") { // _search and _msearch
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.searches) < recentCount {
		r.searches = append(r.searches, s)
		return
	}
	r.searches[r.next] = s
	r.next = (r.next + 1) % recentCount
}

func (r *recentSearches) all() []search {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]search(nil), r.searches...)
}

// warmUp repeats searches one after the other until a round of them takes hardly longer than
// they took before Elasticsearch was away. One that has just started interprets its code and
// reads its files from the disk: with all visitors at once each of them would wait for
// seconds, and for longer.
func (c *Client) warmUp(ctx context.Context, searches []search, log *slog.Logger) {
	began := time.Now()
	ctx, cancel := context.WithTimeout(ctx, warmUpLimit)
	defer cancel()
	rounds := 0
	for warm := false; !warm && ctx.Err() == nil; rounds++ {
		var before, now time.Duration
		answered := true
		for _, s := range searches {
			asked := time.Now()
			err := c.send(ctx, s.method, s.path, s.body, nil)
			switch {
			case err == nil:
				before += s.took
				now += time.Since(asked)
			case noAnswer(err): // such as an index whose shards are still being opened
				answered = false
				select {
				case <-time.After(pauseAfterFailure):
				case <-ctx.Done():
				}
			}
		}
		warm = answered && now <= warmFactor*before
	}
	log.Info("repeated recent searches until Elasticsearch was warm", "searches", len(searches), "rounds", rounds, "took", time.Since(began))
}
