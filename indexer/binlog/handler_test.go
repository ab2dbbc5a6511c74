package binlog

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-mysql-org/go-mysql/canal"
	gomysql "github.com/go-mysql-org/go-mysql/mysql"
	"github.com/go-mysql-org/go-mysql/replication"
	"github.com/go-mysql-org/go-mysql/schema"
	"github.com/google/uuid"
)

// recorder is a Sink that writes down what it gets.
type recorder struct{ calls []string }

func (r *recorder) Early(_ context.Context, open GTID, keys Keys) error {
	r.calls = append(r.calls, fmt.Sprintf("early %d: %d keys", open.Number, keys.Len()))
	return nil
}

func (r *recorder) Seal(_ context.Context, g GTID, keys Keys) error {
	r.calls = append(r.calls, fmt.Sprintf("seal %d: %s", g.Number, describe(keys)))
	return nil
}

func describe(keys Keys) string {
	var parts []string
	for k := range keys.Direct {
		parts = append(parts, k.String())
	}
	for k := range keys.Sums {
		parts = append(parts, "sums of "+k.String())
	}
	for id := range keys.Parents {
		parts = append(parts, fmt.Sprintf("parents:%d", id))
	}
	for f := range keys.FanOut {
		parts = append(parts, fmt.Sprintf("%s:%d", f.Relation, f.ID))
	}
	slices.Sort(parts)
	return strings.Join(parts, " ")
}

var (
	source = uuid.MustParse("6526ad6a-e714-11f1-8848-02fc00000001")
	header = &replication.EventHeader{}
)

func gtid(n int64) *replication.GTIDEvent {
	return &replication.GTIDEvent{SID: source[:], GNO: n, ImmediateCommitTimestamp: 1_790_000_000_000_000 + uint64(n)}
}

func rows(action, table string, columns []string, images ...[]any) *canal.RowsEvent {
	t := &schema.Table{Schema: "db", Name: table}
	for _, c := range columns {
		t.Columns = append(t.Columns, schema.TableColumn{Name: c})
	}
	return &canal.RowsEvent{Table: t, Action: action, Rows: images, Header: header}
}

var courseColumns = []string{"id", "org_id", "name", "starting_students", "enrolments", "hidden"}

func course(id, org uint64, name string, students int32, hidden int8) []any {
	return []any{id, org, name, students, int32(0), hidden}
}

