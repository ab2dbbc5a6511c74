package store_test

import (
	"database/sql"
	"fmt"
	"testing"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/mysql/store"
	"github.com/xunke/xunke/internal/testenv"
	"github.com/xunke/xunke/searchlog"
)

var reportDay = time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC)

// daysAgo is the date so many days before reportDay.
func daysAgo(n int) string { return reportDay.AddDate(0, 0, -n).Format(time.DateOnly) }

// noteSearches writes counts of a query on a day: searches, visitors, zero hits, corrected,
// relaxed, clicks, clicked, last total.
func noteSearches(t *testing.T, db *sql.DB, ago int, query, spelling string, counts ...any) {
	t.Helper()
	_, err := db.Exec(`INSERT INTO search_daily_counts (day, query, spelling, searches, visitors, zero_hits, corrected, relaxed, clicks, clicked, last_total, networks)
		VALUES (?,?,?,?,?,?,?,?,?,?,?,visitors)`, append([]any{daysAgo(ago), query, spelling}, counts...)...)
	if err != nil {
		t.Fatal(err)
	}
}

func TestReportOfSearches(t *testing.T) {
	db := testenv.MySQL(t, testenv.Config(t))
	noteSearches(t, db, 0, "机器学习", "机器 学习", 10, 8, 0, 1, 0, 7, 5, 40)
	noteSearches(t, db, 3, "机器学习", "机器学习", 20, 15, 0, 0, 2, 12, 10, 39)
	noteSearches(t, db, 6, "go", "go", 25, 20, 0, 0, 0, 1, 1, nil)
	noteSearches(t, db, 7, "go", "Go", 1000, 900, 5, 0, 0, 0, 0, 3) // the day before
	noteSearches(t, db, 1, "量子烹饪", "量子 烹饪", 6, 4, 6, 0, 0, 0, 0, 0)
	noteSearches(t, db, 2, "量子烹饪", "量子烹饪", 2, 2, 1, 0, 0, 0, 0, 1)
	noteSearches(t, db, 1, "rust", "rust", 9, 9, 3, 0, 0, 0, 0, 12)
	noteSearches(t, db, 1, "", "", 4, 4, 4, 0, 0, 0, 0, 0)
	for _, p := range [][]any{
		{daysAgo(0), "course", 1, 50, 20}, {daysAgo(6), "course", 1, 50, 10}, {daysAgo(0), "course", 2, 40, 4},
		{daysAgo(0), "org", 1, 10, 1}, {daysAgo(7), "org", 2, 10, 1},
	} {
		if _, err := db.Exec(`INSERT INTO search_position_daily_counts (day, kind, position, shown, clicks) VALUES (?,?,?,?,?)`, p...); err != nil {
			t.Fatal(err)
		}
	}
	since, err := searchlog.ParseSince("7d", reportDay)
	if err != nil {
		t.Fatal(err)
	}
	r, err := store.NewSearches(db).Report(t.Context(), since, reportDay, 3)
	if err != nil {
		t.Fatal(err)
	}
	if r.From.Format(time.DateOnly) != daysAgo(6) || r.To.Format(time.DateOnly) != daysAgo(0) || r.Nameless != 4 {
		t.Errorf("report %+v", r)
	}
	if want := (searchlog.Counts{Searches: 76, Visitors: 62, ZeroHits: 14, Corrected: 1, Relaxed: 2, Clicks: 20, Clicked: 16}); r.Totals != want {
		t.Errorf("totals %+v, want %+v", r.Totals, want)
	}
	wantQueries(t, "top", r.Top,
		"机器 学习 40 {30 23 0 1 2 19 15}", "go - {25 20 0 0 0 1 1}", "rust 12 {9 9 3 0 0 0 0}")
	wantQueries(t, "zero hits", r.ZeroHits, "量子 烹饪 0 {8 6 7 0 0 0 0}", "rust 12 {9 9 3 0 0 0 0}")
	want := []searchlog.PositionCounts{
		{Kind: catalog.KindCourse, Position: 1, Shown: 100, Clicks: 30},
		{Kind: catalog.KindCourse, Position: 2, Shown: 40, Clicks: 4},
		{Kind: catalog.KindOrg, Position: 1, Shown: 10, Clicks: 1},
	}
	if fmt.Sprint(r.Positions) != fmt.Sprint(want) {
		t.Errorf("positions %v, want %v", r.Positions, want)
	}
	// Of what was never asked there is an empty report.
	empty, err := store.NewSearches(testenv.MySQL(t, testenv.Config(t))).Report(t.Context(), since, reportDay, 3)
	if err != nil || empty.Totals != (searchlog.Counts{}) || empty.Top == nil || empty.ZeroHits == nil || empty.Positions == nil {
		t.Errorf("an empty report: %+v, %v", empty, err)
	}
}

