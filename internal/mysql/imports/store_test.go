package imports_test

import (
	"database/sql"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/intake"
	"github.com/xunke/xunke/internal/mysql/imports"
	"github.com/xunke/xunke/internal/testenv"
)

// load imports lines of JSON and fails the test on anything but success.
func load(t *testing.T, db *sql.DB, lines ...string) intake.Summary {
	t.Helper()
	summary, err := intake.Import(t.Context(), imports.NewStore(db), []string{"-"}, intake.Options{Stdin: strings.NewReader(strings.Join(lines, "\n"))})
	if err != nil {
		t.Fatal(err)
	}
	if summary.Bad > 0 {
		t.Fatalf("bad lines: %v", summary.Problems)
	}
	return summary
}

// column reads one column of a query as text; NULL is "NULL".
func column(t *testing.T, db *sql.DB, query string, args ...any) []string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	var values []string
	for rows.Next() {
		var v sql.NullString
		if err := rows.Scan(&v); err != nil {
			t.Fatal(err)
		}
		if !v.Valid {
			v.String = "NULL"
		}
		values = append(values, v.String)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return values
}

func expect(t *testing.T, db *sql.DB, query string, want ...string) {
	t.Helper()
	if got := column(t, db, query); !reflect.DeepEqual(got, want) {
		t.Errorf("%s\n got %q\nwant %q", query, got, want)
	}
}

// writes is how many rows of each table of the database were ever inserted, updated or
// deleted, as the server has counted them. What leaves these alone leaves no row event
// in the binlog.
func writes(t *testing.T, db *sql.DB) []string {
	t.Helper()
	return column(t, db, `SELECT CONCAT(object_name, ' ', count_insert, ' ', count_update, ' ', count_delete)
		FROM performance_schema.table_io_waits_summary_by_table WHERE object_schema = DATABASE() ORDER BY object_name`)
}

const catalogue = `{"type":"org","key":"o1","name":"青藤编程学院","description":"🌱 小班\n直播","category":"training","city":"重庆","image":"/o.png"}
{"type":"org","key":"o2","name":"江澜理工大学","category":"university"}
{"type":"teacher","key":"t1","name":"García","org":"o1","title":"讲师","bio":"b","image":"/t.png"}
{"type":"teacher","key":"t2","name":"Garcia","org":"江澜理工大学"}
{"type":"course","key":"c1","name":"C++ 程序设计","summary":"s","description":"d","org":"o1","teachers":["t2","t1","单立言"],"category":"编程语言","level":"advanced","tags":["C++","c++"],"language":"zh","minutes":90,"students":7,"image":"/c.png","created_at":"2020-01-31T00:00:00Z"}
{"type":"course","key":"c2","name":"隐藏的课","org":"没有定义的学院","hidden":true}`

