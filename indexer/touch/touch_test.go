package touch_test

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	driver "github.com/go-sql-driver/mysql"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/indexer/touch"
	"github.com/xunke/xunke/internal/mysql/source"
	"github.com/xunke/xunke/internal/testenv/pipeline"
)

func TestMain(m *testing.M) { pipeline.Main(m) }

// harness is an indexer on the real servers, whose binlog is looked at.
type harness struct{ *pipeline.Pipeline }

func newHarness(t *testing.T) *harness {
	t.Helper()
	return &harness{pipeline.New(t)}
}

func (h *harness) finder() *touch.Finder {
	stream := h.Options.Stream
	stream.Host = source.ExplainHost(h.Config.Elasticsearch.Prefix, h.Config.Elasticsearch.Prefix)
	return &touch.Finder{Reader: h.Deps.Reader, Source: h.Deps.Source, Stream: stream, Within: pipeline.Timeout}
}

// checkTouch runs statements and checks that they, and in what way, touched an item last.
func (h *harness) checkTouch(t *testing.T, key catalog.Key, how touch.How, of int64, statements ...string) {
	t.Helper()
	before := h.ExecutedSet()
	for _, s := range statements {
		h.Exec(s)
	}
	after := h.ExecutedSet()
	h.Exec(`UPDATE orgs SET description = CONCAT(description, '.') WHERE name = '路人'`) // of no concern to anybody
	last, err := h.finder().LastTouch(t.Context(), key)
	if err != nil {
		t.Fatalf("%s: %v", key, err)
	}
	if last.How != how || last.Of != of {
		t.Errorf("%s was touched by %s %d, want %s %d", key, last.How, last.Of, how, of)
	}
	var now bool
	g := fmt.Sprintf("%s:%d", last.UUID, last.Number)
	if err := h.DB.QueryRow(`SELECT GTID_SUBSET(?, GTID_SUBTRACT(?, ?))`, g, after, before).Scan(&now); err != nil || !now {
		t.Errorf("%s was touched by %s, which is not what was just executed (%v)", key, g, err)
	}
	if age := time.Since(last.Committed); age < -time.Minute || age > time.Hour {
		t.Errorf("%s was committed %s ago", g, age)
	}
}

func TestWhatTouchedAnItemLast(t *testing.T) {
	h := newHarness(t)
	org := h.Exec(`INSERT INTO orgs (name, description) VALUES ('湖畔学堂', '')`)
	other := h.Exec(`INSERT INTO orgs (name, description) VALUES ('别处', '')`)
	h.Exec(`INSERT INTO orgs (name, description) VALUES ('路人', '')`)
	teacher := h.Exec(`INSERT INTO teachers (name, org_id) VALUES ('曾小明', ?)`, org)
	tag := h.Exec(`INSERT INTO tags (name) VALUES ('算法')`)
	id := h.Exec(`INSERT INTO courses (name, org_id) VALUES ('数据结构', ?)`, org)
	h.Exec(`INSERT INTO course_teachers (course_id, teacher_id) VALUES (?, ?)`, id, teacher)
	h.Exec(`INSERT INTO course_tags (course_id, tag_id) VALUES (?, ?)`, id, tag)
	course := catalog.Key{Kind: catalog.KindCourse, ID: id}
	from, to := catalog.Key{Kind: catalog.KindOrg, ID: org}, catalog.Key{Kind: catalog.KindOrg, ID: other}
	person := catalog.Key{Kind: catalog.KindTeacher, ID: teacher}
	of := func(statement string, ids ...any) string { return fmt.Sprintf(statement, ids...) }

	renamed := of(`UPDATE courses SET name = '数据结构与算法' WHERE id = %d`, id)
	h.checkTouch(t, course, touch.ByRow, 0, renamed)
	h.checkTouch(t, course, touch.ByRow, 0, of(`INSERT INTO lessons (course_id, name) VALUES (%d, '链表')`, id))
	h.checkTouch(t, course, "courses_of_org", org, of(`UPDATE orgs SET name = '湖畔书院' WHERE id = %d`, org))
	h.checkTouch(t, person, "teachers_of_org", org, of(`UPDATE orgs SET name = '湖畔书堂' WHERE id = %d`, org))
	h.checkTouch(t, course, "courses_of_tag", tag, of(`UPDATE tags SET name = '算法导论' WHERE id = %d`, tag))
	views := of(`INSERT INTO course_daily_counts (course_id, day, views) VALUES (%d, '2026-01-01', 7)`, id)
	h.checkTouch(t, person, touch.ByCourse, id, views)
	h.checkTouch(t, from, touch.ByCourse, id, strings.Replace(views, "01-01", "01-02", 1))
	moved := of(`UPDATE courses SET org_id = %d WHERE id = %d`, other, id)
	h.checkTouch(t, from, touch.ByRow, 0, moved)
	h.checkTouch(t, to, touch.ByRow, 0, of(`UPDATE courses SET org_id = %d WHERE id = %d`, org, id), moved)
	h.checkTouch(t, course, "every_course", 0, `TRUNCATE TABLE course_daily_counts`)
	h.checkTouch(t, course, touch.ByRow, 0, of(`DELETE FROM course_tags WHERE course_id = %d`, id), of(`UPDATE tags SET name = '图论' WHERE id = %d`, tag))

	none := h.finder()
	none.Windows = []int64{1000}
	_, err := none.LastTouch(t.Context(), catalog.Key{Kind: catalog.KindCourse, ID: 1 << 40})
	so, ok := errors.AsType[*touch.UnknownError](err)
	if !ok || so.Cause != nil || so.Looked == 0 || so.Since.IsZero() {
		t.Errorf("a course that no transaction touched: %v", err)
	}
}

