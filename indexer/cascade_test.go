package indexer_test

import (
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/testenv"
)

// sharedLog is written to by an indexer and read by a test.
type sharedLog struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *sharedLog) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *sharedLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// TestAKeyThatCascades is added while the indexer runs. One of a table of somebody else's
// is nothing to it; one of a table that documents are made of is told of long before the
// preconditions are looked at anyway.
func TestAKeyThatCascades(t *testing.T) {
	h := newHarness(t)
	log := &sharedLog{}
	h.Deps.Log = slog.New(slog.NewTextHandler(log, nil))
	course := h.Exec(`INSERT INTO courses (name) VALUES ('起初')`)
	lesson := h.Exec(`INSERT INTO lessons (course_id, name) VALUES (?, '第一节')`, course)
	h.Exec(`CREATE TABLE bookmarks (course_id BIGINT UNSIGNED PRIMARY KEY, FOREIGN KEY (course_id) REFERENCES courses (id) ON DELETE CASCADE)`)
	h.Start()
	h.eventually(catalog.KindCourse, course, map[string]any{"lessons": []string{"第一节"}})
	h.Exec(`ALTER TABLE bookmarks ADD COLUMN parent BIGINT UNSIGNED, ADD FOREIGN KEY (parent) REFERENCES courses (id) ON DELETE SET NULL`)
	h.WaitUntilIndexed()
	if said := log.String(); strings.Contains(said, "cascade") {
		t.Errorf("of a table of somebody else's: %s", said)
	}

	h.Exec(`ALTER TABLE lessons DROP FOREIGN KEY lessons_course`)
	h.Exec(`ALTER TABLE lessons ADD CONSTRAINT cascading FOREIGN KEY (course_id) REFERENCES courses (id) ON DELETE CASCADE`)
	testenv.Eventually(t, 30*time.Second, "the log says that a key cascades", func() (bool, string) {
		said := log.String()
		return strings.Contains(said, "foreign key cascading of table lessons cascades"), said
	})
	h.Exec(`ALTER TABLE lessons DROP FOREIGN KEY cascading`)
	h.Exec(`UPDATE lessons SET name = '第二节' WHERE id = ?`, lesson)
	h.eventually(catalog.KindCourse, course, map[string]any{"lessons": []string{"第二节"}})
}