func TestImportWritesEveryField(t *testing.T) {
	db := testenv.MySQL(t, testenv.Config(t))
	s := load(t, db, catalogue)
	if s.Orgs.Created != 2 || s.Teachers.Created != 2 || s.Courses.Created != 2 || s.OrgsMade != 1 || s.TeachersMade != 1 {
		t.Errorf("summary %+v", s)
	}
	expect(t, db, "SELECT CONCAT_WS('|', o.`key`, o.name, o.description, o.category, c.name, o.image) FROM orgs o LEFT JOIN cities c ON c.id = o.city_id ORDER BY o.id",
		"o1|青藤编程学院|🌱 小班\n直播|training|重庆|/o.png", "o2|江澜理工大学||university|", "没有定义的学院||training|")
	expect(t, db, "SELECT CONCAT_WS('|', t.`key`, t.name, o.name, t.title, t.bio, t.image) FROM teachers t JOIN orgs o ON o.id = t.org_id ORDER BY t.id",
		"t1|García|青藤编程学院|讲师|b|/t.png", "t2|Garcia|江澜理工大学|||", "单立言|青藤编程学院|||")
	expect(t, db, `SELECT CONCAT_WS('|', c.`+"`key`"+`, c.name, c.summary, c.description, o.name, g.name, COALESCE(c.level, '-'), c.language, c.minutes,
		c.starting_students, c.enrolments, c.image, c.hidden, c.created_at) FROM courses c JOIN orgs o ON o.id = c.org_id LEFT JOIN categories g ON g.id = c.category_id
		WHERE c.id = 1`, "c1|C++ 程序设计|s|d|青藤编程学院|编程语言|advanced|zh|90|7|0|/c.png|0|2020-01-31 00:00:00.000")
	expect(t, db, "SELECT CONCAT(hidden, COALESCE(level, '-'), COALESCE(category_id, '-'), created_at > NOW() - INTERVAL 1 DAY) FROM courses WHERE id = 2", "1--1")
	expect(t, db, "SELECT t.name FROM course_teachers x JOIN teachers t ON t.id = x.teacher_id WHERE x.course_id = 1 ORDER BY x.position", "Garcia", "García", "单立言")
	expect(t, db, "SELECT g.name FROM course_tags x JOIN tags g ON g.id = x.tag_id WHERE x.course_id = 1 ORDER BY g.name", "C++", "c++")
}

func TestASecondImportWritesNothing(t *testing.T) {
	db := testenv.MySQL(t, testenv.Config(t))
	load(t, db, catalogue)
	before := writes(t, db)
	if len(before) < 10 || !slices.Contains(before, "courses 2 0 0") {
		t.Fatalf("the server counts no writes: %q", before)
	}
	s := load(t, db, catalogue)
	if s.Courses.Unchanged != 2 || s.Orgs.Unchanged != 2 || s.Teachers.Unchanged != 2 || s.Items() != 6 || s.OrgsMade+s.TeachersMade != 0 {
		t.Errorf("summary %+v", s)
	}
	if after := writes(t, db); !reflect.DeepEqual(after, before) {
		t.Errorf("rows were written:\n got %q\nwant %q", after, before)
	}
	// The lines in another order, each a batch of its own, are the same catalogue.
	lines := strings.Split(catalogue, "\n")
	slices.Reverse(lines)
	for _, line := range lines {
		load(t, db, line)
	}
	if after := writes(t, db); !reflect.DeepEqual(after, before) {
		t.Errorf("rows were written by single lines:\n got %q\nwant %q", after, before)
	}
}

func TestAnUpdateTouchesWhatChanged(t *testing.T) {
	db := testenv.MySQL(t, testenv.Config(t))
	load(t, db, catalogue, `{"type":"course","key":"c3","name":"别的课","org":"o1","teachers":["t1"],"tags":["C++"]}`)
	if _, err := db.Exec("UPDATE courses SET favorites = 5, enrolments = 6, notice = 'n'"); err != nil {
		t.Fatal(err)
	}
	before := writes(t, db)
	// c1 moves to o2, loses its texts (they are left out), swaps teachers, drops a tag.
	s := load(t, db, `{"type":"course","key":"c1","name":"C++ 程序设计","org":"o2","teachers":["t1","t2"],"tags":["C++","STL"]}`,
		`{"type":"course","key":"c3","name":"别的课","org":"o1","teachers":["t1"],"tags":["C++"]}`)
	if s.Courses != (intake.Count{Updated: 1, Unchanged: 1}) {
		t.Errorf("summary %+v", s)
	}
	expect(t, db, "SELECT CONCAT_WS('|', o.name, c.summary, COALESCE(c.level, '-'), c.minutes, c.starting_students, c.hidden, c.created_at, c.favorites, c.enrolments, c.notice) FROM courses c JOIN orgs o ON o.id = c.org_id WHERE c.id = 1",
		"江澜理工大学||-|0|0|0|2020-01-31 00:00:00.000|5|6|n")
	expect(t, db, "SELECT CONCAT(t.name, x.position) FROM course_teachers x JOIN teachers t ON t.id = x.teacher_id WHERE x.course_id = 1 ORDER BY x.position", "García0", "Garcia1")
	expect(t, db, "SELECT g.name FROM course_tags x JOIN tags g ON g.id = x.tag_id WHERE x.course_id = 1 ORDER BY g.name", "C++", "STL")
	changed := difference(writes(t, db), before)
	// One course row; two positions written and 单立言 unlinked; one tag linked and one unlinked; one new tag.
	if want := []string{"course_tags", "course_teachers", "courses", "tags"}; !reflect.DeepEqual(changed, want) {
		t.Errorf("tables written: %q, want %q", changed, want)
	}
	// A course of which only a link changes counts as updated, and its row is left alone.
	before = writes(t, db)
	if s := load(t, db, `{"type":"course","key":"c3","name":"别的课","org":"o1","teachers":["t1"],"tags":["C++","STL"]}`); s.Courses.Updated != 1 {
		t.Errorf("summary %+v", s)
	}
	if changed := difference(writes(t, db), before); !reflect.DeepEqual(changed, []string{"course_tags"}) {
		t.Errorf("tables written: %q", changed)
	}
}

