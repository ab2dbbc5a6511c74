package boards_test

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/mysql"
	"github.com/xunke/xunke/internal/mysql/store"
	"github.com/xunke/xunke/internal/redis/boards"
	"github.com/xunke/xunke/internal/testenv"
	"github.com/xunke/xunke/rankings"
)

// history is a catalogue with a past: an org, a teacher and courses, one of them hidden.
var history = []string{
	`INSERT INTO cities (id, name) VALUES (1, '北京')`,
	`INSERT INTO categories (id, name) VALUES (1, '编程')`,
	`INSERT INTO orgs (id, name, category, city_id) VALUES (1, '甲', 'university', 1)`,
	`INSERT INTO teachers (id, name, org_id) VALUES (1, '王', 1), (2, '李', 1)`,
	`INSERT INTO courses (id, name, org_id, category_id, level, starting_students, enrolments, hidden) VALUES
		(1, 'Go', 1, 1, 'beginner', 100, 7, FALSE), (2, 'C++', 1, NULL, NULL, 0, 1, FALSE),
		(3, '藏', 1, 1, 'beginner', 50, 0, TRUE), (4, '新', NULL, NULL, NULL, 0, 0, FALSE)`,
	`INSERT INTO course_teachers (course_id, teacher_id) VALUES (1, 1), (2, 1), (3, 2)`,
	`INSERT INTO course_daily_counts (course_id, day, views, favorites, enrolments) VALUES
		(1, '2026-11-23', 10, 1, 0), (1, '2026-11-21', 5, 0, 2), (2, '2026-11-10', 300, 0, 1),
		(2, '2025-01-01', 7, 0, 0), (3, '2026-11-22', 1000, 0, 0)`,
	`INSERT INTO org_daily_counts (org_id, day, views) VALUES (1, '2026-11-22', 7)`,
}