func wantQueries(t *testing.T, what string, list []searchlog.QueryCounts, want ...string) {
	t.Helper()
	var got []string
	for _, q := range list {
		total := "-"
		if q.LastTotal != nil {
			total = fmt.Sprint(*q.LastTotal)
		}
		got = append(got, fmt.Sprint(q.Query, " ", total, " ", q.Counts))
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%s: %q, want %q", what, got, want)
	}
}

func TestQueriesAreBlockedInEverySpelling(t *testing.T) {
	s := store.NewSearches(testenv.MySQL(t, testenv.Config(t)))
	for _, text := range []string{"数据 骗子学校", "ＰＹＴＨＯＮ", "數據，騙子學校"} { // the last is the first
		if err := s.Block(t.Context(), text); err != nil {
			t.Fatal(err)
		}
	}
	list, err := s.Blocked(t.Context())
	if err != nil || len(list) != 2 || list[0].Query == list[1].Query || list[0].BlockedAt.IsZero() {
		t.Errorf("blocked %+v, %v", list, err)
	}
	if err := s.Unblock(t.Context(), "Python"); err != nil {
		t.Error(err)
	}
	if err := s.Unblock(t.Context(), "python"); catalog.CodeOf(err) != catalog.CodeNotFound {
		t.Errorf("a second time: %v", err)
	}
	for _, text := range []string{"", "！", "13800138000"} {
		if err := s.Block(t.Context(), text); catalog.CodeOf(err) != catalog.CodeInvalid {
			t.Errorf("%q: %v", text, err)
		}
	}
	if list, err = s.Blocked(t.Context()); err != nil || len(list) != 1 || list[0].Query != "数据 骗子学校" {
		t.Errorf("blocked %+v, %v", list, err)
	}
}

