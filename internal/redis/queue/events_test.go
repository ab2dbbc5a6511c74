package queue_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"sync"
	"testing"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/events"
	"github.com/xunke/xunke/internal/mysql/store"
	"github.com/xunke/xunke/internal/redis"
	"github.com/xunke/xunke/internal/redis/queue"
	"github.com/xunke/xunke/internal/redis/redistest"
	"github.com/xunke/xunke/internal/testenv"
	"github.com/xunke/xunke/searchlog"
)

var quiet = slog.New(slog.DiscardHandler)

func view(kind catalog.Kind, id int64, visitor string) events.Event {
	return events.Event{Type: events.View, Item: catalog.Key{Kind: kind, ID: id}, Visitor: visitor, At: redistest.Noon}
}

func record(t *testing.T, r *events.Recorder, list ...events.Event) {
	t.Helper()
	for _, event := range list {
		if err := r.Record(t.Context(), event); err != nil {
			t.Fatal(err)
		}
	}
}

// views are the counted views by item and day.
func views(t *testing.T, db *sql.DB) map[string]int {
	t.Helper()
	rows, err := db.Query(`SELECT CONCAT('course ', course_id), day, views FROM course_daily_counts
		UNION ALL SELECT CONCAT('org ', org_id), day, views FROM org_daily_counts
		UNION ALL SELECT CONCAT('teacher ', teacher_id), day, views FROM teacher_daily_counts`)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	counts := map[string]int{}
	for rows.Next() {
		var item string
		var day time.Time
		var n int
		if err := rows.Scan(&item, &day, &n); err != nil {
			t.Fatal(err)
		}
		counts[item+" "+day.Format(time.DateOnly)] = n
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return counts
}

func wantViews(t *testing.T, db *sql.DB, want map[string]int) {
	t.Helper()
	if got := views(t, db); !maps.Equal(got, want) {
		t.Errorf("views %v, want %v", got, want)
	}
}

// items are what events of these tests are about.
var items = []string{
	`INSERT INTO orgs (id, name) VALUES (1, '甲')`,
	`INSERT INTO teachers (id, name) VALUES (1, '王')`,
	`INSERT INTO courses (id, name, hidden) VALUES (1, 'Go', FALSE), (2, 'C++', FALSE), (3, '藏', TRUE)`,
}

func execAll(t *testing.T, db *sql.DB, statements ...string) {
	t.Helper()
	for _, s := range statements {
		if _, err := db.Exec(s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

func TestEventsAreCountedOnceAVisitorAndDay(t *testing.T) {
	s := redistest.New(t)
	db := testenv.MySQL(t, s.Config)
	execAll(t, db, items...)
	recorder := events.NewRecorder(queue.New(s.Client, redistest.AtNoon), nil, quiet)
	yesterday := view(catalog.KindCourse, 1, "a")
	yesterday.At = redistest.Noon.AddDate(0, 0, -1)
	click := view(catalog.KindCourse, 1, "a")
	click.Type, click.SearchID, click.Position = events.Click, "s1", 3
	again := click
	again.SearchID, again.Position = "s2", 1
	record(t, recorder,
		view(catalog.KindCourse, 1, "a"), view(catalog.KindCourse, 1, "a"), view(catalog.KindCourse, 1, "b"),
		view(catalog.KindCourse, 2, "a"), yesterday, yesterday,
		view(catalog.KindOrg, 1, "a"), view(catalog.KindTeacher, 1, "a"),
		view(catalog.KindCourse, 3, "a"), view(catalog.KindCourse, 99, "a"), // hidden, unknown
		click, click, again,
	)
	// Their searches come in the same batch.
	record(t, recorder, searchEvent("s1", "Go", "a", 3), searchEvent("s2", "go 语言", "a", 3))
	if got, want := recorder.Stats(), (events.RecorderStats{Recorded: 12, Repeated: 3}); got != want {
		t.Errorf("stats %+v, want %+v", got, want)
	}
	consumer := &events.Consumer{Queue: queue.New(s.Client, nil), Counter: store.NewEventCounter(db), Log: quiet}
	if err := consumer.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantViews(t, db, map[string]int{
		"course 1 2026-11-23": 2, "course 1 2026-11-22": 1, "course 2 2026-11-23": 1,
		"org 1 2026-11-23": 1, "teacher 1 2026-11-23": 1,
	})
	if got := consumer.Stats(); got.Added != 10 || got.Dropped != 2 {
		t.Errorf("consumer: %+v", got)
	}
	for query, clicks := range map[string]int{"go": 1, "go语言": 1} {
		if got := searchCounts(t, db)[query]; got.clicks != clicks || got.clicked != clicks {
			t.Errorf("%s: %+v", query, got)
		}
	}
	if waiting, err := queue.New(s.Client, nil).Waiting(t.Context()); err != nil || waiting != 0 {
		t.Errorf("%d events are left, %v", waiting, err)
	}
	for _, wrong := range []events.Event{
		{Type: "buy", Item: catalog.Key{Kind: catalog.KindCourse, ID: 1}},
		{Type: events.View, Item: catalog.Key{Kind: "school", ID: 1}},
		{Type: events.View, Item: catalog.Key{Kind: catalog.KindCourse}},
		{Type: events.Search, SearchID: "s"},
		{Type: events.Search, Search: &searchlog.Entry{}},
	} {
		if err := recorder.Record(t.Context(), wrong); catalog.CodeOf(err) != catalog.CodeInvalid {
			t.Errorf("%+v: %v", wrong, err)
		}
	}
}

// dyingQueue is a queue whose reader dies: it fails after reading, or before acknowledging.
type dyingQueue struct {
	events.Queue
	afterRead, beforeAck func() error
}

func (q *dyingQueue) Next(ctx context.Context, limit int) ([]events.QueuedEvent, error) {
	queued, err := q.Queue.Next(ctx, limit)
	return queued, errors.Join(err, q.afterRead())
}

func (q *dyingQueue) Acknowledge(ctx context.Context, ids []events.QueueID) error {
	if err := q.beforeAck(); err != nil {
		return err
	}
	return q.Queue.Acknowledge(ctx, ids)
}

func TestACrashNeitherLosesNorDoubles(t *testing.T) {
	s := redistest.New(t)
	db := testenv.MySQL(t, s.Config)
	execAll(t, db, items...)
	recorder := events.NewRecorder(queue.New(s.Client, redistest.AtNoon), nil, quiet)
	died := errors.New("died")
	once := func() func() error {
		var failed bool
		return func() error {
			if failed {
				return nil
			}
			failed = true
			return died
		}
	}
	never := func() error { return nil }
	want := 0
	for round, dying := range []*dyingQueue{
		{afterRead: once(), beforeAck: never},  // read, not counted
		{afterRead: never, beforeAck: once()},  // counted, not acknowledged
		{afterRead: once(), beforeAck: once()}, // one after the other
	} {
		dying.Queue = queue.New(s.Client, nil)
		consumer := &events.Consumer{Queue: dying, Counter: store.NewEventCounter(db), Log: quiet}
		record(t, recorder, view(catalog.KindCourse, 1, fmt.Sprint("a", round)), view(catalog.KindCourse, 1, fmt.Sprint("b", round)))
		if err := consumer.Drain(t.Context()); !errors.Is(err, died) {
			t.Fatalf("round %d: %v", round, err)
		}
		// More arrives before the next process takes over.
		record(t, recorder, view(catalog.KindCourse, 1, fmt.Sprint("c", round)))
		testenv.Eventually(t, time.Minute, "counted", func() (bool, string) {
			err := consumer.Drain(t.Context())
			return err == nil, fmt.Sprint(err)
		})
		want += 3
		wantViews(t, db, map[string]int{"course 1 2026-11-23": want})
	}
}

func TestProcessesTakeTurns(t *testing.T) {
	s := redistest.New(t)
	db := testenv.MySQL(t, s.Config)
	execAll(t, db, items...)
	recorder := events.NewRecorder(queue.New(s.Client, redistest.AtNoon), nil, quiet)
	ctx, stop := context.WithCancel(t.Context())
	var consumers sync.WaitGroup
	for range 4 {
		c := &events.Consumer{
			Queue: queue.New(s.Client, nil), Counter: store.NewEventCounter(db), Log: quiet, Every: time.Millisecond,
		}
		consumers.Go(func() {
			if err := c.Run(ctx); err != nil {
				t.Error(err)
			}
		})
	}
	const each = 300
	var visitors sync.WaitGroup
	for v := range 4 {
		visitors.Go(func() {
			for i := range each {
				event := view(catalog.KindCourse, int64(1+i%2), fmt.Sprintf("%d-%d", v, i))
				if err := recorder.Record(ctx, event); err != nil {
					t.Error(err)
				}
			}
		})
	}
	visitors.Wait()
	testenv.Eventually(t, time.Minute, "an empty queue", func() (bool, string) {
		waiting, err := queue.New(s.Client, nil).Waiting(ctx)
		return err == nil && waiting == 0, fmt.Sprintf("%d events wait, %v", waiting, err)
	})
	stop()
	consumers.Wait()
	if got := recorder.Stats(); got.Recorded != 4*each {
		t.Fatalf("stats %+v", got)
	}
	wantViews(t, db, map[string]int{"course 1 2026-11-23": 2 * each, "course 2 2026-11-23": 2 * each})
}

func TestAQueueThatWasLostBeginsAnew(t *testing.T) {
	s := redistest.New(t)
	db := testenv.MySQL(t, s.Config)
	execAll(t, db, items...)
	recorder := events.NewRecorder(queue.New(s.Client, redistest.AtNoon), nil, quiet)
	consumer := &events.Consumer{Queue: queue.New(s.Client, nil), Counter: store.NewEventCounter(db), Log: quiet}
	record(t, recorder, view(catalog.KindCourse, 1, "a"))
	if err := consumer.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.Raw.Unlink(t.Context(), s.Keys(t, "*")...).Err(); err != nil {
		t.Fatal(err)
	}
	// The clock of the new server is behind: its places come before those of the old.
	stream := "{" + s.Config.Redis.Prefix + ":events}:stream"
	if err := s.Raw.Do(t.Context(), "XADD", stream, "1000-0", "t", "view", "k", "course", "i", "1", "a", redistest.Noon.UnixMilli()).Err(); err != nil {
		t.Fatal(err)
	}
	// So is one that nobody can read.
	if err := s.Raw.Do(t.Context(), "XADD", stream, "1001-0", "t", "view", "k", "course", "i", "one").Err(); err != nil {
		t.Fatal(err)
	}
	if err := consumer.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantViews(t, db, map[string]int{"course 1 2026-11-23": 2})
	if got := consumer.Stats(); got.Added != 2 || got.Dropped != 1 {
		t.Errorf("consumer: %+v", got)
	}
}

func TestEventsSpillWhileRedisIsDown(t *testing.T) {
	s := redistest.New(t)
	db := testenv.MySQL(t, s.Config)
	execAll(t, db, items...)
	spill, err := events.NewSpill(t.TempDir(), 1000)
	if err != nil {
		t.Fatal(err)
	}
	g := testenv.NewGate(t, s.Config.Redis.Addresses[0])
	client := redis.Open(redis.Options{Addresses: []string{g.Address()}, Prefix: s.Config.Redis.Prefix}, quiet)
	defer func() { _ = client.Close() }()
	recorder := events.NewRecorder(queue.New(client, redistest.AtNoon), spill, quiet)
	record(t, recorder, view(catalog.KindCourse, 1, "a"))
	g.Close()
	started := time.Now()
	for i := range 100 {
		record(t, recorder, view(catalog.KindCourse, 1, fmt.Sprint("v", i%50))) // each visitor twice
	}
	if took := time.Since(started); took > 2500*time.Millisecond {
		t.Errorf("100 events without Redis took %s", took)
	}
	stats := recorder.Stats()
	if stats.Spilled < 5 || stats.Spilled > 40 || stats.Dropped != 100-stats.Spilled {
		t.Errorf("a file of 1000 bytes took %d of 100 events, %d were dropped", stats.Spilled, stats.Dropped)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- recorder.Run(ctx) }()
	g.Open()
	testenv.Eventually(t, time.Minute, "spilled events are in the queue", func() (bool, string) {
		waiting, err := queue.New(s.Client, nil).Waiting(t.Context())
		// What Redis got of the first calls it may have recorded when it answered again.
		return err == nil && waiting >= 1+stats.Spilled && recorder.Stats().Replayed == stats.Spilled,
			fmt.Sprintf("%d wait, %v, %+v", waiting, err, recorder.Stats())
	})
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	consumer := &events.Consumer{Queue: queue.New(s.Client, nil), Counter: store.NewEventCounter(db), Log: quiet}
	if err := consumer.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantViews(t, db, map[string]int{"course 1 2026-11-23": 1 + int(stats.Spilled)})
	if n, err := recorder.Replay(t.Context()); n != 0 || err != nil {
		t.Errorf("replayed again: %d, %v", n, err)
	}
}
