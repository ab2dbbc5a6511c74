package binlog

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/go-mysql-org/go-mysql/canal"
	gomysql "github.com/go-mysql-org/go-mysql/mysql"
	"github.com/go-mysql-org/go-mysql/replication"
)

func TestTouchedTables(t *testing.T) {
	for query, want := range map[string]string{
		"TRUNCATE TABLE `lessons`":       "lessons",
		"truncate lessons":               "lessons",
		"/* app='x' */ TRUNCATE lessons": "lessons",
		"-- tidy up\n# twice\n ALTER TABLE xunke.orgs MODIFY name TEXT":            "orgs",
		"ALTER TABLE `a#b`.`courses` COMMENT = 'it''s -- \\' a /* text', DROP x":   "courses",
		`ALTER TABLE "courses" DROP COLUMN x`:                                      "courses",
		"/*!40000 ALTER TABLE `teachers` DISABLE KEYS */":                          "teachers",
		"ALTER TABLE/**/courses/**/ADD COLUMN y INT INVISIBLE":                     "courses",
		"RENAME TABLE courses TO courses_old, courses_new TO courses":              "courses",
		"DROP TABLE IF EXISTS `tags`, `cities`":                                    "cities tags",
		"CREATE TABLE `courses` (`id` BIGINT) START TRANSACTION":                   "courses",
		"CREATE TABLE IF NOT EXISTS xunke.courses (id BIGINT)":                     "courses",
		"CREATE TABLE courses_copy LIKE courses":                                   "",
		"CREATE TABLE IF NOT EXISTS copy SELECT * FROM courses":                    "",
		"CREATE TABLE report (tags JSON)":                                          "",
		"CREATE TEMPORARY TABLE courses (id INT)":                                  "",
		"CREATE INDEX x ON courses (name)":                                         "",
		"DROP INDEX x ON courses":                                                  "",
		"CREATE TRIGGER x BEFORE INSERT ON courses FOR EACH ROW SET NEW.name = ''": "",
		"GRANT SELECT ON courses TO reader":                                        "",
		"ALTER TABLE 课程 RENAME TO 旧课程":                                             "",
		"CREATE TABLE":                                                             "",
		"/* never ends":                                                            "",
		"'":                                                                        "",
		"":                                                                         "",
	} {
		if got := strings.Join(touchedTables(query, "Xunke"), " "); got != want {
			t.Errorf("%q: got %q, want %q", query, got, want)
		}
	}
}

