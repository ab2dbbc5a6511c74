package indexer_test

import (
	"database/sql"
	"fmt"
	"testing"

	driver "github.com/go-sql-driver/mysql"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/indexer"
	"github.com/xunke/xunke/internal/testenv"
	"github.com/xunke/xunke/internal/testenv/pipeline"
)

// waitForSweep waits until everything is read again for one more reason than the n before,
// and returns how often that was so.
func (h *harness) waitForSweep(n int64) int64 {
	h.T.Helper()
	var now int64
	testenv.Eventually(h.T, pipeline.Timeout, "everything is read again", func() (bool, string) {
		s := h.State()
		now = s.Recoveries[indexer.ReasonDefinition]
		return now > n && !s.Recovery.Running(), fmt.Sprintf("recoveries: %v, the last: %+v", s.Recoveries, s.Recovery)
	})
	return now
}

// TestSkippedStatements changes tables by statements that canal's parser does not
// understand, or which begin with a comment.
func TestSkippedStatements(t *testing.T) {
	h := newHarness(t)
	course := h.Exec(`INSERT INTO courses (name) VALUES ('课')`)
	other := h.Exec(`INSERT INTO courses (name) VALUES ('别的课')`)
	lesson := h.Exec(`INSERT INTO lessons (course_id, name) VALUES (?, '第一节')`, course)
	h.Start()
	h.eventually(catalog.KindCourse, course, map[string]any{"lessons": []string{"第一节"}})

	// The same number of columns before and after, each at another place: whoever does not
	// hear of it takes the lesson's id for the course's.
	h.Exec(`ALTER TABLE lessons ADD COLUMN extra INT NOT NULL DEFAULT 0`)
	swept := h.waitForSweep(0)
	h.Exec(`UPDATE lessons SET name = '第二节'`)
	h.eventually(catalog.KindCourse, course, map[string]any{"lessons": []string{"第二节"}})
	h.Exec(`ALTER TABLE lessons DROP COLUMN extra, ADD COLUMN extra BIGINT UNSIGNED NOT NULL DEFAULT 900 INVISIBLE FIRST`)
	swept = h.waitForSweep(swept)
	for i := range 3 {
		h.Exec(`UPDATE lessons SET name = ?, course_id = ? WHERE id = ?`, fmt.Sprint("第", i), other, lesson)
		h.eventually(catalog.KindCourse, course, map[string]any{"lessons": []string{}})
		h.eventually(catalog.KindCourse, other, map[string]any{"lessons": []string{fmt.Sprint("第", i)}})
		h.Exec(`UPDATE lessons SET course_id = ? WHERE id = ?`, course, lesson)
		h.eventually(catalog.KindCourse, other, map[string]any{"lessons": []string{}})
	}
	if now := h.State().Recoveries[indexer.ReasonDefinition]; now != swept {
		t.Errorf("rows of the altered table had everything read again, %d times", now-swept)
	}

	// These change rows without any row event.
	tag := h.Exec(`INSERT INTO tags (name) VALUES ('标签')`)
	tagged := map[string]any{"tags": []string{"标签"}}
	run := h.Session(t, `SET SESSION sql_mode = CONCAT(@@sql_mode, ',ANSI_QUOTES')`)
	for _, truncate := range []string{
		"/* tidy up */ TRUNCATE TABLE course_tags", `TRUNCATE TABLE "course_tags"`, "TRUNCATE --\tit's all\n TABLE course_tags",
		"TRUNCATE/*!80000course_tags*/", "truncate # it's\n `course_tags`",
	} {
		h.Exec(`INSERT INTO course_tags (course_id, tag_id) VALUES (?, ?)`, course, tag)
		h.eventually(catalog.KindCourse, course, tagged)
		run(truncate)
		h.eventually(catalog.KindCourse, course, map[string]any{"tags": []string{}})
	}
}

// acknowledge waits until everything that is committed now is acknowledged in the saved state.
func (h *harness) acknowledge() {
	h.T.Helper()
	h.Exec(`INSERT INTO cities (name) VALUES (UUID())`) // the stream has to come to it, whatever was saved before
	h.WaitUntilIndexed()
}

// TestXATransactions changes rows in XA transactions, whose rows are on the binlog before
// they are visible.
func TestXATransactions(t *testing.T) {
	h := newHarness(t)
	id := h.Exec(`INSERT INTO courses (name) VALUES ('起初')`)
	h.Start()
	h.eventually(catalog.KindCourse, id, map[string]any{"name": "起初"})
	xa := h.Session(t)
	prepare := func(xid, name string) {
		t.Helper()
		xa(`XA START '` + xid + `'`)
		xa(`UPDATE courses SET name = ? WHERE id = ?`, name, id)
		xa(`XA END '` + xid + `'`)
		xa(`XA PREPARE '` + xid + `'`)
	}
	prepare("a", "准备了")
	h.acknowledge()
	h.eventually(catalog.KindCourse, id, map[string]any{"name": "起初"})
	xa(`XA COMMIT 'a'`)
	h.eventually(catalog.KindCourse, id, map[string]any{"name": "准备了"})
	if s := h.State(); len(s.Recoveries) > 0 {
		t.Errorf("everything was read again: %+v", s.Recovery)
	}

	prepare("b", "不要了")
	xa(`XA ROLLBACK 'b'`)
	h.acknowledge()
	h.eventually(catalog.KindCourse, id, map[string]any{"name": "准备了"})

	xa(`XA START 'c'`)
	xa(`UPDATE courses SET name = '一次' WHERE id = ?`, id)
	xa(`XA END 'c'`)
	xa(`XA COMMIT 'c' ONE PHASE`)
	h.eventually(catalog.KindCourse, id, map[string]any{"name": "一次"})

	// An indexer that begins after the prepare has not seen its rows. It would see them
	// if it began where nothing was saved of its being acknowledged.
	prepare("d", "隔了一次")
	h.acknowledge()
	h.Stop()
	h.Start()
	xa(`XA COMMIT 'd'`)
	h.eventually(catalog.KindCourse, id, map[string]any{"name": "隔了一次"})
	h.waitForSweep(0)
}

// TestADatabaseThatIsDroppedAndRestored has the documents of rows go that were not
// restored: DROP DATABASE tells of no table.
func TestADatabaseThatIsDroppedAndRestored(t *testing.T) {
	h := newHarness(t)
	stays := h.Exec(`INSERT INTO teachers (name) VALUES ('留下')`)
	goes := h.Exec(`INSERT INTO teachers (name) VALUES ('离开')`)
	h.Start()
	h.eventually(catalog.KindTeacher, stays, map[string]any{"name": "留下"})
	h.eventually(catalog.KindTeacher, goes, map[string]any{"name": "离开"})

	dsn, err := driver.ParseDSN(h.Config.MySQL.DSN)
	if err != nil {
		t.Fatal("parse the test's DSN: not a DSN")
	}
	name := dsn.DBName
	dsn.DBName = ""
	server, err := sql.Open("mysql", dsn.FormatDSN())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	for _, statement := range []string{"DROP DATABASE " + name, "CREATE DATABASE " + name} {
		if _, err := server.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	restored := testenv.MySQL(t, h.Config)
	if _, err := restored.ExecContext(t.Context(), `INSERT INTO teachers (id, name) VALUES (?, '回来')`, stays); err != nil {
		t.Fatal(err)
	}
	h.Pool.Renew()
	h.eventually(catalog.KindTeacher, stays, map[string]any{"name": "回来"})
	h.eventually(catalog.KindTeacher, goes, map[string]any{"deleted": true})
}
