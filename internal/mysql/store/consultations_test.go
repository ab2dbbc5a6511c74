package store_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/consultations"
	"github.com/xunke/xunke/internal/mysql/store"
	"github.com/xunke/xunke/internal/testenv"
)

func TestConsultations(t *testing.T) {
	db := testenv.MySQL(t, testenv.Config(t))
	requests := store.NewConsultations(db)
	ctx := t.Context()
	for _, statement := range []string{
		`INSERT INTO orgs (id, name, category) VALUES (1, '学校', 'training')`,
		`INSERT INTO courses (id, org_id, name, hidden) VALUES (7, 1, '数据结构', 0), (8, 1, '藏起来的', 1)`,
	} {
		if _, err := db.ExecContext(ctx, statement); err != nil {
			t.Fatal(err)
		}
	}
	if name, err := requests.CourseName(ctx, 7); err != nil || name != "数据结构" {
		t.Errorf("course 7: %q, %v", name, err)
	}
	for _, id := range []int64{8, 9} {
		if _, err := requests.CourseName(ctx, id); catalog.CodeOf(err) != catalog.CodeNotFound {
			t.Errorf("course %d, hidden or not there: %v", id, err)
		}
	}

	day := time.Date(2026, 11, 23, 23, 59, 0, 0, time.UTC)
	ask := func(name, mobile string, course int64, at time.Time) {
		t.Helper()
		c := consultations.Consultation{Name: name, Mobile: mobile, CourseID: course, Course: fmt.Sprint("course ", course), AskedAt: at}
		if err := requests.Add(ctx, c); err != nil {
			t.Fatal(err)
		}
	}
	ask("陈", "+8613800138000", 7, day)
	ask("陈陈", "+8613800138000", 7, day.Add(30*time.Second)) // the same day
	ask("陈", "+8613800138000", 7, day.Add(time.Minute))     // the next
	ask("陈", "+8613800138000", 0, day)
	ask("王", "+8613900139000", 7, day)
	list, total, err := requests.List(ctx, false, 2)
	if err != nil || total != 4 || len(list) != 2 {
		t.Fatalf("%d of %d wait, %v", len(list), total, err)
	}
	first := list[0]
	if first.Name != "陈" || first.Mobile != "+8613800138000" || first.CourseID != 7 || first.Course != "course 7" || !first.AskedAt.Equal(day) || first.DoneAt != nil {
		t.Errorf("the first is %+v", first)
	}

	for range 2 { // the second time changes nothing
		if err := requests.Finish(ctx, first.ID, day.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	if err := requests.Finish(ctx, 12345, day); catalog.CodeOf(err) != catalog.CodeNotFound {
		t.Errorf("one that is not there: %v", err)
	}
	done, total, err := requests.List(ctx, true, 10)
	if err != nil || total != 1 || len(done) != 1 || done[0].DoneAt == nil || !done[0].DoneAt.Equal(day.Add(time.Hour)) {
		t.Errorf("done: %+v of %d, %v", done, total, err)
	}

}

// TestConsultationsLeaveATrace: whoever reads, exports or erases is in the audit, which says
// nothing of whom it was about.
func TestConsultationsLeaveATrace(t *testing.T) {
	db := testenv.MySQL(t, testenv.Config(t))
	requests := store.NewConsultations(db).As("somebody")
	ctx := t.Context()
	for i, mobile := range []string{"+8613800138000", "+8613900139000", "+8613800138000"} {
		c := consultations.Consultation{Name: "陈", Mobile: mobile, CourseID: int64(i + 1), Course: "c", AskedAt: time.Now()}
		if err := requests.Add(ctx, c); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := requests.List(ctx, true, 9); err != nil { // there is nothing to read
		t.Fatal(err)
	}
	if list, _, err := requests.List(ctx, false, 2); err != nil || len(list) != 2 {
		t.Fatalf("%+v, %v", list, err)
	}
	if list, err := requests.Export(ctx, "+8613800138000"); err != nil || len(list) != 2 || list[1].CourseID != 3 {
		t.Errorf("exported %+v, %v", list, err)
	}
	if n, err := requests.Erase(ctx, "+8613800138000"); err != nil || n != 2 {
		t.Errorf("erased %d, %v", n, err)
	}
	if n, err := requests.Erase(ctx, "+8613800138000"); err != nil || n != 0 {
		t.Errorf("erased again: %d, %v", n, err)
	}
	if list, total, err := requests.List(ctx, false, 9); err != nil || total != 1 || list[0].Mobile != "+8613900139000" {
		t.Errorf("left: %+v, %v", list, err)
	}
	audit, err := requests.Audit(ctx, 9)
	if err != nil {
		t.Fatal(err)
	}
	var said []string
	for _, r := range audit {
		if r.Who != "somebody" || r.At.IsZero() {
			t.Errorf("%+v", r)
		}
		said = append(said, fmt.Sprint(r.Action, " ", r.Number, ": ", r.IDs))
	}
	want := []string{"list 1: 2", "erase 0: ", "erase 2: 1 3", "export 2: 1 3", "list 2: 1 2"}
	if !slices.Equal(said, want) {
		t.Errorf("audit %q, want %q", said, want)
	}
}

// TestAClockThatJumpsDeletesNothing: once, the clock of the API decided what was old, and a
// jump of it deleted everything.
func TestAClockThatJumpsDeletesNothing(t *testing.T) {
	db := testenv.MySQL(t, testenv.Config(t))
	requests := store.NewConsultations(db)
	ctx := t.Context()
	for _, days := range []int{0, 100, 179, 181, 200} {
		testenv.Exec(t, db, fmt.Sprintf(`INSERT INTO consultations (day, name, mobile, course, asked_at)
			VALUES (UTC_DATE() - INTERVAL %[1]d DAY, '陈', '+8613800138000', 'c', UTC_TIMESTAMP() - INTERVAL %[1]d DAY)`, days))
	}
	left := func() (n int) {
		if err := db.QueryRow(`SELECT COUNT(*) FROM consultations`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	const day = 24 * time.Hour
	if more, err := requests.Prune(ctx, 180*day); more || err != nil || left() != 3 {
		t.Errorf("those older than 180 days: %t, %v, %d are left", more, err, left())
	}
	_, err := requests.Prune(ctx, 30*day) // as if it were 150 days later
	if e, ok := errors.AsType[*catalog.Error](err); !ok || e.Code != catalog.CodeInvalid || !strings.Contains(e.Hint, "xunke consultations clean") || left() != 3 {
		t.Errorf("a jump of the clock: %v, %d are left", err, left())
	}
	if _, err := requests.Forced().Prune(ctx, 30*day); err != nil || left() != 1 {
		t.Errorf("by hand: %v, %d are left", err, left())
	}
}