// TestTablesUnderTheRulesOfMySQL has statements in which a table's name is lost by whoever
// takes a comment, a quote or a backslash for something that it is not for MySQL 8.0
// (manual: "Comments", "String Literals", "Schema Object Names", "Server SQL Modes").
func TestTablesUnderTheRulesOfMySQL(t *testing.T) {
	for query, want := range map[string]string{
		"TRUNCATE --\tit's\n TABLE lessons":                            "lessons", // any space begins a comment of two dashes,
		"TRUNCATE --\x01it's\n lessons":                                "lessons", // and any control character,
		"TRUNCATE --\nlessons":                                         "lessons",
		"ALTER TABLE lessons ALTER x SET DEFAULT 5--1, RENAME orgs --": "lessons orgs", // but no digit
		"ALTER TABLE a # it's\r\n RENAME tags":                         "tags",
		"ALTER TABLE a # it's\r RENAME tags":                           "", // it ends at a line feed
		"ALTER TABLE a /*+ it's */ RENAME tags":                        "tags",
		"/*!80033ALTER*/TABLE tags FORCE":                              "tags",
		"ALTER TABLE /*!080033tags*/ FORCE":                            "tags",
		"ALTER TABLE /*!8003tags*/ FORCE":                              "", // four digits are no version
		"ALTER TABLE a COMMENT 'it''s' , RENAME tags":                  "tags",
		`ALTER TABLE a COMMENT 'it\'s', RENAME tags`:                   "tags",
		`ALTER TABLE a COMMENT 'C:\', RENAME tags, COMMENT ''`:         "tags", // NO_BACKSLASH_ESCAPES
		`ALTER TABLE a COMMENT "6' by 4""", RENAME tags`:               "tags",
		`ALTER TABLE a COMMENT "6\" by 4'", RENAME tags`:               "tags",
		`ALTER TABLE a COMMENT "C:\", RENAME tags, COMMENT ''`:         "tags",
		`ALTER TABLE "a""b's" RENAME "tags"`:                           "tags", // ANSI_QUOTES
		`ALTER TABLE "a\" RENAME tags`:                                 "tags",
		"ALTER TABLE `a``b's` RENAME `tags`":                           "tags",
		"ALTER TABLE `a\\` RENAME tags":                                "tags",
		"ALTER TABLE a COMMENT '\xd5\\', RENAME tags":                  "tags", // 誠 in GBK
		"ALTER TABLE tags\u0301 FORCE":                                 "",     // another table's name
		"ALTER TABLE xunke . tags FORCE":                               "tags",
		"CREATE TABLE orgs.tags (orgs INT)":                            "",
		"CREATE TABLE tags (tags INT)":                                 "tags",
		"DROP INDEX tags ON tags":                                      "",
		"CREATE UNIQUE INDEX tags ON tags (name)":                      "",
	} {
		if got := strings.Join(touchedTables(query, "Xunke"), " "); got != want {
			t.Errorf("%q: got %q, want %q", query, got, want)
		}
	}
	if got := touchedTables("CREATE TABLE orgs (tags INT)", "orgs"); !slices.Equal(got, []string{"orgs"}) {
		t.Errorf("a table that is called as its database: %q", got)
	}
}

// TestTablesThatCanalHasParsed has the names of canal count, whatever the words are taken for.
func TestTablesThatCanalHasParsed(t *testing.T) {
	for name, c := range map[string]struct {
		fold                 bool
		schema, table, query string
		want                 string
	}{
		"of this database":              {false, "db", "lessons", "ALTER TABLE ? FORCE", "seal 1: every_course:0"},
		"with an index":                 {false, "db", "lessons", "CREATE INDEX x ON lessons (name)", "seal 1: "},
		"of another database":           {false, "other", "lessons", "ALTER TABLE ? FORCE", "seal 1: "},
		"of one that differs in case":   {false, "DB", "lessons", "ALTER TABLE ? FORCE", "seal 1: "},
		"of this one, whatever case":    {true, "DB", "Lessons", "ALTER TABLE ? FORCE", "seal 1: every_course:0"},
		"that is not in any document":   {false, "db", "reviews", "ALTER TABLE ? FORCE", "seal 1: "},
		"of which the words say others": {false, "other", "reviews", "ALTER TABLE other.reviews EXCHANGE PARTITION p WITH TABLE db.lessons", "seal 1: every_course:0"},
	} {
		sink := &recorder{}
		h := NewHandler(t.Context(), Options{Database: "db", FoldNames: c.fold, Sink: sink})
		must(t, h.OnGTID(header, gtid(1)))
		must(t, h.OnTableChanged(header, c.schema, c.table))
		must(t, h.OnDDL(header, gomysql.Position{}, &replication.QueryEvent{Schema: []byte(c.schema), Query: []byte(c.query)}))
		must(t, h.OnGTID(header, gtid(2)))
		must(t, h.OnDDL(header, gomysql.Position{}, &replication.QueryEvent{Schema: []byte("db"), Query: []byte("ALTER TABLE x FORCE")}))
		if want := []string{c.want, "seal 2: "}; !slices.Equal(sink.calls, want) {
			t.Errorf("%s: got %q, want %q", name, sink.calls, want)
		}
	}
}

