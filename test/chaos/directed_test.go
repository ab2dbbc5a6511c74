package chaos

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/test/harness"
)

// TestDirected provokes, one after the other, what each safeguard of the indexer is for,
// with nothing beside that could make good for it. mutants_test.go takes the safeguards
// away and sees that these fail.
func TestDirected(t *testing.T) {
	s := newSite(t, 1)
	s.settle()
	for _, one := range []struct {
		name string
		run  func(s *site)
	}{
		{"commits that are visible late", visibleLate},
		{"an indexer that dies before its batch is written", diesBeforeBatch},
		{"an indexer that dies before sums are read", diesBeforeSums},
		{"a write that arrives after the delete", arrivesAfterDelete},
		{"documents that are put off", putOff},
		{"rows that leave their parents and ids", leaves},
		{"parents with new names", newNames},
		{"statements that canal passes over", passedOver},
		{"rows that are visible when their second phase ends", secondPhase},
	} {
		t.Run(one.name, func(t *testing.T) {
			s := s.on(t)
			one.run(s)
			s.settle()
		})
	}
}

// visibleLate makes each commit visible 0.3 s after the binlog tells of it.
func visibleLate(s *site) {
	s.Exec(`SET GLOBAL binlog_group_commit_sync_delay = 300000`)
	defer s.Exec(`SET GLOBAL binlog_group_commit_sync_delay = 0`)
	for i := range 5 {
		s.Exec(`UPDATE teachers SET title = '晚到' WHERE id = ?`, i+1)
	}
	s.Exec(`UPDATE tags SET name = '晚到的标签' WHERE id = 1`)
}

// diesBeforeBatch holds a batch of several transactions back for longer than the indexer
// waits between two saves, and kills it before Elasticsearch has got the batch. One
// transaction would not do: the last that was acknowledged is always asked for again.
func diesBeforeBatch(s *site) {
	o := s.slots[0]
	p := o.start()
	s.Leads(p)
	held, release := make(chan struct{}), make(chan struct{})
	letGo := sync.OnceFunc(func() { close(release) })
	defer letGo()
	o.http.At(harness.Before("a bulk", harness.Bulk), 1, false, func() {
		close(held)
		<-release
	})
	s.Exec(`INSERT INTO teachers (name) VALUES ('先到')`)
	harness.WaitFor(s.T, held, "a first bulk")
	for range 5 {
		s.Exec(`INSERT INTO teachers (name) VALUES ('见证')`)
	}
	dead := o.http.KillStalled(harness.Before("a bulk", harness.Bulk), 1, p, 700*time.Millisecond)
	letGo()
	harness.WaitFor(s.T, dead, "a second bulk")
	s.Leads(o.start())
}

// diesBeforeSums kills an indexer that has acknowledged what changed of an org's courses and
// has not written the org. Other transactions follow, since the last one is asked for again.
func diesBeforeSums(s *site) {
	o := s.slots[0]
	p := o.start()
	s.Leads(p)
	orgs := func(req *http.Request) bool { return harness.Bulk(req) && strings.Contains(req.URL.Path, "-orgs-") }
	dead := o.http.KillStalled(harness.Before("a bulk of orgs", orgs), 1, p, 700*time.Millisecond)
	s.Exec(`UPDATE courses SET starting_students = starting_students + 7 WHERE org_id = 1`)
	for range 5 {
		s.Exec(`INSERT INTO teachers (name) VALUES ('见证')`)
	}
	harness.WaitFor(s.T, dead, "a bulk of orgs")
	s.Leads(o.start())
}

// arrivesAfterDelete lets a write arrive when its document has long been deleted, and
// Elasticsearch has forgotten the versions of deletes.
func arrivesAfterDelete(s *site) {
	o := s.slots[0]
	course := s.Exec(`INSERT INTO courses (name) VALUES ('将被删除')`)
	s.settle()
	index := s.behind(catalog.KindCourse)
	forget := func(value any) {
		if err := s.Client.Do(s.T.Context(), "PUT", "/"+index+"/_settings", map[string]any{"index.gc_deletes": value}, nil); err != nil {
			s.T.Fatal(err)
		}
	}
	forget("100ms")
	defer forget(nil)
	late, arrived := make(chan struct{}), make(chan error, 100)
	f := o.http.Meet(harness.Bulk, harness.Delay(late, arrived))
	s.Exec(`UPDATE courses SET minutes = 1 WHERE id = ?`, course)
	s.Eventually("a write is under way", func() (bool, string) { return f.Count() > 0, "none is" })
	held := f.End()
	s.WaitUntilIndexed()
	s.Exec(`DELETE FROM courses WHERE id = ?`, course)
	s.WaitUntilIndexed()
	// Elasticsearch forgets a delete at a refresh, once it is as old as that.
	for range 3 {
		s.pause(400 * time.Millisecond)
		s.WaitUntilIndexed()
	}
	close(late)
	for range held {
		if err := <-arrived; err != nil {
			s.T.Fatalf("the late write did not arrive: %v", err)
		}
	}
}