func execAll(t *testing.T, db *sql.DB, statements ...string) {
	t.Helper()
	for _, s := range statements {
		if _, err := db.Exec(s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

func newRebuild(b rankings.Builder, db *sql.DB) *rankings.Rebuild {
	return &rankings.Rebuild{
		Builder: b, Source: store.NewRankingSource(db), Log: slog.New(slog.DiscardHandler),
		Now: func() time.Time { return noon },
	}
}

// everything is what every board says, for comparisons.
func everything(t *testing.T, b rankings.Board, now time.Time) map[string][]catalog.RankingItem {
	t.Helper()
	all := map[string][]catalog.RankingItem{}
	for _, k := range catalog.Kinds() {
		for _, w := range catalog.Windows() {
			top, err := b.Top(t.Context(), catalog.RankingQuery{Kind: k, Window: w, Limit: 100}, now)
			if err != nil {
				t.Fatal(err)
			}
			all[string(k)+" "+string(w)] = top.Items
		}
	}
	return all
}

// readAll are the entries of every item, as an indexer's scan would settle them.
func readAll(t *testing.T, db *sql.DB, version int64) []rankings.Entry {
	t.Helper()
	source := store.NewRankingSource(db)
	var entries []rankings.Entry
	for _, k := range catalog.Kinds() {
		for id := range int64(5) {
			e, err := source.Entry(t.Context(), catalog.Key{Kind: k, ID: id})
			if catalog.CodeOf(err) == catalog.CodeNotFound {
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			e.Version = version
			entries = append(entries, e)
		}
	}
	return entries
}

func TestRebuildEqualsIncremental(t *testing.T) {
	s := newServer(t)
	db := testenv.MySQL(t, s.Config)
	execAll(t, db, history...)
	b := s.boards(t)
	settle(t, b, readAll(t, db, 1)...)
	// A row changes, and so do its parents; an item is hidden; each is settled.
	execAll(t, db, `UPDATE course_daily_counts SET views = 40 WHERE course_id = 1 AND day = '2026-11-21'`,
		`UPDATE courses SET hidden = TRUE WHERE id = 2`)
	settle(t, b, readAll(t, db, 2)...)
	incremental := everything(t, b, noon)
	if len(incremental["course week"]) != 1 || len(incremental["org week"]) != 1 || len(incremental["teacher all"]) != 1 {
		t.Fatalf("incremental: %v", incremental)
	}
	if got := incremental["org week"][0]; got.Score != 10+5+40+2*10+7 || got.Students != 107 {
		t.Errorf("the org's week is %+v", got)
	}
	before := s.Keys(t, "*")
	done, err := newRebuild(b, db).Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if want := map[catalog.Kind]int{catalog.KindCourse: 1, catalog.KindOrg: 1, catalog.KindTeacher: 1}; !reflect.DeepEqual(done.Items, want) {
		t.Errorf("rebuilt %v, want %v", done.Items, want)
	}
	if rebuilt := everything(t, b, noon); !reflect.DeepEqual(rebuilt, incremental) {
		t.Errorf("rebuilt:\n%v\nincremental:\n%v", rebuilt, incremental)
	}
	for _, key := range s.Keys(t, "*:course:*") {
		if slices.Contains(before, key) {
			t.Errorf("%s of the old generation is left", key)
		}
	}
}

func TestRebuildMissesNothingThatChangesMeanwhile(t *testing.T) {
	s := newServer(t)
	db := testenv.MySQL(t, s.Config)
	execAll(t, db, history...)
	b := s.boards(t)
	settle(t, b, readAll(t, db, 1)...)
	r := newRebuild(b, db)
	r.Progress = func(k catalog.Kind, _ int) {
		if k != catalog.KindCourse {
			return
		}
		// The courses have been read. One is hidden, another gets its first view, and the
		// follower settles both.
		settle(t, b, deletedEntry(1, 100), course(4, 100, 3))
		for w, want := range map[catalog.Window][]int64{catalog.WindowDay: {4}, catalog.WindowMonth: {2, 4}} {
			if got := ids(t, b, w, noon, nil); !slices.Equal(got, want) {
				t.Errorf("the live boards have %v for %s, want %v", got, w, want)
			}
		}
	}
	if _, err := r.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := ids(t, b, catalog.WindowMonth, noon, nil); !slices.Equal(got, []int64{2, 4}) {
		t.Errorf("rebuilt: %v", got)
	}
	// What the follower settled before the rebuild read the row outranks it as well.
	build, err := b.Begin(t.Context(), noon)
	if err != nil {
		t.Fatal(err)
	}
	settle(t, b, deletedEntry(2, 101))
	if err := build.Write(t.Context(), []rankings.Entry{course(2, 0, 9)}, noon); err != nil {
		t.Fatal(err)
	}
	if err := build.Finish(t.Context(), noon); err != nil {
		t.Fatal(err)
	}
	if got := ids(t, b, catalog.WindowMonth, noon, nil); len(got) != 0 {
		t.Errorf("a rebuild brought back %v", got)
	}
}

func TestOneRebuildAtATime(t *testing.T) {
	s := newServer(t)
	b := s.boards(t)
	settle(t, b, course(1, 1, 1))
	first, err := b.Begin(t.Context(), noon)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Begin(t.Context(), noon); !errors.Is(err, rankings.ErrBusy) {
		t.Fatalf("a second rebuild: %v", err)
	}
	// The first falls silent: its boards are given up, and it may not finish them.
	state := "{" + s.Config.Redis.Prefix + ":rankings}:state"
	if err := s.Raw.HSet(t.Context(), state, "until", "1").Err(); err != nil {
		t.Fatal(err)
	}
	settle(t, b, course(2, 1, 1))
	if err := first.Write(t.Context(), nil, noon); !errors.Is(err, rankings.ErrSuperseded) {
		t.Errorf("it goes on writing: %v", err)
	}
	if err := first.Finish(t.Context(), noon); !errors.Is(err, rankings.ErrSuperseded) {
		t.Errorf("it finishes: %v", err)
	}
	if got := ids(t, b, catalog.WindowDay, noon, nil); !slices.Equal(got, []int64{1, 2}) {
		t.Errorf("the live boards have %v", got)
	}
	// A rebuild that fails leaves the live boards alone, and nothing of its own.
	broken := newRebuild(b, closedDB(t, s))
	if _, err := broken.Run(t.Context()); err == nil {
		t.Fatal("a rebuild without MySQL succeeded")
	}
	if got := ids(t, b, catalog.WindowDay, noon, nil); !slices.Equal(got, []int64{1, 2}) {
		t.Errorf("the live boards have %v", got)
	}
	if _, err := b.Begin(t.Context(), noon); err != nil {
		t.Errorf("after a failed rebuild: %v", err)
	}
}

func closedDB(t *testing.T, s server) *sql.DB {
	t.Helper()
	pool, err := mysql.Open(t.Context(), s.Config.MySQL.DSN)
	if err != nil {
		t.Fatal(err)
	}
	_ = pool.Close()
	return pool.Write
}

func TestFollowerRebuildsWhatRedisLost(t *testing.T) {
	s := newServer(t)
	db := testenv.MySQL(t, s.Config)
	execAll(t, db, history...)
	b := boards.New(s.Client, catalog.StandardScoring())
	f := rankings.NewFollower(b, newRebuild(b, db), slog.New(slog.DiscardHandler))
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- f.Run(ctx) }()
	defer func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}()
	rebuilt := func(n int) {
		t.Helper()
		testenv.Eventually(t, time.Minute, "a rebuild", func() (bool, string) {
			status := f.Status()
			return status.Rebuilds >= n && !status.Due, "status is not settled"
		})
	}
	rebuilt(1) // at the start, because nobody knows what was missed before
	if got := ids(t, b, catalog.WindowMonth, noon, nil); !slices.Equal(got, []int64{2, 1}) {
		t.Fatalf("after the start: %v", got)
	}
	if err := f.Update(t.Context(), []rankings.Entry{course(4, 9, 1)}); err != nil {
		t.Fatal(err)
	}
	if got := ids(t, b, catalog.WindowDay, noon, nil); !slices.Equal(got, []int64{1, 4}) || f.Status().Due {
		t.Fatalf("after a view: %v, %+v", got, f.Status())
	}

	// Redis comes back empty. The next entry shows it.
	if err := s.Raw.Unlink(t.Context(), s.Keys(t, "*")...).Err(); err != nil {
		t.Fatal(err)
	}
	if err := f.Update(t.Context(), []rankings.Entry{course(4, 10)}); err != nil {
		t.Fatal(err)
	}
	rebuilt(2)
	if got := ids(t, b, catalog.WindowMonth, noon, nil); !slices.Equal(got, []int64{2, 1}) {
		t.Errorf("after the loss: %v", got)
	}

	// Redis comes back with all but its last second: a write is missing.
	state := "{" + s.Config.Redis.Prefix + ":rankings}:state"
	for range 2 {
		if err := f.Update(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		if err := f.Update(t.Context(), []rankings.Entry{course(1, 11)}); err != nil {
			t.Fatal(err)
		}
	}
	before := f.Status().Rebuilds
	if err := s.Raw.HIncrBy(t.Context(), state, "sequence", -1).Err(); err != nil {
		t.Fatal(err)
	}
	if err := f.Update(t.Context(), []rankings.Entry{course(4, 12)}); err != nil {
		t.Fatal(err)
	}
	rebuilt(before + 1)
	// MySQL has the history that the settled entry of course 1 denied.
	if got := ids(t, b, catalog.WindowMonth, noon, nil); !slices.Equal(got, []int64{2, 1}) {
		t.Errorf("after the roll-back: %v", got)
	}
}

func TestFollowerGivesWayToAnother(t *testing.T) {
	s := newServer(t)
	db := testenv.MySQL(t, s.Config)
	b := boards.New(s.Client, catalog.StandardScoring())
	f := rankings.NewFollower(b, newRebuild(b, db), slog.New(slog.DiscardHandler))
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- f.Run(ctx) }()
	testenv.Eventually(t, time.Minute, "a start", func() (bool, string) {
		return f.Status().Rebuilds == 1 && !f.Status().Due, "not rebuilt"
	})
	if _, err := b.Claim(t.Context(), "f"); err != nil {
		t.Fatal(err)
	}
	settle(t, b, deletedEntry(1, 2))
	if err := f.Update(t.Context(), []rankings.Entry{course(1, 3, 7)}); err != nil {
		t.Fatal(err)
	}
	if got := ids(t, b, catalog.WindowDay, noon, nil); len(got) != 0 {
		t.Errorf("one whose time is over still writes: %v", got)
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	// Nobody took the boards back.
	settle(t, b, course(2, 3, 7))
}