// difference names the tables of which the counts differ.
func difference(after, before []string) []string {
	var tables []string
	for _, line := range after {
		if !slices.Contains(before, line) {
			tables = append(tables, strings.Fields(line)[0])
		}
	}
	return tables
}

func TestReferences(t *testing.T) {
	db := testenv.MySQL(t, testenv.Config(t))
	load(t, db,
		`{"type":"org","key":"A","name":"甲"}`, `{"type":"org","key":"B","name":"乙"}`, `{"type":"org","key":"甲","name":"键胜于名"}`,
		`{"type":"teacher","key":"ta","name":"李静怡","org":"A"}`, `{"type":"teacher","key":"tb","name":"李静怡","org":"B"}`,
		`{"type":"teacher","key":"tn","name":"无门"}`, `{"type":"teacher","key":"tc","name":"无门","org":"A"}`,
		`{"type":"course","key":"1","name":"n","org":"甲"}`,
		`{"type":"course","key":"2","name":"n","org":"B","teachers":["李静怡","无门"]}`,
		`{"type":"course","key":"3","name":"n","teachers":["李静怡"]}`,
		`{"type":"course","key":"4","name":"n","org":"B","teachers":["新人"]}`,
		`{"type":"course","key":"5","name":"n","org":"A","teachers":["新人","tb"]}`)
	expect(t, db, "SELECT o.name FROM courses c JOIN orgs o ON o.id = c.org_id WHERE c.`key` = '1'", "键胜于名")
	who := "SELECT COALESCE(t.`key`, CONCAT(t.name, '@', o.`key`)) FROM course_teachers x JOIN courses c ON c.id = x.course_id JOIN teachers t ON t.id = x.teacher_id LEFT JOIN orgs o ON o.id = t.org_id WHERE c.`key` = '%s' ORDER BY x.position"
	expect(t, db, fmt.Sprintf(who, "2"), "tb", "tn")   // of the same org; else of no org
	expect(t, db, fmt.Sprintf(who, "3"), "ta")         // else the oldest
	expect(t, db, fmt.Sprintf(who, "4"), "新人@B")       // made, at the org of the first course
	expect(t, db, fmt.Sprintf(who, "5"), "新人@B", "tb") // not made twice
	expect(t, db, "SELECT COUNT(*) FROM teachers", "5")
}

