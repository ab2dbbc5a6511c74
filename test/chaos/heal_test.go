package chaos

import (
	"strings"
	"testing"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/indexer"
)

// TestHealing takes away what the indexer relies on, beside the source's history, and sees
// that it notices, tells, and makes good for it while the old documents serve.
func TestHealing(t *testing.T) {
	s := newSite(t, 1)
	s.settle()
	for _, one := range []struct {
		name   string
		run    func(s *site)
		reason indexer.Reason
	}{
		{"the state is deleted under a running indexer", deleteState, indexer.ReasonCheckpoint},
		{"the state is deleted while no indexer runs", deleteStateWhileStopped, indexer.ReasonCheckpoint},
		{"columns are altered and emptied", alterColumns, indexer.ReasonDefinition},
		{"a column goes and comes back", dropColumn, indexer.ReasonDefinition},
		{"an index is deleted", deleteIndex, indexer.ReasonIndex},
	} {
		t.Run(one.name, func(t *testing.T) {
			s := s.on(t)
			one.run(s)
			s.settle()
			s.checkRecovery(one.reason)
		})
	}
}

// forgetState deletes the document that has the indexers' state. What was acknowledged by
// it is not gone back on but forgotten, so the watch begins anew.
func (s *site) forgetState() {
	s.T.Helper()
	s.watch.forget(func() {
		if err := s.Client.Do(s.T.Context(), "DELETE", "/"+s.Client.State()+"/_doc/indexer?refresh=true", nil, nil); err != nil {
			s.T.Fatal(err)
		}
	})
}

func deleteState(s *site) {
	old := s.behind(catalog.KindCourse)
	s.forgetState()
	s.Exec(`UPDATE courses SET name = '没有记录的时候' WHERE id <= 10`)
	s.servesOn(old)
}

func deleteStateWhileStopped(s *site) {
	old := s.behind(catalog.KindCourse)
	s.slots[0].kill()
	s.forgetState()
	s.Exec(`DELETE FROM course_tags WHERE course_id BETWEEN 11 AND 20`)
	s.startAll()
	s.servesOn(old)
}

// servesOn checks that there is an index behind the alias all the time until another one
// than before is.
func (s *site) servesOn(old string) {
	s.T.Helper()
	s.Eventually("a new index serves", func() (bool, string) {
		now := s.behind(catalog.KindCourse)
		if now == "" {
			s.T.Error("nothing serves the courses")
		}
		return now != old, now
	})
}

func alterColumns(s *site) {
	s.Exec(`ALTER TABLE courses MODIFY COLUMN summary VARCHAR(4000) NOT NULL DEFAULT '', ALGORITHM = COPY`)
	s.Exec(`UPDATE courses SET summary = '短' WHERE id <= 10`)
	s.Exec(`ALTER TABLE courses ADD COLUMN heal_extra INT NOT NULL DEFAULT 1 FIRST, MODIFY COLUMN summary TEXT NOT NULL DEFAULT ('')`)
	s.Exec(`ALTER TABLE courses DROP COLUMN heal_extra`)
	s.WaitUntilIndexed()
}

func dropColumn(s *site) {
	p := s.slots[0].running()
	s.Exec(`ALTER TABLE teachers RENAME COLUMN title TO heal_title`)
	p.Line("indexing was interrupted", "the schema lacks what documents are made of", "title", "migrations")
	s.Eventually("the state tells what is missing", func() (bool, string) {
		told := s.State().LastError
		return strings.Contains(told, "title"), told
	})
	if r := s.Run("doctor"); !strings.Contains(r.Stdout, "FAILURE  columns") {
		s.T.Errorf("doctor says nothing of the column: %s", r)
	}
	s.Exec(`ALTER TABLE teachers RENAME COLUMN heal_title TO title`)
	s.Exec(`UPDATE teachers SET title = '回来了' WHERE id <= 5`)
}

func deleteIndex(s *site) {
	index := s.behind(catalog.KindOrg)
	if err := s.Client.Do(s.T.Context(), "DELETE", "/"+index, nil, nil); err != nil {
		s.T.Fatal(err)
	}
	s.Exec(`UPDATE orgs SET name = '没有地方写' WHERE id = 2`)
}