func TestKeysOfChanges(t *testing.T) {
	orgColumns := []string{"id", "name", "category", "city_id", "hidden", "description"}
	tests := []struct {
		name  string
		event *canal.RowsEvent
		want  string
	}{
		{"a course comes", rows(canal.InsertAction, "courses", courseColumns, course(1, 9, "a", 0, 0)), "course:1 parents:1 sums of org:9"},
		{"a course goes", rows(canal.DeleteAction, "courses", courseColumns, course(1, 9, "a", 0, 0)), "course:1 parents:1 sums of org:9"},
		{"a course is renamed", rows(canal.UpdateAction, "courses", courseColumns, course(1, 9, "a", 0, 0), course(1, 9, "b", 0, 0)), "course:1"},
		{"a course moves: both orgs", rows(canal.UpdateAction, "courses", courseColumns, course(1, 9, "a", 0, 0), course(1, 8, "a", 0, 0)), "course:1 parents:1 sums of org:8 sums of org:9"},
		{"a course gets learners", rows(canal.UpdateAction, "courses", courseColumns, course(1, 9, "a", 0, 0), course(1, 9, "a", 5, 0)), "course:1 parents:1 sums of org:9"},
		{"a course is hidden", rows(canal.UpdateAction, "courses", courseColumns, course(1, 9, "a", 0, 0), course(1, 9, "a", 0, 1)), "course:1 parents:1 sums of org:9"},
		{"a course changes its key", rows(canal.UpdateAction, "courses", courseColumns, course(1, 9, "a", 0, 0), course(2, 9, "a", 0, 0)), "course:1 course:2"},
		{"an update of several rows", rows(canal.UpdateAction, "courses", courseColumns,
			course(1, 9, "a", 0, 0), course(1, 9, "b", 0, 0), course(2, 9, "a", 0, 0), course(2, 9, "b", 0, 0)), "course:1 course:2"},
		{"a course without org", rows(canal.InsertAction, "courses", courseColumns, []any{uint64(1), nil, "a", int32(0), int32(0), int8(0)}), "course:1 parents:1"},
		{"an org is renamed", rows(canal.UpdateAction, "orgs", orgColumns,
			[]any{uint64(3), "a", int64(1), nil, int8(0), []byte("x")}, []any{uint64(3), "b", int64(1), nil, int8(0), []byte("x")}),
			"courses_of_org:3 org:3 teachers_of_org:3"},
		{"an org's description changes", rows(canal.UpdateAction, "orgs", orgColumns,
			[]any{uint64(3), "a", int64(1), nil, int8(0), []byte("x")}, []any{uint64(3), "a", int64(1), nil, int8(0), []byte("y")}), "org:3"},
		{"an org comes", rows(canal.InsertAction, "orgs", orgColumns, []any{uint64(3), "a", int64(1), nil, int8(0), []byte("x")}), "org:3"},
		{"a teacher is renamed", rows(canal.UpdateAction, "teachers", []string{"id", "name", "hidden"},
			[]any{uint64(4), "a", int8(0)}, []any{uint64(4), "b", int8(0)}), "courses_of_teacher:4 teacher:4"},
		{"a teacher joins a course", rows(canal.InsertAction, "course_teachers", []string{"course_id", "teacher_id", "position"},
			[]any{uint64(1), uint64(4), uint16(0)}), "course:1 parents:1 sums of teacher:4"},
		{"a teacher leaves a course", rows(canal.DeleteAction, "course_teachers", []string{"course_id", "teacher_id", "position"},
			[]any{uint64(1), uint64(4), uint16(0)}), "course:1 sums of teacher:4"},
		{"a tag leaves a course", rows(canal.DeleteAction, "course_tags", []string{"course_id", "tag_id"}, []any{uint64(1), uint64(5)}), "course:1"},
		{"a tag is renamed", rows(canal.UpdateAction, "tags", []string{"id", "name"}, []any{uint64(5), "a"}, []any{uint64(5), "b"}), "courses_of_tag:5"},
		{"a city is renamed", rows(canal.UpdateAction, "cities", []string{"id", "name"}, []any{uint64(6), "a"}, []any{uint64(6), "b"}),
			"courses_of_city:6 orgs_of_city:6 teachers_of_city:6"},
		{"a lesson moves", rows(canal.UpdateAction, "lessons", []string{"id", "course_id", "name", "position"},
			[]any{uint64(7), uint64(1), "a", uint16(0)}, []any{uint64(7), uint64(2), "a", uint16(0)}), "course:1 course:2"},
		{"a day is counted", rows(canal.UpdateAction, "course_daily_counts", []string{"course_id", "views"},
			[]any{uint64(1), uint32(1)}, []any{uint64(1), uint32(2)}), "course:1 parents:1"},
		{"a day of an org is counted", rows(canal.InsertAction, "org_daily_counts", []string{"org_id", "views"}, []any{uint64(9), uint32(1)}), "sums of org:9"},
		{"a table that no document uses", rows(canal.InsertAction, "videos", []string{"id"}, []any{uint64(1)}), ""},
		{"a row of an older schema", rows(canal.InsertAction, "teachers", []string{"id", "name", "hidden"}, []any{uint64(1), "a"}),
			"every_course:0 every_org:0 every_teacher:0"},
		{"a row of an older schema with as many columns", rows(canal.InsertAction, "teachers", []string{"id", "name", "hidden"}, []any{"a", uint64(1), int8(0)}),
			"every_course:0 every_org:0 every_teacher:0"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			sink := &recorder{}
			h := NewHandler(t.Context(), Options{Database: "db", Sink: sink})
			must(t, h.OnGTID(header, gtid(1)))
			must(t, h.OnRow(test.event))
			must(t, h.OnXID(header, gomysql.Position{}))
			must(t, h.OnPosSynced(header, gomysql.Position{}, nil, false))
			if want := []string{"seal 1: " + test.want}; !slices.Equal(sink.calls, want) {
				t.Errorf("got %q, want %q", sink.calls, want)
			}
		})
	}
}

