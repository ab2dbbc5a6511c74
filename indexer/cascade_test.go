package indexer_test

import (
	"strings"
	"testing"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/testenv"
)

// TestAKeyThatCascades is added while the indexer runs. One of a table of somebody else's
// is nothing to it; one of a table that documents are made of is told of long before the
// preconditions are looked at anyway.
func TestAKeyThatCascades(t *testing.T) {
	h := newHarness(t)
	course := h.exec(`INSERT INTO courses (name) VALUES ('起初')`)
	lesson := h.exec(`INSERT INTO lessons (course_id, name) VALUES (?, '第一节')`, course)
	h.exec(`CREATE TABLE bookmarks (course_id BIGINT UNSIGNED PRIMARY KEY, FOREIGN KEY (course_id) REFERENCES courses (id) ON DELETE CASCADE)`)
	h.start()
	h.eventually(catalog.KindCourse, course, map[string]any{"lessons": []string{"第一节"}})
	h.exec(`ALTER TABLE bookmarks ADD COLUMN parent BIGINT UNSIGNED, ADD FOREIGN KEY (parent) REFERENCES courses (id) ON DELETE SET NULL`)
	h.acknowledged()
	if said := h.state().LastError; said != "" {
		t.Errorf("of a table of somebody else's: %s", said)
	}

	h.exec(`ALTER TABLE lessons DROP FOREIGN KEY lessons_course`)
	h.exec(`ALTER TABLE lessons ADD CONSTRAINT cascading FOREIGN KEY (course_id) REFERENCES courses (id) ON DELETE CASCADE`)
	testenv.Eventually(t, 30*time.Second, "the state says that a key cascades", func() (bool, string) {
		said := h.state().LastError
		return strings.Contains(said, "foreign key cascading of table lessons cascades"), said
	})
	h.exec(`ALTER TABLE lessons DROP FOREIGN KEY cascading`)
	h.exec(`UPDATE lessons SET name = '第二节' WHERE id = ?`, lesson)
	h.eventually(catalog.KindCourse, course, map[string]any{"lessons": []string{"第二节"}})
}
