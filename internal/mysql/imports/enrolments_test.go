package imports_test

import (
	"fmt"
	"reflect"
	"testing"

	"github.com/xunke/xunke/intake"
	"github.com/xunke/xunke/internal/mysql/imports"
	"github.com/xunke/xunke/internal/testenv"
)

func TestEnrolmentsOfAnImport(t *testing.T) {
	db := testenv.MySQL(t, testenv.Config(t))
	testenv.Exec(t, db, "INSERT INTO courses (id, `key`, name, enrolments) VALUES (1, 'a', 'a', 7), (2, 'b', 'b', 0)")
	store := imports.NewStore(db)
	write := func(want intake.Count, list ...intake.Enrolment) {
		t.Helper()
		if got, err := store.WriteEnrolments(t.Context(), list); err != nil || got != want {
			t.Errorf("got %+v, %v, want %+v", got, err, want)
		}
	}
	list := []intake.Enrolment{
		{Learner: "x:1", Course: "a"}, {Learner: "x:2", Course: "a"}, {Learner: "x:1", Course: "b"}, {Learner: "x:1", Course: "a"},
		{Learner: "x:1", Course: "nowhere"}, {Learner: "x:3", Course: "b", Counted: true},
	}
	write(intake.Count{Created: 4, Unchanged: 1}, list...)
	expect(t, db, "SELECT CONCAT(id, '|', enrolments) FROM courses ORDER BY id", "1|9", "2|1")
	expect(t, db, "SELECT CONCAT(course_id, '|', COUNT(*)) FROM enrolments GROUP BY course_id ORDER BY course_id", "1|2", "2|2")
	before := writes(t, db)
	write(intake.Count{Unchanged: 5}, list...)
	if after := writes(t, db); !reflect.DeepEqual(after, before) {
		t.Errorf("rows were written:\n got %q\nwant %q", after, before)
	}
	var many []intake.Enrolment
	for i := range 3000 {
		many = append(many, intake.Enrolment{Learner: fmt.Sprintf("y:%d", i), Course: "b"})
	}
	write(intake.Count{Created: 3000}, many...)
	expect(t, db, "SELECT enrolments FROM courses WHERE id = 2", "3001")
	expect(t, db, "SELECT COUNT(DISTINCT learner_id) FROM enrolments", "3003")
}