func TestEndsOfTransactions(t *testing.T) {
	insert := rows(canal.InsertAction, "courses", courseColumns, course(1, 9, "a", 0, 0))
	ddl := func(query string) *replication.QueryEvent {
		return &replication.QueryEvent{Schema: []byte("db"), Query: []byte(query)}
	}
	tests := []struct {
		name  string
		feed  func(h *Handler) error
		want  []string
		fails error
	}{
		{"a keyless one ends at the position", func(h *Handler) error {
			return errors.Join(h.OnGTID(header, gtid(1)), h.OnPosSynced(header, gomysql.Position{}, nil, false))
		}, []string{"seal 1: "}, nil},
		{"a keyless one ends at the next", func(h *Handler) error {
			return errors.Join(h.OnGTID(header, gtid(1)), h.OnGTID(header, gtid(2)), h.OnXID(header, gomysql.Position{}))
		}, []string{"seal 1: ", "seal 2: "}, nil},
		{"rows without an end", func(h *Handler) error {
			return errors.Join(h.OnGTID(header, gtid(1)), h.OnRow(insert), h.OnGTID(header, gtid(2)))
		}, nil, ErrEnd},
		{"a replay begins anew", func(h *Handler) error {
			return errors.Join(h.OnGTID(header, gtid(1)), h.OnRow(insert), h.OnGTID(header, gtid(1)), h.OnXID(header, gomysql.Position{}))
		}, []string{"seal 1: "}, nil},
		{"a rotation ends nothing", func(h *Handler) error {
			return errors.Join(h.OnGTID(header, gtid(1)), h.OnRow(insert), h.OnRotate(header, nil),
				h.OnPosSynced(header, gomysql.Position{}, nil, true), h.OnXID(header, gomysql.Position{}))
		}, []string{"seal 1: course:1 parents:1 sums of org:9"}, nil},
		{"canal's own end ends nothing", func(h *Handler) error {
			return errors.Join(h.OnGTID(header, gtid(1)), h.OnRow(insert), h.OnPosSynced(nil, gomysql.Position{}, nil, true))
		}, nil, nil},
		{"TRUNCATE makes all dirty", func(h *Handler) error {
			return errors.Join(h.OnGTID(header, gtid(1)), h.OnDDL(header, gomysql.Position{}, ddl("TRUNCATE TABLE `lessons`")))
		}, []string{"seal 1: every_course:0"}, nil},
		{"so does a changed column", func(h *Handler) error {
			return errors.Join(h.OnGTID(header, gtid(1)), h.OnDDL(header, gomysql.Position{}, ddl("alter table db.orgs modify name text")))
		}, []string{"seal 1: every_course:0 every_org:0 every_teacher:0"}, nil},
		{"a new index does not", func(h *Handler) error {
			return errors.Join(h.OnGTID(header, gtid(1)), h.OnDDL(header, gomysql.Position{}, ddl("CREATE INDEX x ON courses (name)")))
		}, []string{"seal 1: "}, nil},
		{"no GTID", func(h *Handler) error {
			return h.OnGTID(header, gtid(0))
		}, nil, ErrAnonymous},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			sink := &recorder{}
			err := test.feed(NewHandler(t.Context(), Options{Database: "db", Sink: sink}))
			if !errors.Is(err, test.fails) {
				t.Fatalf("got error %v, want %v", err, test.fails)
			}
			if !slices.Equal(sink.calls, test.want) {
				t.Errorf("got %q, want %q", sink.calls, test.want)
			}
		})
	}
}

