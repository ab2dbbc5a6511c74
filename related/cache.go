package related

import (
	"context"
	"log/slog"
	"strconv"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/sync/singleflight"

	"github.com/xunke/xunke/internal/logging"
)

const (
	// cacheFor is how long the courses that learners also took are not queried again. They
	// change slowly, and a course's page may be requested many times a second.
	cacheFor = 5 * time.Minute
	// retryAfter is how long a course is not queried again after MySQL failed to answer.
	retryAfter = 5 * time.Second
	// visitorTimeout is how long a visitor waits for MySQL, queryTimeout how long MySQL may
	// take: an answer that comes too late for one visitor is cached for the next.
	visitorTimeout = 150 * time.Millisecond
	queryTimeout   = 2 * time.Second
	// maxCached is for how many courses answers are cached, which takes some megabytes.
	maxCached = 10_000
	// maxCoTaken is how many ids are cached for one course.
	maxCoTaken = 50
)

// cache keeps for a while which courses learners of a course also took.
type cache struct {
	learners Learners
	log      *slog.Logger
	queries  singleflight.Group
	entries  *lru.Cache[int64, entry]
	warnings logging.Limiter
}

type entry struct {
	ids     []int64
	expires time.Time
}

func newCache(learners Learners, log *slog.Logger) *cache {
	entries, _ := lru.New[int64, entry](maxCached) // fails only for a size below 1
	return &cache{learners: learners, log: log, entries: entries}
}

// coEnrolments returns the courses that learners of a course also took, best first. While MySQL
// does not answer in time it returns an expired entry, or none. The slice must not be
// changed.
func (c *cache) coEnrolments(ctx context.Context, course int64) []int64 {
	e, ok := c.entries.Get(course)
	if ok && time.Now().Before(e.expires) {
		return e.ids
	}
	answer := c.queries.DoChan(strconv.FormatInt(course, 10), func() (any, error) {
		return c.query(context.WithoutCancel(ctx), course), nil
	})
	timer := time.NewTimer(visitorTimeout)
	defer timer.Stop()
	select {
	case result := <-answer:
		ids, _ := result.Val.([]int64)
		return ids
	case <-timer.C:
		return e.ids
	case <-ctx.Done():
		return nil
	}
}

// query reads from MySQL and caches the answer. After a failure the expired entry stays for
// retryAfter.
func (c *cache) query(ctx context.Context, course int64) []int64 {
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()
	courses, err := c.learners.CoEnrolments(ctx, course)
	e := entry{ids: rank(courses), expires: time.Now().Add(cacheFor)}
	if err != nil {
		if suppressed, ok := c.warnings.Allow(); ok {
			c.log.Warn("cannot read what learners also took; answering without it", "course", course, "err", err, "not_logged", suppressed)
		}
		expired, _ := c.entries.Peek(course)
		e = entry{ids: expired.ids, expires: time.Now().Add(retryAfter)}
	}
	e.ids = e.ids[:min(len(e.ids), maxCoTaken)]
	c.entries.Add(course, e)
	return e.ids
}
