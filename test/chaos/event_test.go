package chaos

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/xunke/xunke/internal/redis"
	"github.com/xunke/xunke/internal/redis/queue"
	"github.com/xunke/xunke/test/harness"
)

// TestEvents lets visitors view and click while everything on the way from the API to the
// boards is killed, stopped and cut off, each once. What was accepted is counted exactly
// once in MySQL, and the boards in Redis are what a rebuild makes of it.
func TestEvents(t *testing.T) {
	seeds := harness.Random(t, 11)
	v := ownServers(t)
	s, c := newCrowd(t, v)
	s.brisk = true
	began := today()
	stop := c.visitors(6, 240, seeds)
	for _, f := range c.faults(v) {
		s.strike(f, seeds)
	}
	stop()
	c.settle(began)
}

// TestEventsAtRandom does the same at random, for a quarter of the time that TestRandom takes.
func TestEventsAtRandom(t *testing.T) {
	seeds := harness.Random(t, rand.Uint64N(1_000_000))
	v := ownServers(t)
	s, c := newCrowd(t, v)
	c.people = 20_000
	began := today()
	stop := c.visitors(6, 240, seeds)
	faults := c.faults(v)
	for until := time.Now().Add(chaosFor(t) / 4); time.Now().Before(until) && !t.Failed(); {
		s.strike(pick(faults, seeds), seeds)
		s.pause(s.between(seeds, 0, 3*time.Second))
	}
	stop()
	c.settle(began)
}

// newCrowd makes an installation with an indexer and three APIs, and visitors to come.
func newCrowd(t *testing.T, v *servers) (*site, *crowd) {
	t.Helper()
	s := newSite(t, 1)
	keepEverything(s, v)
	for n := range crowdSearches {
		s.Exec(`INSERT INTO searches (search_id, day, query, spelling, counted) VALUES (?, ?, ?, ?, TRUE)`,
			searchID(n+1), today(), searchID(n+1), searchID(n+1))
	}
	// A history, so that the windows differ.
	for k, n := range items {
		s.Insert(fmt.Sprintf("%[1]s_daily_counts (%[1]s_id, day, views, favorites, enrolments)", k), 20*n, func(i int) []any {
			return []any{1 + i%n, time.Now().UTC().AddDate(0, 0, -1-2*(i/n)).Format(time.DateOnly), i % 23, i % 3, i % 2}
		})
	}
	transport := &http.Transport{MaxIdleConnsPerHost: 8}
	t.Cleanup(transport.CloseIdleConnections)
	c := &crowd{
		site: s, people: 400, client: &http.Client{Transport: transport},
		ledger: &ledger{accepted: map[visit]bool{}, unanswered: map[visit]bool{}},
	}
	for i := range 3 {
		c.portals = append(c.portals, s.newPortal(fmt.Sprintf("API %c", 'A'+i)))
	}
	for _, p := range c.portals {
		p.start()
	}
	return s, c
}

// keepEverything has Redis write down what it acknowledges before it does. With "everysec",
// which the local servers have, it puts the write off for up to two seconds when the disk
// is slow; what it acknowledges meanwhile is gone when it is killed. That is no mistake of
// ours, but it would be told apart from one by nothing.
func keepEverything(s *site, v *servers) {
	s.T.Helper()
	set := func(value string) error {
		ctx, cancel := context.WithTimeout(context.Background(), harness.Patience)
		defer cancel()
		client := goredis.NewClient(&goredis.Options{Addr: s.Config.Redis.Addresses[0]})
		defer func() { _ = client.Close() }()
		return client.ConfigSet(ctx, "appendfsync", value).Err()
	}
	v.started = func() {
		if err := set("always"); err != nil {
			v.t.Errorf("have Redis keep everything: %v", err)
		}
	}
	v.started()
	s.T.Cleanup(func() {
		v.started = func() {}
		if err := set("everysec"); err != nil {
			v.t.Errorf("have Redis write as it did: %v", err)
		}
	})
}

// faults happen on the way of events.
func (c *crowd) faults(v *servers) []fault {
	return slices.Concat(c.faultsBetween(), c.faultsOfAPIs(v), c.faultsBehind(v))
}

// faultsBetween stop the way at the moments between which nothing may be forgotten: events
// are read, counted, committed and acknowledged.
func (c *crowd) faultsBetween() []fault {
	return []fault{
		{"kill every API between counting and committing", 3, func(*site, *rand.Rand) {
			letGo := c.holdCounts()
			for _, p := range c.portals {
				p.kill()
			}
			letGo()
			for _, p := range c.portals {
				p.start()
			}
		}},
		{"cut every API from Redis between reading and acknowledging", 3, func(s *site, _ *rand.Rand) {
			letGo := c.holdCounts()
			before := c.total()
			var mends []func()
			for _, p := range c.portals {
				mends = append(mends, p.redis.cut())
			}
			letGo()
			s.Eventually("what was read is committed", func() (bool, string) { return c.total() > before, "it is not" })
			for _, mend := range mends {
				mend()
			}
		}},
	}
}