func TestWhoMayNotReadTheBinlogIsTold(t *testing.T) {
	h := newHarness(t)
	id := h.Exec(`INSERT INTO courses (name) VALUES ('数据结构')`)
	h.Exec(`INSERT INTO lessons (course_id, name) VALUES (?, '链表')`, id)
	dsn, err := driver.ParseDSN(h.Config.MySQL.DSN)
	if err != nil {
		t.Fatal(err)
	}
	user := dsn.DBName
	h.Exec(`CREATE USER '` + user + `'@'%' IDENTIFIED BY 'secret'`)
	t.Cleanup(func() {
		if _, err := h.DB.Exec(`DROP USER '` + user + `'@'%'`); err != nil {
			t.Error(err)
		}
	})
	dsn.User, dsn.Passwd = user, "secret"
	ask := func(grants ...string) error {
		for _, g := range grants {
			h.Exec(`GRANT ` + g + ` TO '` + user + `'@'%'`)
		}
		find := h.finder()
		find.Stream.DSN = dsn.FormatDSN()
		_, err := find.LastTouch(t.Context(), catalog.Key{Kind: catalog.KindCourse, ID: id})
		return err
	}
	if err := ask(`SELECT ON ` + dsn.DBName + `.courses`); err == nil || !strings.HasPrefix(err.Error(), "the replication user may not read the binlog") || strings.Contains(err.Error(), "secret") {
		t.Errorf("without REPLICATION SLAVE: %v", err)
	}
	if err := ask(`REPLICATION SLAVE, REPLICATION CLIENT ON *.*`); err == nil || !strings.Contains(err.Error(), "may not SELECT") {
		t.Errorf("without SELECT on lessons: %v", err)
	}
	if err := ask(`SELECT ON ` + dsn.DBName + `.*`); err != nil {
		t.Errorf("with all that is needed: %v", err)
	}
}

// TestLookingBackDisturbsNobody has many look at the binlog while an indexer follows it.
func TestLookingBackDisturbsNobody(t *testing.T) {
	h := newHarness(t)
	id := h.Exec(`INSERT INTO courses (name) VALUES ('a')`)
	h.Start()
	h.WaitUntilServing()
	h.WaitUntilIndexed()
	before := h.State()
	for n := range 5 {
		name := fmt.Sprintf("b%d", n)
		h.Exec(`UPDATE courses SET name = ? WHERE id = ?`, name, id)
		last, err := h.finder().LastTouch(t.Context(), catalog.Key{Kind: catalog.KindCourse, ID: id})
		if err != nil || last.How != touch.ByRow {
			t.Errorf("%+v, %v", last, err)
		}
		h.WaitUntilIndexed()
	}
	if s := h.State(); s.Epoch != before.Epoch || s.LastError != before.LastError || s.Recovery != nil {
		t.Errorf("the indexer noticed: epoch %d, %q, %+v", s.Epoch, s.LastError, s.Recovery)
	}
	source := source.New(h.Pool, h.Pool, h.Options.Stream.Host, slog.New(slog.DiscardHandler))
	if err := source.Check(t.Context(), h.Options.Stream.ServerID); err != nil {
		t.Errorf("another indexer could not start: %v", err)
	}
}