// FuzzWords has the words of any text be texts that stand in it.
func FuzzWords(f *testing.F) {
	for _, seed := range []string{"ALTER TABLE `a` /*! b */ 'c' \"d\" -- e\nf", "/*!40000 x */", "'\\", "`", "课\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, query string) {
		for _, mode := range sqlModes(query) {
			for _, w := range words(query, mode) {
				if !strings.Contains(strings.ToLower(query), w) {
					t.Errorf("%q has the word %q", query, w)
				}
			}
		}
	})
}

// TestSkippedStatements feeds what canal does with transactions whose statements it does
// not understand; that it does so is tested against the real server (package indexer).
func TestSkippedStatements(t *testing.T) {
	insert := rows(canal.InsertAction, "courses", courseColumns, course(1, 9, "a", 0, 0))
	const all = "every_course:0 every_org:0 every_teacher:0"
	xid := func(verb string) string { return "XA " + verb + " X'31',X'',1" }
	prepare := func(h *Handler) error {
		err := h.OnGTID(header, gtid(1))
		h.OnSkipped(xid("START"))
		err = errors.Join(err, h.OnRow(insert))
		h.OnSkipped(xid("END"))
		return err
	}
	tests := []struct {
		name string
		feed func(h *Handler) error
		want []string
	}{
		{"DDL of a mapped table", func(h *Handler) error {
			err := h.OnGTID(header, gtid(1))
			h.OnSkipped("ALTER TABLE lessons ADD COLUMN x INT INVISIBLE")
			return err
		}, []string{"forget lessons", "seal 1: every_course:0"}},
		{"a trigger is a transaction at once", func(h *Handler) error {
			err := h.OnGTID(header, gtid(1))
			h.OnSkipped("CREATE TRIGGER x BEFORE INSERT ON courses FOR EACH ROW SET NEW.name = ''")
			return err
		}, []string{"seal 1: "}},
		{"a table made of rows ends after them", func(h *Handler) error {
			err := h.OnGTID(header, gtid(1))
			h.OnSkipped("CREATE TABLE `courses` (`id` BIGINT) START TRANSACTION")
			return errors.Join(err, h.OnRow(insert), h.OnXID(header, gomysql.Position{}))
		}, []string{"forget courses", "seal 1: course:1 " + all + " parents:1 sums of org:9"}},
		{"a statement that is no DDL ends nothing", func(h *Handler) error {
			err := errors.Join(h.OnGTID(header, gtid(1)), h.OnRow(insert))
			h.OnSkipped("SOMETHING NEW courses")
			return errors.Join(err, h.OnXID(header, gomysql.Position{}))
		}, []string{"seal 1: course:1 parents:1 sums of org:9"}},
		{"between transactions", func(h *Handler) error {
			h.OnSkipped("DROP TRIGGER x")
			return nil
		}, nil},
		{"XA: read when prepared, and when committed", func(h *Handler) error {
			err := errors.Join(prepare(h), h.OnGTID(header, gtid(2)), h.OnXID(header, gomysql.Position{}), h.OnGTID(header, gtid(3)))
			h.OnSkipped(xid("COMMIT"))
			return err
		}, []string{"seal 1: course:1 parents:1 sums of org:9", "seal 2: ", "seal 3: course:1 parents:1 sums of org:9"}},
		{"XA: rolled back", func(h *Handler) error {
			err := errors.Join(prepare(h), h.OnGTID(header, gtid(2)))
			h.OnSkipped(xid("ROLLBACK"))
			err = errors.Join(err, h.OnGTID(header, gtid(3)))
			h.OnSkipped(xid("COMMIT")) // of another transaction with the same name, which was not seen
			return err
		}, []string{"seal 1: course:1 parents:1 sums of org:9", "seal 2: ", "seal 3: " + all}},
		{"XA: prepared before the stream began", func(h *Handler) error {
			err := h.OnGTID(header, gtid(2))
			h.OnSkipped(xid("COMMIT"))
			return err
		}, []string{"seal 2: " + all}},
		{"XA: of tables that no document uses", func(h *Handler) error {
			err := h.OnGTID(header, gtid(1))
			h.OnSkipped(xid("START"))
			h.OnSkipped(xid("END"))
			err = errors.Join(err, h.OnGTID(header, gtid(2)))
			h.OnSkipped(xid("COMMIT"))
			return err
		}, []string{"seal 1: ", "seal 2: "}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			sink := &recorder{}
			h := NewHandler(t.Context(), Options{Database: "db", Sink: sink})
			h.SetForget(func(table string) { sink.calls = append(sink.calls, "forget "+table) })
			must(t, test.feed(h))
			if !slices.Equal(sink.calls, test.want) {
				t.Errorf("got %q, want %q", sink.calls, test.want)
			}
		})
	}
}

