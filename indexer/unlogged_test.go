package indexer_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/indexer"
	"github.com/xunke/xunke/internal/testenv"
	"github.com/xunke/xunke/internal/testenv/pipeline"
)

// TestADumpThatIsNotLogged does to a table what a dump of mysqldump with default options
// does, and before that what is on the binlog and looks alike.
func TestADumpThatIsNotLogged(t *testing.T) {
	h := newHarness(t)
	course := h.Exec(`INSERT INTO courses (name) VALUES ('课')`)
	h.Exec(`INSERT INTO lessons (course_id, name) VALUES (?, '第二版')`, course)
	h.Start()
	h.eventually(catalog.KindCourse, course, map[string]any{"lessons": []string{"第二版"}})
	var known int64
	testenv.Eventually(t, pipeline.Timeout, "it is noted when lessons was made", func() (bool, string) {
		known = h.State().TablesCreated["lessons"]
		return known > 0, fmt.Sprint(known)
	})
	// MySQL notes seconds.
	testenv.Eventually(t, pipeline.Timeout, "the next second", func() (bool, string) { return time.Now().Unix() > known, "" })
	h.Exec(`CREATE INDEX names ON lessons (name)`)
	var after int64
	testenv.Eventually(t, pipeline.Timeout, "the index of names is taken note of", func() (bool, string) {
		after = h.State().TablesCreated["lessons"]
		return after > known, fmt.Sprint(after)
	})
	// The server is shared with other tests: an XA transaction of theirs that began before this
	// stream and ends now passes for a definition, since it does not say whose rows it has.
	before := h.State()
	if before.Recoveries[indexer.ReasonUnlogged] > 0 {
		t.Errorf("a statement that is on the binlog and changes no rows: %v, %+v", before.Recoveries, before.Recovery)
	}

	testenv.Eventually(t, pipeline.Timeout, "the next second", func() (bool, string) { return time.Now().Unix() > after, "" })
	var name, definition string
	if err := h.DB.QueryRow(`SHOW CREATE TABLE lessons`).Scan(&name, &definition); err != nil {
		t.Fatal(err)
	}
	run := h.Session(t, `SET SESSION sql_log_bin = 0, foreign_key_checks = 0`, `DROP TABLE lessons`, definition)
	run(`INSERT INTO lessons (course_id, name) VALUES (?, '第一版')`, course)
	h.eventually(catalog.KindCourse, course, map[string]any{"lessons": []string{"第一版"}})
	// When another test makes a database or a user meanwhile, that passes for the OPTIMIZE TABLE that
	// would be a definition. TestWhatExplainsATableMadeAnew tells the two apart.
	testenv.Eventually(t, pipeline.Timeout, "the recovery ends", func() (bool, string) {
		s := h.State()
		return s.Recoveries[indexer.ReasonUnlogged]+s.Recoveries[indexer.ReasonDefinition] > before.Recoveries[indexer.ReasonDefinition] && !s.Recovery.Running(), fmt.Sprintf("%v, %+v", s.Recoveries, s.Recovery)
	})

	// The stream goes on, with the definition that is there now.
	h.Exec(`UPDATE lessons SET name = '第三版'`)
	h.eventually(catalog.KindCourse, course, map[string]any{"lessons": []string{"第三版"}})
}
