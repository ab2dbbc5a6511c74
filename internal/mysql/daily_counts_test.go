package mysql_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/mysql"
	"github.com/xunke/xunke/internal/testenv"
)

// rankedCatalogue is two orgs, two teachers and four courses, one of them hidden, with
// what happened to them on two days.
var rankedCatalogue = []string{
	`INSERT INTO cities (id, name) VALUES (1, '北京')`,
	`INSERT INTO categories (id, name) VALUES (1, '编程')`,
	`INSERT INTO orgs (id, name, category, city_id) VALUES (1, '甲', 'university', 1), (2, '乙', 'training', NULL)`,
	`INSERT INTO teachers (id, name, org_id) VALUES (1, '王', 1), (2, '李', NULL)`,
	`INSERT INTO courses (id, name, org_id, category_id, level, starting_students, enrolments, hidden) VALUES
		(1, 'Go', 1, 1, 'beginner', 100, 7, FALSE), (2, 'C++', 1, NULL, NULL, 0, 1, FALSE),
		(3, '藏', 1, 1, 'beginner', 50, 0, TRUE), (4, '孤', NULL, NULL, NULL, 0, 0, FALSE)`,
	`INSERT INTO course_teachers (course_id, teacher_id) VALUES (1, 1), (2, 1), (3, 1), (1, 2)`,
	`INSERT INTO course_daily_counts (course_id, day, views, favorites, enrolments) VALUES
		(1, '2026-11-22', 10, 1, 0), (1, '2026-11-21', 5, 0, 2), (2, '2026-11-22', 3, 0, 1), (3, '2026-11-22', 1000, 0, 0)`,
	`INSERT INTO org_daily_counts (org_id, day, views, favorites) VALUES (1, '2026-11-22', 7, 2), (1, '2026-11-01', 1, 0)`,
	`INSERT INTO teacher_daily_counts (teacher_id, day, views) VALUES (2, '2026-11-21', 4)`,
}

func on(day string, views, favorites, enrolments int64) catalog.DailyCounts {
	at, err := time.Parse(time.DateOnly, day)
	if err != nil {
		panic(err)
	}
	return catalog.DailyCounts{Day: at, Views: views, Favorites: favorites, Enrolments: enrolments}
}

func TestDailyCounts(t *testing.T) {
	db := testenv.MySQL(t, testenv.Config(t))
	testenv.Exec(t, db, rankedCatalogue...)
	for kind, want := range map[catalog.Kind]map[int64][]catalog.DailyCounts{
		catalog.KindCourse: {
			1: {on("2026-11-21", 5, 0, 2), on("2026-11-22", 10, 1, 0)},
			2: {on("2026-11-22", 3, 0, 1)},
			3: {on("2026-11-22", 1000, 0, 0)}, // a course's own history, hidden or not
		},
		catalog.KindOrg: {
			1: {on("2026-11-01", 1, 0, 0), on("2026-11-21", 5, 0, 2), on("2026-11-22", 20, 3, 1)},
		},
		catalog.KindTeacher: {
			1: {on("2026-11-21", 5, 0, 2), on("2026-11-22", 13, 1, 1)},
			2: {on("2026-11-21", 9, 0, 2), on("2026-11-22", 10, 1, 0)},
		},
	} {
		got, err := mysql.DailyCounts(t.Context(), db, kind, []int64{1, 2, 3, 4, 99})
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s:\n got %v\nwant %v", kind, got, want)
		}
	}
	if got, err := mysql.DailyCounts(t.Context(), db, catalog.KindOrg, nil); err != nil || len(got) != 0 {
		t.Errorf("histories of nothing: %v, %v", got, err)
	}
	if _, err := mysql.DailyCounts(t.Context(), db, "school", []int64{1}); err == nil {
		t.Error("an unknown kind was accepted")
	}
}

func TestCountsOf(t *testing.T) {
	db := testenv.MySQL(t, testenv.Config(t))
	testenv.Exec(t, db, rankedCatalogue...)
	ids := []int64{1, 2, 3, 4, 99}
	for _, kind := range catalog.Kinds() {
		histories, err := mysql.DailyCounts(t.Context(), db, kind, ids)
		if err != nil {
			t.Fatal(err)
		}
		for _, day := range []string{"2026-11-01", "2026-11-21", "2026-11-22", "2026-11-23"} {
			at, want := on(day, 0, 0, 0).Day, map[int64]catalog.DailyCounts{}
			for id, history := range histories {
				for _, d := range history {
					if d.Day.Equal(at) {
						want[id] = d
					}
				}
			}
			if got, err := mysql.CountsOf(t.Context(), db, kind, ids, at); err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("%s on %s: %v, %v, want %v", kind, day, got, err, want)
			}
		}
	}
}
