package store_test

import (
	"cmp"
	"slices"
	"testing"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/mysql/store"
	"github.com/xunke/xunke/internal/testenv"
	"github.com/xunke/xunke/related"
)

func TestWhatLearnersAlsoTook(t *testing.T) {
	db := testenv.MySQL(t, testenv.Config(t))
	testenv.Exec(t, db,
		"INSERT INTO courses (id, name, enrolments, hidden) VALUES (1, 'a', 5, 0), (2, 'b', 40, 0), (3, 'c', 3, 0), (4, 'd', 9, 1), (5, 'e', 9, 0), (6, 'f', 0, 0)",
		// 2 and 6 have four learners in common with 1, 4 too and is hidden, 3 and 5 have two.
		"INSERT INTO enrolments (learner_id, course_id) VALUES (1,1), (2,1), (3,1), (4,1), (5,1), (1,2), (2,2), (3,2), (4,2), (9,2),"+
			"(1,3), (2,3), (9,3), (1,4), (2,4), (3,4), (4,4), (4,5), (5,5), (1,6), (2,6), (3,6), (4,6), (1,77), (2,77), (3,77)",
	)
	e := store.NewEnrolments(db)
	got, err := e.CoEnrolments(t.Context(), 1)
	slices.SortFunc(got, func(a, b related.CoEnrolment) int { return cmp.Compare(a.Course, b.Course) })
	if want := []related.CoEnrolment{{Course: 2, Together: 4, Learners: 40}, {Course: 6, Together: 4, Learners: 4}}; err != nil || !slices.Equal(got, want) {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	for _, course := range []int64{5, 99} {
		if got, err := e.CoEnrolments(t.Context(), course); err != nil || len(got) != 0 {
			t.Errorf("of course %d: %+v, %v", course, got, err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := e.CoEnrolments(t.Context(), 1); catalog.CodeOf(err) != catalog.CodeUnavailable {
		t.Errorf("without a server: %v", err)
	}
}

// Only the latest thousand learners are looked at.
func TestPopularCoursesCostNoMore(t *testing.T) {
	db := testenv.MySQL(t, testenv.Config(t))
	testenv.Exec(t, db,
		"INSERT INTO courses (id, name) VALUES (1, 'a'), (2, 'b'), (3, 'c')",
		// Of 1,500 learners the first 400 took 2 as well, and the last 300 took 3.
		`INSERT /*+ SET_VAR(cte_max_recursion_depth = 3000) */ INTO enrolments (learner_id, course_id, created_at)
			WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1500)
			SELECT i, 1, '2026-01-01' + INTERVAL i MINUTE FROM n UNION ALL SELECT i, 2, NOW() FROM n WHERE i <= 400
			UNION ALL SELECT i, 3, NOW() FROM n WHERE i > 1200`,
	)
	got, err := store.NewEnrolments(db).CoEnrolments(t.Context(), 1)
	if want := []related.CoEnrolment{{Course: 3, Together: 300, Learners: 300}}; err != nil || !slices.Equal(got, want) {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
}