// What an import made for a mere name is taken over by the line that defines it later.
func TestADefinitionTakesOverWhatWasMade(t *testing.T) {
	db := testenv.MySQL(t, testenv.Config(t))
	load(t, db, `{"type":"course","key":"1","name":"n","org":"甲","teachers":["曾雨桐"]}`)
	s := load(t, db, `{"type":"org","key":"A","name":"甲","city":"杭州"}`, `{"type":"org","key":"A2","name":"甲"}`,
		`{"type":"teacher","key":"T2","name":"曾雨桐"}`, `{"type":"teacher","key":"T","name":"曾雨桐","org":"A"}`)
	if s.Orgs != (intake.Count{Created: 1, Updated: 1}) || s.Teachers != (intake.Count{Created: 1, Updated: 1}) {
		t.Errorf("summary %+v", s)
	}
	expect(t, db, "SELECT CONCAT(o.id, o.`key`, c.org_id) FROM orgs o, courses c ORDER BY o.id", "1A1", "2A21")
	expect(t, db, "SELECT CONCAT(id, `key`) FROM teachers ORDER BY id", "1T", "2T2") // of the same org, not the first of the name
}

func TestReferencesByKeyAloneDangle(t *testing.T) {
	db := testenv.MySQL(t, testenv.Config(t))
	store := imports.NewStore(db)
	gone := intake.Ref{Text: "gone", KeyOnly: true}
	tally, err := store.WriteTeachers(t.Context(), []*intake.Teacher{{Key: "t", Name: "n", Org: gone}})
	if err != nil || !reflect.DeepEqual(tally.Dangling, []intake.Dangling{{Item: 0, Field: "org", Key: "gone"}}) {
		t.Errorf("%+v, %v", tally, err)
	}
	tally, err = store.WriteCourses(t.Context(), []*intake.Course{
		{Key: "a", Name: "n"}, {Key: "b", Name: "n", Org: gone, Teachers: []intake.Ref{{Text: "t"}, gone}},
	})
	want := []intake.Dangling{{Item: 1, Field: "org", Key: "gone"}, {Item: 1, Field: "teachers", Key: "gone"}}
	if err != nil || !reflect.DeepEqual(tally.Dangling, want) || tally.Courses.Created != 2 {
		t.Errorf("%+v, %v", tally, err)
	}
	expect(t, db, "SELECT COUNT(*) FROM orgs", "0")
	expect(t, db, "SELECT COUNT(*) FROM course_teachers", "1")
}

func TestDetailsLessonsAndHistory(t *testing.T) {
	db := testenv.MySQL(t, testenv.Config(t))
	store := imports.NewStore(db)
	day := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
	course := func() *intake.Course {
		return &intake.Course{Key: "c", Name: "n", History: []catalog.DailyCounts{{Day: day, Views: 9, Favorites: 2, Enrolments: 3}},
			Details: &intake.CourseDetails{
				Notice: "公告", Prerequisites: "p", Outcomes: "o", Classic: true, Favorites: 4,
				Lessons: []intake.Lesson{
					{Name: "一", Videos: []intake.Video{{Name: "1.1", URL: "/v", Minutes: 5}, {Name: "1.2"}}}, {Name: "二"}, {Name: "三", Videos: []intake.Video{{Name: "3.1"}}},
				},
				Resources: []intake.Resource{{Name: "课件.pdf", URL: "/r"}, {Name: "代码.zip"}},
			}}
	}
	write := func(c *intake.Course) intake.Count {
		t.Helper()
		tally, err := store.WriteCourses(t.Context(), []*intake.Course{c})
		if err != nil {
			t.Fatal(err)
		}
		return tally.Courses
	}
	lessons := "SELECT CONCAT_WS('|', l.id, l.position, l.name, v.position, v.name, v.url, v.minutes) FROM lessons l LEFT JOIN videos v ON v.lesson_id = l.id ORDER BY l.position, v.position"
	if got := write(course()); got.Created != 1 {
		t.Errorf("%+v", got)
	}
	expect(t, db, "SELECT CONCAT_WS('|', notice, prerequisites, outcomes, is_classic, favorites, enrolments) FROM courses", "公告|p|o|1|4|3")
	expect(t, db, lessons, "1|0|一|0|1.1|/v|5", "1|0|一|1|1.2||0", "2|1|二", "3|2|三|0|3.1||0")
	expect(t, db, "SELECT CONCAT(name, url) FROM course_resources ORDER BY id", "课件.pdf/r", "代码.zip")
	expect(t, db, "SELECT CONCAT_WS('|', day, views, favorites, enrolments) FROM course_daily_counts", "2026-11-20|9|2|3")

	// The same again, with another history and other starting figures: nothing is written.
	before := writes(t, db)
	again := course()
	again.History[0].Views, again.Details.Favorites = 99, 99
	if got := write(again); got.Unchanged != 1 {
		t.Errorf("%+v", got)
	}
	if after := writes(t, db); !reflect.DeepEqual(after, before) {
		t.Errorf("rows were written:\n got %q\nwant %q", after, before)
	}

	// The middle lesson goes, the last is renamed, a video and a file are added.
	fewer := course()
	fewer.Details.Lessons = []intake.Lesson{
		{Name: "一", Videos: []intake.Video{{Name: "1.1", URL: "/v", Minutes: 5}}}, {Name: "三 终", Videos: []intake.Video{{Name: "3.1"}, {Name: "3.2"}}},
	}
	fewer.Details.Resources = append(fewer.Details.Resources, intake.Resource{Name: "新"})
	if got := write(fewer); got.Updated != 1 {
		t.Errorf("%+v", got)
	}
	expect(t, db, lessons, "1|0|一|0|1.1|/v|5", "2|1|三 终|0|3.1||0", "2|1|三 终|1|3.2||0")
	expect(t, db, "SELECT name FROM course_resources ORDER BY id", "课件.pdf", "代码.zip", "新")

	// A source that knows no details leaves them alone.
	before = writes(t, db)
	if got := write(&intake.Course{Key: "c", Name: "n"}); got.Unchanged != 1 || !reflect.DeepEqual(writes(t, db), before) {
		t.Errorf("%+v, rows written: %v", got, difference(writes(t, db), before))
	}
}