func TestAHugeTransactionGoesOutEarly(t *testing.T) {
	sink := &recorder{}
	h := NewHandler(t.Context(), Options{Database: "db", Sink: sink})
	must(t, h.OnGTID(header, gtid(1)))
	for from := uint64(1); from <= 12_000; from += 1000 {
		var images [][]any
		for id := from; id < from+1000; id++ {
			images = append(images, []any{id, "a", int8(0)})
		}
		must(t, h.OnRow(rows(canal.InsertAction, "teachers", []string{"id", "name", "hidden"}, images...)))
	}
	must(t, h.OnXID(header, gomysql.Position{}))
	if len(sink.calls) != 3 || sink.calls[0] != "early 1: 5000 keys" || sink.calls[1] != "early 1: 5000 keys" {
		t.Errorf("got %.80q", sink.calls)
	}
}

func TestTheFirstTransactionProvesTheHistory(t *testing.T) {
	committed := gtid(7).ImmediateCommitTime().UTC()
	for name, expect := range map[string]GTID{
		"another commit time": {UUID: source, Number: 7, Committed: committed.Add(time.Microsecond)},
		"another transaction": {UUID: source, Number: 6, Committed: committed},
	} {
		h := NewHandler(t.Context(), Options{Database: "db", Sink: &recorder{}, Expect: &expect})
		if err := h.OnGTID(header, gtid(7)); !errors.Is(err, ErrHistory) {
			t.Errorf("%s: got %v, want ErrHistory", name, err)
		}
	}
	h := NewHandler(t.Context(), Options{Database: "db", Sink: &recorder{}, Expect: &GTID{UUID: source, Number: 7, Committed: committed}})
	must(t, h.OnGTID(header, gtid(7)))
	must(t, h.OnGTID(header, gtid(8)))
}

func TestRowsOfAMissingTable(t *testing.T) {
	of := func(schema, table string) *replication.RowsEvent {
		return &replication.RowsEvent{Table: &replication.TableMapEvent{Schema: []byte(schema), Table: []byte(table)}}
	}
	sink := &recorder{}
	h := NewHandler(t.Context(), Options{Database: "db", Sink: sink})
	must(t, h.OnGTID(header, gtid(1)))
	for _, table := range []string{"lessons", "videos"} {
		must(t, h.OnTableNotFound(header, of("db", table)))
	}
	must(t, h.OnTableNotFound(header, of("other", "orgs")))
	must(t, h.OnXID(header, gomysql.Position{}))
	if want := []string{"seal 1: every_course:0"}; !slices.Equal(sink.calls, want) {
		t.Errorf("got %q, want %q", sink.calls, want)
	}
	h = NewHandler(t.Context(), Options{Database: "db", Sink: sink, RequireTables: true})
	must(t, h.OnGTID(header, gtid(2)))
	must(t, h.OnTableNotFound(header, of("db", "videos")))
	must(t, h.OnTableNotFound(header, of("other", "lessons")))
	if err := h.OnTableNotFound(header, of("db", "lessons")); !errors.Is(err, ErrTableMissing) {
		t.Errorf("got %v, want ErrTableMissing", err)
	}
}

func TestAPanicIsAnError(t *testing.T) {
	h := NewHandler(t.Context(), Options{Database: "db", Sink: &recorder{}})
	must(t, h.OnGTID(header, gtid(1)))
	event := rows(canal.UpdateAction, "courses", courseColumns, course(1, 9, "a", 0, 0), []any{})
	if err := h.OnRow(event); err == nil || !strings.Contains(err.Error(), "panic") {
		t.Errorf("got %v, want the panic as an error", err)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