// failing is a Sink that is gone.
type failing struct{ err error }

func (f failing) Early(context.Context, GTID, Keys) error { return f.err }

func (f failing) Seal(context.Context, GTID, Keys) error { return f.err }

func TestWhatCannotBeSealedWhenSkippedFailsTheNext(t *testing.T) {
	gone := errors.New("gone")
	h := NewHandler(t.Context(), Options{Database: "db", Sink: failing{gone}})
	must(t, h.OnGTID(header, gtid(1)))
	h.OnSkipped("DROP TRIGGER x")
	if err := h.OnGTID(header, gtid(2)); !errors.Is(err, gone) {
		t.Errorf("got %v, want %v", err, gone)
	}
}

func TestPreparedKeysAreBounded(t *testing.T) {
	of := func(n int64) Keys {
		keys := NewKeys()
		for id := range n {
			keys.Parents[id] = Days{}
		}
		return keys
	}
	var p prepared
	for _, xid := range []string{"a", "b", "b"} {
		p.hold(xid, of(preparedKeys/2))
	}
	p.hold("c", of(1))
	if _, held := p.release("a"); held {
		t.Error("more keys are held than may be")
	}
	if keys, held := p.release("b"); !held || keys.Len() != preparedKeys/2 || p.held != 1 {
		t.Errorf("held: %t, %d keys; then %d are left", held, keys.Len(), p.held)
	}
	p.hold("d", of(preparedKeys+1))
	if len(p.of)+len(p.order)+p.held != 0 {
		t.Errorf("one with too many keys is held: %d, %d, %d", len(p.of), len(p.order), p.held)
	}
	for i := range preparedTransactions + 1 {
		p.hold(fmt.Sprint(i), NewKeys())
	}
	_, first := p.release("0")
	_, last := p.release(fmt.Sprint(preparedTransactions))
	if first || !last {
		t.Errorf("the first is held: %t, the last: %t", first, last)
	}
}

// TestAHugeXATransaction has more keys than are held: its end makes everything dirty.
func TestAHugeXATransaction(t *testing.T) {
	sink := &recorder{}
	h := NewHandler(t.Context(), Options{Database: "db", Sink: sink})
	must(t, h.OnGTID(header, gtid(1)))
	h.OnSkipped("XA START X'31',X'',1")
	for from := uint64(1); from <= preparedKeys+1000; from += 1000 {
		var images [][]any
		for id := from; id < from+1000; id++ {
			images = append(images, []any{id, "a", int8(0)})
		}
		must(t, h.OnRow(rows(canal.InsertAction, "teachers", []string{"id", "name", "hidden"}, images...)))
	}
	h.OnSkipped("XA END X'31',X'',1")
	must(t, h.OnGTID(header, gtid(2)))
	h.OnSkipped("XA COMMIT X'31',X'',1")
	const all = "every_course:0 every_org:0 every_teacher:0"
	if want := []string{"seal 1: " + all, "seal 2: " + all}; !slices.Equal(sink.calls, want) {
		t.Errorf("got %.200q", sink.calls)
	}
}
