package binlog

import (
	"slices"
	"testing"

	"github.com/go-mysql-org/go-mysql/canal"

	"github.com/xunke/xunke/catalog"
)

// TestDaysOfChanges follows which days' counts change of a course, and of whoever adds it up.
func TestDaysOfChanges(t *testing.T) {
	counts := []string{"course_id", "day", "views"}
	links := []string{"course_id", "teacher_id", "position"}
	org, teacher := catalog.Key{Kind: catalog.KindOrg, ID: 9}, catalog.Key{Kind: catalog.KindTeacher, ID: 4}
	of := func(events ...*canal.RowsEvent) Keys {
		t.Helper()
		h := NewHandler(t.Context(), Options{Database: "db", Sink: &recorder{}})
		must(t, h.OnGTID(header, gtid(1)))
		for _, e := range events {
			must(t, h.OnRow(e))
		}
		return h.keys
	}
	check := func(what string, d Days, every, counted bool, numbers ...int64) {
		t.Helper()
		if d.Every() != every || d.Counted() != counted || !slices.Equal(d.Numbers(), numbers) {
			t.Errorf("%s: every day: %t, those counted: %t, %v", what, d.Every(), d.Counted(), d.Numbers())
		}
	}
	day := func(text string) []any { return []any{uint64(1), text, uint32(1)} }
	check("a day", of(rows(canal.InsertAction, "course_daily_counts", counts, day("2020-01-03"))).Parents[1], false, false, 2)
	check("a day becomes another", of(rows(canal.UpdateAction, "course_daily_counts", counts, day("2020-01-03"), day("2020-01-02"))).Parents[1], false, false, 1, 2)
	check("no day", of(rows(canal.InsertAction, "course_daily_counts", counts, day("0000-00-00"))).Parents[1], true, false)
	var many [][]any
	for _, text := range []string{"01", "02", "03", "04", "05", "06", "07", "08", "09"} {
		many = append(many, day("2020-01-"+text))
	}
	check("as many as are named", of(rows(canal.InsertAction, "course_daily_counts", counts, many[1:]...)).Parents[1], false, false, 1, 2, 3, 4, 5, 6, 7, 8)
	check("more", of(rows(canal.InsertAction, "course_daily_counts", counts, many...)).Parents[1], true, false)

	comes := of(rows(canal.InsertAction, "courses", courseColumns, course(1, 9, "a", 0, 0)), rows(canal.InsertAction, "course_daily_counts", counts, day("2020-01-03")))
	check("a course comes", comes.Parents[1], false, true, 2)
	check("to its org", comes.Sums[org], false, true)
	for what, event := range map[string]*canal.RowsEvent{
		"goes":      rows(canal.DeleteAction, "courses", courseColumns, course(1, 9, "a", 0, 0)),
		"moves":     rows(canal.UpdateAction, "courses", courseColumns, course(1, 9, "a", 0, 0), course(1, 8, "a", 0, 0)),
		"is hidden": rows(canal.UpdateAction, "courses", courseColumns, course(1, 9, "a", 0, 0), course(1, 9, "a", 0, 1)),
	} {
		keys := of(event)
		check("a course that "+what, keys.Parents[1], true, false)
		check("its org", keys.Sums[org], true, false)
	}
	learners := of(rows(canal.UpdateAction, "courses", courseColumns, course(1, 9, "a", 0, 0), course(1, 9, "a", 5, 0)))
	check("learners", learners.Parents[1], false, false)
	check("of an org", learners.Sums[org], false, false)
	joins := of(rows(canal.InsertAction, "course_teachers", links, []any{uint64(1), uint64(4), uint16(0)}))
	check("a teacher joins", joins.Parents[1], false, true)
	check("the teacher", joins.Sums[teacher], false, false)
	check("a teacher leaves", of(rows(canal.DeleteAction, "course_teachers", links, []any{uint64(1), uint64(4), uint16(0)})).Sums[teacher], true, false)
}
