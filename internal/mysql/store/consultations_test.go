package store_test

import (
	"fmt"
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

	if more, err := requests.Prune(ctx, day.AddDate(0, 0, 1)); more || err != nil {
		t.Errorf("prune: %v, %v", more, err)
	}
	if list, total, err = requests.List(ctx, false, 10); err != nil || total != 1 || !list[0].AskedAt.Equal(day.Add(time.Minute)) {
		t.Errorf("left: %+v, %v", list, err)
	}
}