// Writers that meet on the same rows all succeed, and nothing is there twice.
func TestConcurrentWriters(t *testing.T) {
	db := testenv.MySQL(t, testenv.Config(t))
	store := imports.NewStore(db)
	orgs := make([]*intake.Org, 300)
	for i := range orgs {
		orgs[i] = &intake.Org{Key: fmt.Sprint("k", i), Name: fmt.Sprint("n", i), City: fmt.Sprint("c", i%7)}
	}
	var wg sync.WaitGroup
	errs := make([]error, 4)
	for w := range errs {
		mine := slices.Clone(orgs)
		if w%2 == 1 {
			slices.Reverse(mine) // so that the rows are locked in the opposite order
		}
		wg.Go(func() {
			for i := 0; i < len(mine) && errs[w] == nil; i += 50 {
				_, errs[w] = store.WriteOrgs(t.Context(), mine[i:i+50])
			}
		})
	}
	wg.Wait()
	for w, err := range errs {
		if err != nil {
			t.Errorf("writer %d: %v", w, err)
		}
	}
	expect(t, db, "SELECT COUNT(*) FROM orgs", "300")
	expect(t, db, "SELECT COUNT(*) FROM cities", "7")
}

func TestExclusive(t *testing.T) {
	db := testenv.MySQL(t, testenv.Config(t))
	store := imports.NewStore(db)
	release, err := store.Exclusive(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if empty, err := store.Empty(t.Context()); err != nil || !empty {
		t.Errorf("empty %v, %v", empty, err)
	}
	got := make(chan error, 1)
	go func() {
		second, err := store.Exclusive(t.Context())
		if err == nil {
			err = second()
		}
		got <- err
	}()
	if err := release(); err != nil { // the other waits for this
		t.Fatal(err)
	}
	if err := <-got; err != nil {
		t.Errorf("the second waits for the first to end: %v", err)
	}
	load(t, db, `{"type":"org","key":"o","name":"n"}`)
	if empty, err := store.Empty(t.Context()); err != nil || empty {
		t.Errorf("empty %v, %v", empty, err)
	}
}
