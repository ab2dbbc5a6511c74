package indexer_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	driver "github.com/go-sql-driver/mysql"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/indexer"
	"github.com/xunke/xunke/indexer/touch"
	"github.com/xunke/xunke/internal/mysql/source"
	"github.com/xunke/xunke/internal/testenv"
	"github.com/xunke/xunke/internal/testenv/pipeline"
)

// TestADatabaseInAnotherCase spells the database otherwise than a server does that takes
// names in any case: on its binlog they are as it spells them.
func TestADatabaseInAnotherCase(t *testing.T) {
	t.Setenv("XUNKE_TEST_MYSQL_DSN", testenv.OwnMySQL(t, "../docker/mysql/server.cnf", "--lower-case-table-names=1"))
	c := testenv.Config(t)
	dsn, err := driver.ParseDSN(c.MySQL.DSN)
	if err != nil {
		t.Fatal(err)
	}
	dsn.DBName = strings.ToUpper(dsn.DBName)
	c.MySQL.DSN = dsn.FormatDSN()
	c.Indexer.ReplicationDSN = c.MySQL.DSN
	h := &harness{pipeline.NewOf(t, c)}
	course := h.Exec(`INSERT INTO Courses (name) VALUES ('起初')`)
	lesson := h.Exec(`INSERT INTO LESSONS (course_id, name) VALUES (?, '第一节')`, course)
	h.Start()
	h.eventually(catalog.KindCourse, course, map[string]any{"name": "起初", "lessons": []string{"第一节"}})
	h.Exec(`UPDATE COURSES SET NAME = '改了' WHERE id = ?`, course)
	h.eventually(catalog.KindCourse, course, map[string]any{"name": "改了"})
	h.Exec(`ALTER TABLE Lessons RENAME COLUMN id TO Id`)
	h.waitForSweep(0)
	h.Exec(`UPDATE lessons SET name = '第二节' WHERE id = ?`, lesson)
	h.eventually(catalog.KindCourse, course, map[string]any{"lessons": []string{"第二节"}})
	h.acknowledge()
	if s := h.State(); s.Recoveries[indexer.ReasonDefinition] != 1 {
		t.Errorf("rows of a table with a column in another case had everything read again: %v", s.Recoveries)
	}
	stream := h.Options.Stream
	stream.Host = source.ExplainHost(h.Config.Elasticsearch.Prefix, h.Config.Elasticsearch.Prefix)
	finder := touch.Finder{Reader: h.Deps.Reader, Source: h.Deps.Source, Stream: stream, Within: pipeline.Timeout}
	last, err := finder.LastTouch(t.Context(), catalog.Key{Kind: catalog.KindCourse, ID: course})
	if err != nil || last.How != touch.ByRow {
		t.Errorf("touched by %+v, %v", last, err)
	}
}

// deafSource says that the database has another name than the binlog has for it.
type deafSource struct{ indexer.Source }

func (s deafSource) Position(ctx context.Context) (indexer.Position, error) {
	p, err := s.Source.Position(ctx)
	p.Database = "elsewhere"
	return p, err
}

// TestAStreamThatBringsNoRows is told of: everything else looks as if nothing changed.
func TestAStreamThatBringsNoRows(t *testing.T) {
	h := newHarness(t)
	h.Deps.Source = deafSource{h.Deps.Source}
	h.Start()
	testenv.Eventually(t, pipeline.Timeout, "the state says that no change is heard of", func() (bool, string) {
		said := h.State().LastError
		return strings.Contains(said, "does not come over the binlog as one of the database elsewhere"), said
	})
}

// TestWhatTheBinlogDoesNotHaveIsRefused starts indexers that could hear nothing.
func TestWhatTheBinlogDoesNotHaveIsRefused(t *testing.T) {
	refused := func(h *harness, says string) {
		t.Helper()
		err := indexer.Run(t.Context(), h.Deps, h.Options)
		if e, ok := errors.AsType[*catalog.Error](err); !ok || e.Code != catalog.CodeInvalid || e.Hint == "" || !strings.Contains(e.Message, says) {
			t.Errorf("%v, want %q and what to do", err, says)
		}
	}
	h := newHarness(t)
	h.Exec(`RENAME TABLE tags TO labels`)
	h.Exec(`CREATE VIEW tags AS SELECT * FROM labels`)
	refused(h, "tags is a view")

	t.Setenv("XUNKE_TEST_MYSQL_DSN", testenv.OwnMySQL(t, "../docker/mysql/server.cnf", "--binlog-do-db=other"))
	refused(newHarness(t), "the binlog leaves out the database xt_")
}
