package queue_test

import (
	"database/sql"
	"errors"
	"fmt"
	"reflect"
	"strings"
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

// searchEvent is a first page that showed that many courses, all there are.
func searchEvent(id, text, visitor string, courses int) events.Event {
	entry, ok := searchlog.EntryOf(searchlog.Search{ID: id, Text: text, Page: searchlog.Page{
		From: 1, Total: int64(courses), Shown: map[catalog.Kind]int{catalog.KindCourse: courses},
	}})
	if !ok {
		panic(text)
	}
	return events.Event{Type: events.Search, SearchID: id, Search: &entry, Visitor: visitor, At: redistest.Noon}
}

func clickEvent(search string, item int64, visitor string, position int) events.Event {
	e := view(catalog.KindCourse, item, visitor)
	e.Type, e.SearchID, e.Position = events.Click, search, position
	return e
}

// counted is what is counted of a query on the day of these tests.
type counted struct {
	spelling                                                             string
	searches, visitors, zero, corrected, relaxed, clicks, clicked, total int
}

func searchCounts(t *testing.T, db *sql.DB) map[string]counted {
	t.Helper()
	rows, err := db.Query(`SELECT query, spelling, searches, visitors, zero_hits, corrected, relaxed, clicks, clicked, COALESCE(last_total, -1)
		FROM search_daily_counts WHERE day = '2026-11-23'`)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	counts := map[string]counted{}
	for rows.Next() {
		var query string
		var c counted
		if err := rows.Scan(&query, &c.spelling, &c.searches, &c.visitors, &c.zero, &c.corrected, &c.relaxed, &c.clicks, &c.clicked, &c.total); err != nil {
			t.Fatal(err)
		}
		counts[query] = c
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return counts
}

// positions are "course 1: shown/clicks".
func positions(t *testing.T, db *sql.DB) string {
	t.Helper()
	var list sql.NullString
	err := db.QueryRow(`SELECT GROUP_CONCAT(kind, ' ', position, ': ', shown, '/', clicks ORDER BY kind, position SEPARATOR ', ')
		FROM search_position_daily_counts WHERE day = '2026-11-23'`).Scan(&list)
	if err != nil {
		t.Fatal(err)
	}
	return list.String
}

func drain(t *testing.T, s redistest.Server, db *sql.DB) events.ConsumerStats {
	t.Helper()
	consumer := &events.Consumer{Queue: queue.New(s.Client, nil), Counter: store.NewEventCounter(db), Log: quiet}
	if err := consumer.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	return consumer.Stats()
}

func TestSearchesAndTheirClicksAreCounted(t *testing.T) {
	s := redistest.New(t)
	db := testenv.MySQL(t, s.Config)
	execAll(t, db, items...)
	recorder := events.NewRecorder(queue.New(s.Client, redistest.AtNoon), nil, quiet)
	second, filtered, corrected := searchEvent("s4", "Go", "a", 2), searchEvent("s5", "Go", "a", 0), searchEvent("s8", "数剧结构", "a", 1)
	second.Search.From = 3
	filtered.Search.Narrowed = true
	corrected.Search.Corrected, corrected.Search.Relaxed = true, true
	far := searchEvent("s9", "远", "a", 100)
	narrow := searchEvent("s10", "窄", "z", 0)
	narrow.Search.Narrowed = true
	record(t, recorder,
		searchEvent("s1", "Go", "a", 2), searchEvent("s2", "ＧＯ", "a", 2), searchEvent("s3", "go", "b", 2),
		second, filtered, searchEvent("s6", "量子", "a", 0), searchEvent("s7", "13812345678", "a", 0), corrected, far, narrow,
		clickEvent("s1", 1, "a", 1), clickEvent("s1", 2, "a", 2), clickEvent("s1", 1, "a", 1), // the last one again
		clickEvent("s3", 1, "b", 2), clickEvent("s4", 2, "a", 3), // on the second page
		clickEvent("s7", 1, "a", 1), clickEvent("s9", 1, "a", 70),
		clickEvent("unknown", 1, "a", 1), clickEvent("s1", 3, "a", 1), // an unknown search, a hidden course
	)
	if got := drain(t, s, db); got.Added != 16 || got.Dropped != 2 {
		t.Errorf("consumer: %+v", got)
	}
	want := map[string]counted{
		"go":   {spelling: "go", searches: 3, visitors: 2, clicks: 4, clicked: 2, total: 2},
		"量子":   {spelling: "量子", searches: 1, visitors: 1, zero: 1},
		"":     {searches: 1, visitors: 1, zero: 1, clicks: 1, clicked: 1},
		"数剧结构": {spelling: "数剧结构", searches: 1, visitors: 1, corrected: 1, relaxed: 1, total: 1},
		"远":    {spelling: "远", searches: 1, visitors: 1, clicks: 1, clicked: 1, total: 100},
		"窄":    {spelling: "窄", searches: 1, visitors: 1, total: -1},
	}
	if got := searchCounts(t, db); !reflect.DeepEqual(got, want) {
		t.Errorf("counted %+v\nwant    %+v", got, want)
	}
	if got := positions(t, db); !strings.HasPrefix(got, "course 1: 5/2, course 2: 4/2, course 3: 2/1, course 4: 2/0, course 5: 1/0") ||
		!strings.HasSuffix(got, "course 50: 1/0") {
		t.Errorf("positions %s", got)
	}
	// Nothing in Redis or MySQL says what the number was or who asked.
	for _, key := range s.Keys(t, "*") {
		if strings.Contains(s.Raw.Dump(t.Context(), key).Val(), "138") {
			t.Errorf("%s holds the telephone number", key)
		}
	}
}

func TestASearchIsCountedOnceWhateverCrashes(t *testing.T) {
	s := redistest.New(t)
	db := testenv.MySQL(t, s.Config)
	execAll(t, db, items...)
	recorder := events.NewRecorder(queue.New(s.Client, redistest.AtNoon), nil, quiet)
	died := errors.New("died")
	fail := func(times int) func() error {
		return func() error {
			if times--; times >= 0 {
				return died
			}
			return nil
		}
	}
	for round, dying := range []*dyingQueue{
		{afterRead: fail(1), beforeAck: fail(0)},
		{afterRead: fail(0), beforeAck: fail(1)},
		{afterRead: fail(1), beforeAck: fail(1)},
	} {
		dying.Queue = queue.New(s.Client, nil)
		consumer := &events.Consumer{Queue: dying, Counter: store.NewEventCounter(db), Log: quiet}
		id := fmt.Sprint("s", round)
		record(t, recorder, searchEvent(id, "Go", "a", 1), clickEvent(id, 1, "a", 1))
		if err := consumer.Drain(t.Context()); !errors.Is(err, died) {
			t.Fatalf("round %d: %v", round, err)
		}
		// The click of a search that was counted before.
		record(t, recorder, clickEvent(id, 2, "a", 1))
		testenv.Eventually(t, time.Minute, "counted", func() (bool, string) {
			err := consumer.Drain(t.Context())
			return err == nil, fmt.Sprint(err)
		})
		n := round + 1
		want := map[string]counted{"go": {spelling: "go", searches: n, visitors: 1, clicks: 2 * n, clicked: n, total: 1}}
		if got := searchCounts(t, db); !reflect.DeepEqual(got, want) {
			t.Fatalf("round %d: counted %+v, want %+v", round, got, want)
		}
		if got, want := positions(t, db), fmt.Sprintf("course 1: %d/%d", n, 2*n); got != want {
			t.Fatalf("round %d: positions %s, want %s", round, got, want)
		}
	}
	// It was not known whether Redis had taken it, so it was put into the queue again.
	record(t, recorder, searchEvent("s0", "Go", "a", 1))
	if got := drain(t, s, db); got.Added != 0 || got.Dropped != 0 || searchCounts(t, db)["go"].searches != 3 {
		t.Errorf("counted twice: %+v, %+v", got, searchCounts(t, db))
	}
}

func TestSearchesSpillWhileRedisIsDown(t *testing.T) {
	s := redistest.New(t)
	db := testenv.MySQL(t, s.Config)
	spill, err := events.NewSpill(t.TempDir(), 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	g := testenv.NewGate(t, s.Config.Redis.Addresses[0])
	client := redis.Open(redis.Options{Addresses: []string{g.Address()}, Prefix: s.Config.Redis.Prefix}, quiet)
	defer func() { _ = client.Close() }()
	recorder := events.NewRecorder(queue.New(client, redistest.AtNoon), spill, quiet)
	g.Close()
	want := searchEvent("s1", "数据 结构", "a", 7)
	want.Search.Corrected = true
	record(t, recorder, want)
	g.Open()
	testenv.Eventually(t, time.Minute, "it is put into the queue", func() (bool, string) {
		n, err := recorder.Replay(t.Context())
		return n == 1, fmt.Sprintf("%d, %v", n, err)
	})
	drain(t, s, db)
	all := map[string]counted{"数据结构": {spelling: "数据 结构", searches: 1, visitors: 1, corrected: 1, total: 7}}
	if got := searchCounts(t, db); !reflect.DeepEqual(got, all) {
		t.Errorf("counted %+v", got)
	}
	// Without any Redis nobody will ever count it: it is not kept.
	off := events.NewRecorder(queue.New(redis.Open(redis.Options{}, quiet), nil), spill, quiet)
	record(t, off, searchEvent("s2", "x", "a", 1))
	if got := off.Stats(); got.Dropped != 1 || got.Spilled != 0 || off.AcceptedCount(events.Search) != 1 {
		t.Errorf("without Redis: %+v", got)
	}
}