// faultsOfAPIs happen to one API, or to Redis and thereby to all.
func (c *crowd) faultsOfAPIs(v *servers) []fault {
	return []fault{
		{"kill an API", 5, func(s *site, r *rand.Rand) {
			p := c.some(r)
			p.kill()
			s.pause(s.between(r, 300*time.Millisecond, 2*time.Second))
			p.start()
		}},
		{"kill Redis", 3, func(s *site, r *rand.Rand) { s.restart(v, "redis", r) }},
		{"stop Redis, and kill an API whose events wait in its file", 3, func(s *site, r *rand.Rand) {
			p := c.some(r)
			thaw := v.freeze("redis")
			defer thaw()
			until := c.ledger.requests() + 200
			s.Eventually("visitors come all the same", func() (bool, string) { return c.ledger.requests() >= until, "they do not" })
			s.pause(s.between(r, 500*time.Millisecond, 4*time.Second))
			p.kill()
			thaw()
			p.start()
		}},
		{"cut an API from Redis", 3, func(s *site, r *rand.Rand) { s.cutFor(r, c.some(r).redis) }},
		{"cut an API from MySQL", 3, func(s *site, r *rand.Rand) { s.cutFor(r, c.some(r).mysql) }},
	}
}

// faultsBehind happen to what the APIs hand their events to.
func (c *crowd) faultsBehind(v *servers) []fault {
	return []fault{
		{"kill the indexer", 2, func(s *site, r *rand.Rand) {
			s.slots[0].kill()
			s.pause(s.between(r, 0, 3*time.Second))
			s.slots[0].start()
		}},
		{"kill MySQL", 3, func(s *site, r *rand.Rand) {
			s.restart(v, "mysql", r)
			for _, o := range s.slots { // one that found no MySQL has ended
				o.start()
			}
		}},
	}
}

func (c *crowd) some(r *rand.Rand) *portal { return c.portals[r.IntN(len(c.portals))] }

// restart kills a server, starts it again a while later, and gives it time to be found.
func (s *site) restart(v *servers, role string, r *rand.Rand) {
	v.restart(role, func() { s.pause(s.between(r, 500*time.Millisecond, 3*time.Second)) })
	s.pause(s.between(r, time.Second, 3*time.Second))
}

func (s *site) cutFor(r *rand.Rand, w *wire) {
	mend := w.cut()
	s.pause(s.between(r, 700*time.Millisecond, 5*time.Second))
	mend()
}

// holdCounts keeps MySQL's counts for itself and returns when somebody who counts events
// waits for them: the events are read, and neither committed nor acknowledged.
func (c *crowd) holdCounts() (letGo func()) {
	s := c.site
	s.T.Helper()
	tx, err := s.DB.BeginTx(s.T.Context(), nil)
	if err != nil {
		s.T.Fatal(err)
	}
	for _, table := range []string{"course_daily_counts", "org_daily_counts", "teacher_daily_counts"} {
		if _, err := tx.ExecContext(s.T.Context(), `SELECT COUNT(*) FROM `+table+` FOR UPDATE`); err != nil {
			s.T.Fatal(err)
		}
	}
	s.Eventually("somebody waits for the counts", func() (bool, string) {
		n := harness.One[int](s.World, `SELECT COUNT(*) FROM performance_schema.data_locks
			WHERE OBJECT_SCHEMA = DATABASE() AND OBJECT_NAME LIKE '%daily_counts' AND LOCK_STATUS = 'WAITING'`)
		return n > 0, "nobody does"
	})
	return func() {
		if err := tx.Rollback(); err != nil {
			s.T.Errorf("let the counts go: %v", err)
		}
	}
}

// total is how many views are counted.
func (c *crowd) total() int {
	return harness.One[int](c.site.World, `SELECT (SELECT COALESCE(SUM(views), 0) FROM course_daily_counts)
		+ (SELECT COALESCE(SUM(views), 0) FROM org_daily_counts) + (SELECT COALESCE(SUM(views), 0) FROM teacher_daily_counts)`)
}

// settle waits until no event is on its way any more, and compares: MySQL's counts with what
// was accepted, documents with rows, boards with counts and with a rebuild.
func (c *crowd) settle(since string) {
	s := c.site
	s.T.Helper()
	cache := redis.Open(redis.Options(s.Config.Redis), slog.New(slog.DiscardHandler))
	defer func() { _ = cache.Close() }()
	waitingQueue := queue.New(cache, nil)
	s.Eventually("no event is on its way", func() (bool, string) {
		waiting, err := waitingQueue.Waiting(s.T.Context())
		spilled := int64(0)
		for _, p := range c.portals {
			spilled += p.spillSize()
		}
		return err == nil && waiting == 0 && spilled == 0, fmt.Sprintf("%d wait in Redis (%v), %d bytes in files", waiting, err, spilled)
	})
	c.compare(since)
	s.settle()
	c.exact()
	var starts []string
	for _, p := range c.portals {
		starts = append(starts, fmt.Sprintf("%s %d", p.name, p.starts))
	}
	s.T.Logf("%s", c.ledger)
	s.T.Logf("faults: %s; starts: %s", s.tally, strings.Join(slices.Sorted(slices.Values(starts)), ", "))
}