// putOff has Elasticsearch put off every second document of one bulk request, and later
// refuse to write to an index at all, which it says document by document.
func putOff(s *site) {
	o := s.slots[0]
	f := o.http.Meet(harness.Bulk, harness.PutOff(everySecond()))
	s.Exec(`UPDATE teachers SET title = '推迟' WHERE id <= 30`)
	s.Eventually("documents are put off", func() (bool, string) { return f.Count() > 0, "none are" })
	f.End()
	s.WaitUntilIndexed()
	index := s.behind(catalog.KindTeacher)
	if !s.blocks(index, "index.blocks.read_only_allow_delete", true) {
		s.T.Fatal("the index cannot be made read-only")
	}
	s.Exec(`UPDATE teachers SET title = '只读' WHERE id BETWEEN 10 AND 20`)
	s.pause(time.Second)
	s.blocks(index, "index.blocks.read_only_allow_delete", nil)
}

// leaves moves courses to another org, teachers to other courses, changes an id and
// deletes, and nothing else: what was left behind hears of it only from the row before.
func leaves(s *site) {
	s.Exec(`UPDATE courses SET org_id = 2 WHERE org_id = 1`)
	s.Exec(`UPDATE course_teachers SET teacher_id = 2 WHERE teacher_id = 1`)
	bare := s.Exec(`INSERT INTO courses (name) VALUES ('换号')`)
	s.Exec(`UPDATE courses SET id = id + 5000 WHERE id = ?`, bare)
	s.Exec(`UPDATE lessons SET course_id = 7 WHERE course_id = 9`)
}

// newNames renames every sort of parent once, with children that stay as they are.
func newNames(s *site) {
	for _, table := range []string{"orgs", "teachers", "tags", "categories", "cities"} {
		s.Exec(fmt.Sprintf(`UPDATE %s SET name = '%s的新名' WHERE id = 3`, table, strings.ToUpper(table)))
	}
	s.Exec(`UPDATE orgs SET city_id = 2 WHERE id = 4`)
	s.Exec(`UPDATE orgs SET hidden = 1 WHERE id = 5`)
	s.Exec(`UPDATE teachers SET hidden = 1 WHERE id = 6`)
}

// passedOver empties a table and moves the columns of another one, in words that canal's
// parser does not understand.
func passedOver(s *site) {
	s.run(`SET SESSION sql_mode = CONCAT(@@sql_mode, ',ANSI_QUOTES')`, `TRUNCATE TABLE "course_tags"`, `SET SESSION sql_mode = DEFAULT`)
	s.settle() // before anything else has these documents read again
	s.Exec(`ALTER TABLE lessons ADD COLUMN moved BIGINT UNSIGNED NOT NULL DEFAULT 1`)
	s.Exec(`UPDATE lessons SET name = '挪动之前' WHERE id <= 3`)
	s.settle()
	s.Exec(`ALTER TABLE lessons DROP COLUMN moved, ADD COLUMN moved BIGINT UNSIGNED NOT NULL DEFAULT 1 INVISIBLE FIRST`)
	s.settle()
	// Each lesson has the id of its course, so far: whoever takes the one for the other does
	// not hear of the courses that get a lesson.
	s.Exec(`UPDATE lessons SET course_id = course_id + 100 WHERE id BETWEEN 20 AND 40`)
	s.settle()
	s.Exec(`ALTER TABLE lessons DROP COLUMN moved`)
}

// secondPhase commits an XA transaction when the stream has long passed its rows.
func secondPhase(s *site) {
	s.run(`XA START 'late'`, `UPDATE teachers SET title = '两阶段' WHERE id <= 10`, `UPDATE orgs SET name = '两阶段' WHERE id = 2`, `XA END 'late'`, `XA PREPARE 'late'`)
	s.Exec(`INSERT INTO teachers (name) VALUES ('之间')`)
	s.WaitUntilIndexed()
	s.Exec(`XA COMMIT 'late'`)
}

// run runs statements on one connection.
func (s *site) run(list ...string) {
	s.T.Helper()
	if err := statements(s.T.Context(), &harness.Writer{DB: s.DB}, list...); err != nil {
		s.T.Fatal(err)
	}
}

// everySecond yields false and true in turn.
func everySecond() func() bool {
	var n atomic.Int64
	return func() bool { return n.Add(1)%2 == 0 }
}