func TestPopularQueries(t *testing.T) {
	db := testenv.MySQL(t, testenv.Config(t))
	noteSearches(t, db, 0, "机器学习", "机器 学习", 10, 4, 0, 0, 0, 0, 0, 40)
	noteSearches(t, db, 20, "机器学习", "机器学习", 10, 3, 0, 0, 0, 0, 0, 40)
	noteSearches(t, db, 3, "机器学习", "机?器?学?习", 10, 2, 0, 0, 0, 0, 0, 40) // one visitor's way to write it
	noteSearches(t, db, 29, "go", "go", 9, 9, 0, 0, 0, 0, 0, 3)
	noteSearches(t, db, 28, "go", "go", 9, 9, 0, 0, 0, 0, 0, 3)
	noteSearches(t, db, 30, "too old", "too old", 9, 9, 0, 0, 0, 0, 0, 3)
	noteSearches(t, db, 29, "too old", "too old", 9, 9, 0, 0, 0, 0, 0, 3)
	noteSearches(t, db, 1, "one day", "one day", 99, 99, 0, 0, 0, 0, 0, 3)
	for _, ago := range []int{0, 1} {
		noteSearches(t, db, ago, "slander", "数据 slander", 99, 99, 0, 0, 0, 0, 0, 3)
		if _, err := db.Exec(`UPDATE search_daily_counts SET networks = 1 WHERE query = 'slander'`); err != nil { // many agents of one address
			t.Fatal(err)
		}
		noteSearches(t, db, ago, "cut", "cut", 9, 9, 0, 0, 0, 0, 0, 3)
		if _, err := db.Exec(`UPDATE search_daily_counts SET shortened = 9 WHERE query = 'cut'`); err != nil {
			t.Fatal(err)
		}
		noteSearches(t, db, ago, "little", "little", 9, 9, 0, 0, 0, 0, 0, 2)
	}
	noteSearches(t, db, 1, "zhangsan", "zhang san", 50, 2, 0, 0, 0, 0, 0, 3) // two people, again and again
	noteSearches(t, db, 2, "zhangsan", "zhang san", 50, 2, 0, 0, 0, 0, 0, 3)
	for _, text := range []string{"pythno", "a b", "narrow", "量子烹饪"} { // each has two days
		noteSearches(t, db, 2, text, text, 1, 9, 0, 0, 0, 0, 0, nil)
	}
	noteSearches(t, db, 1, "量子烹饪", "量子烹饪", 9, 9, 9, 0, 0, 0, 0, 0)
	noteSearches(t, db, 2, "gone", "gone", 9, 9, 0, 0, 0, 0, 0, 5)
	noteSearches(t, db, 1, "gone", "gone", 9, 9, 0, 0, 0, 0, 0, 5) // no hits any more
	noteSearches(t, db, 0, "gone", "gone", 1, 1, 1, 0, 0, 0, 0, 0)
	noteSearches(t, db, 1, "pythno", "pythno", 9, 9, 0, 8, 0, 0, 0, 5)
	noteSearches(t, db, 1, "a b", "a b", 9, 9, 0, 0, 9, 0, 0, 5)
	noteSearches(t, db, 1, "narrow", "narrow", 9, 9, 0, 0, 0, 0, 0, nil)
	noteSearches(t, db, 1, "", "", 99, 99, 0, 0, 0, 0, 0, 5)
	since := reportDay.AddDate(0, 0, -29)
	got, err := store.NewSearches(db).Popular(t.Context(), since, 10)
	if err != nil || fmt.Sprint(got) != "[go 机器 学习]" {
		t.Errorf("popular are %q, %v", got, err)
	}
	if got, err := store.NewSearches(db).Popular(t.Context(), since, 1); err != nil || len(got) != 1 {
		t.Errorf("the most popular is %q, %v", got, err)
	}
}

func TestOldSearchesArePruned(t *testing.T) {
	db := testenv.MySQL(t, testenv.Config(t))
	for _, ago := range []int{0, 2, 3, 400, 401, 500} {
		noteSearches(t, db, ago, "x", "x", 1, 1, 0, 0, 0, 0, 0, 1)
		for _, statement := range []string{
			`INSERT INTO search_position_daily_counts (day, kind, position, shown) VALUES (?, 'course', 1, 1)`,
			`INSERT INTO searches (search_id, day, query, spelling, counted) VALUES (UUID(), ?, 'x', 'x', TRUE)`,
		} {
			if _, err := db.Exec(statement, daysAgo(ago)); err != nil {
				t.Fatal(err)
			}
		}
	}
	// More than one step removes.
	if _, err := db.Exec(`INSERT INTO searches (search_id, day, query, spelling, counted)
		WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 6000)
		SELECT /*+ SET_VAR(cte_max_recursion_depth = 10000) */ CONCAT('old-', i), ?, 'x', 'x', TRUE FROM n`, daysAgo(4)); err != nil {
		t.Fatal(err)
	}
	counter := store.NewEventCounter(db)
	for step, wantMore := range []bool{true, false} {
		if more, err := counter.Prune(t.Context(), reportDay); err != nil || more != wantMore {
			t.Fatalf("step %d: %v, %v", step, more, err)
		}
	}
	for table, want := range map[string]int{"searches": 2, "search_daily_counts": 4, "search_position_daily_counts": 4} {
		var left int
		if err := db.QueryRow(`SELECT COUNT(*) FROM ` + table).Scan(&left); err != nil || left != want {
			t.Errorf("%d rows are left in %s, want %d (%v)", left, table, want, err)
		}
	}
}
