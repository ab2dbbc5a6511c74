package store_test

import (
	"context"
	"database/sql"
	"reflect"
	"testing"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/mysql/store"
	"github.com/xunke/xunke/internal/testenv"
	"github.com/xunke/xunke/searchapi"
)

var _ searchapi.Details = (*store.Details)(nil)

// detailRows is a small catalogue with something hidden beside everything visible.
var detailRows = []string{
	`INSERT INTO cities (id, name) VALUES (1, '北京')`,
	`INSERT INTO categories (id, name) VALUES (1, '计算机')`,
	`INSERT INTO tags (id, name) VALUES (1, '数据结构'), (2, 'C++')`,
	"INSERT INTO orgs (id, `key`, name, description, category, city_id, address, image, slogan, is_gold, is_certified, favorites, hidden, created_at, updated_at) VALUES" +
		` (1, 'thu', '清华大学', '<p>高校</p>', 'university', 1, '海淀', '/o.png', '自强不息', TRUE, FALSE, 7, FALSE, '2020-01-31', '2020-02-01'),
		(2, NULL, '藏起来的机构', '', 'training', NULL, '', '', '', FALSE, FALSE, 0, TRUE, '2020-01-31', '2020-02-01')`,
	"INSERT INTO teachers (id, `key`, org_id, name, title, bio, company, years_worked, style, image, favorites, hidden, created_at, updated_at) VALUES" +
		` (1, 't1', 1, '凌若溪', '教授', '<p>简介</p>', '清华', 20, '<i>严谨</i>', '/t.png', 3, FALSE, '2020-01-31', '2020-02-01'),
		(2, NULL, 2, '曾老师', '', '', '', 0, '', '', 0, FALSE, '2020-01-31', '2020-02-01'),
		(3, NULL, 1, '隐身人', '', '', '', 0, '', '', 0, TRUE, '2020-01-31', '2020-02-01')`,
	"INSERT INTO courses (id, `key`, org_id, category_id, name, summary, description, notice, prerequisites, outcomes, level, language, minutes, starting_students, enrolments, favorites, image, hidden, created_at, updated_at) VALUES" +
		` (1, 'ds', 1, 1, '数据结构', '摘要', '<p>描述</p>', '<b>须知</b>', '<ul><li>先修</li></ul>', '<div>收获</div>', 'beginner', 'zh', 600, 100, 5, 9, '/c.png', FALSE, '2020-01-31', '2020-02-01'),
		(2, NULL, 1, NULL, '藏起来的课', '', '', '', '', '', NULL, '', 0, 1000, 1, 0, '', TRUE, '2020-01-31', '2020-02-01'),
		(3, NULL, 2, NULL, '无名机构的课', '', '', '', '', '', NULL, '', 0, 0, 2, 0, '', FALSE, '2020-01-31', '2020-02-01')`,
	`UPDATE courses SET ratings = 2, rating_stars = 9, updated_at = updated_at WHERE id = 1`,
	`INSERT INTO course_teachers (course_id, teacher_id, position) VALUES (1, 1, 2), (1, 2, 1), (1, 3, 0), (2, 1, 0), (3, 1, 0)`,
	`INSERT INTO course_tags (course_id, tag_id) VALUES (1, 1), (1, 2)`,
	`INSERT INTO lessons (id, course_id, name, position) VALUES (1, 1, '第二章', 2), (2, 1, '第一章', 1)`,
	`INSERT INTO videos (id, lesson_id, name, url, minutes, position) VALUES (1, 2, '下', '/2', 6, 2), (2, 2, '上', '/1', 5, 1)`,
	`INSERT INTO course_resources (id, course_id, name, url) VALUES (1, 1, '讲义', '/r.pdf')`,
}

func detailDatabase(t *testing.T) *sql.DB {
	t.Helper()
	db := testenv.MySQL(t, testenv.Config(t))
	for _, statement := range detailRows {
		if _, err := db.Exec(statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	return db
}

func TestDetails(t *testing.T) {
	details := store.NewDetails(detailDatabase(t))
	created, updated := time.Date(2020, 1, 31, 0, 0, 0, 0, time.UTC), time.Date(2020, 2, 1, 0, 0, 0, 0, time.UTC)
	key := func(s string) *string { return &s }

	if err := details.Ready(t.Context()); err != nil {
		t.Errorf("not ready: %v", err)
	}
	course, err := details.Course(t.Context(), 1)
	check(t, course, err, catalog.Course{
		ID: 1, Key: key("ds"), Name: "数据结构", Summary: "摘要", Description: "描述", Notice: "须知", Prerequisites: "先修",
		Outcomes: "收获", URL: "/courses/1", Image: "/c.png", Org: &catalog.Ref{ID: 1, Name: "清华大学"},
		// By position; the hidden one, though first, is not named.
		Teachers: []catalog.Ref{{ID: 2, Name: "曾老师"}, {ID: 1, Name: "凌若溪"}},
		Category: "计算机", Level: catalog.LevelBeginner, Tags: []string{"C++", "数据结构"}, Language: "zh", Minutes: 600,
		Students: 105, Favorites: 9, Rating: new(catalog.Rating(4.5)), Ratings: 2,
		Lessons: []catalog.Lesson{
			{ID: 2, Name: "第一章", Videos: []catalog.Video{{ID: 2, Name: "上", URL: "/1", Minutes: 5}, {ID: 1, Name: "下", URL: "/2", Minutes: 6}}},
			{ID: 1, Name: "第二章", Videos: []catalog.Video{}},
		},
		Resources: []catalog.Resource{{ID: 1, Name: "讲义", URL: "/r.pdf"}},
		CreatedAt: created, UpdatedAt: updated,
	})
	course, err = details.Course(t.Context(), 3)
	check(t, course, err, catalog.Course{
		ID: 3, Name: "无名机构的课", URL: "/courses/3", Teachers: []catalog.Ref{{ID: 1, Name: "凌若溪"}}, Tags: []string{}, Students: 2,
		Lessons: []catalog.Lesson{}, Resources: []catalog.Resource{}, CreatedAt: created, UpdatedAt: updated,
	})
	org, err := details.Org(t.Context(), 1)
	check(t, org, err, catalog.Org{
		ID: 1, Key: key("thu"), Name: "清华大学", Description: "高校", URL: "/orgs/1", Image: "/o.png", Category: catalog.OrgUniversity,
		City: "北京", Address: "海淀", Slogan: "自强不息", Gold: true, Students: 105, Courses: 1, Teachers: 1, Favorites: 7,
		CreatedAt: created, UpdatedAt: updated,
	})
	teacher, err := details.Teacher(t.Context(), 1)
	check(t, teacher, err, catalog.Teacher{
		ID: 1, Key: key("t1"), Name: "凌若溪", Title: "教授", Bio: "简介", Company: "清华", Style: "严谨", YearsWorked: 20,
		URL: "/teachers/1", Image: "/t.png", Org: &catalog.Ref{ID: 1, Name: "清华大学"}, Students: 107, Courses: 2, Favorites: 3,
		CreatedAt: created, UpdatedAt: updated,
	})
	if teacher, err = details.Teacher(t.Context(), 2); err != nil || teacher.Org != nil {
		t.Errorf("the hidden org of a teacher: %v, %v", teacher.Org, err)
	}
}

func check[T any](t *testing.T, got T, err error, want T) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestDetailsThatAreNotThere(t *testing.T) {
	db := detailDatabase(t)
	details := store.NewDetails(db)
	reads := map[string]func(context.Context, int64) error{
		"course":  func(ctx context.Context, id int64) error { _, err := details.Course(ctx, id); return err },
		"org":     func(ctx context.Context, id int64) error { _, err := details.Org(ctx, id); return err },
		"teacher": func(ctx context.Context, id int64) error { _, err := details.Teacher(ctx, id); return err },
	}
	hidden := map[string]int64{"course": 2, "org": 2, "teacher": 3}
	for kind, read := range reads {
		for what, id := range map[string]int64{"missing": 99, "hidden": hidden[kind]} {
			if err := read(t.Context(), id); catalog.CodeOf(err) != catalog.CodeNotFound {
				t.Errorf("%s %s: %v", what, kind, err)
			}
		}
		stopped, cancel := context.WithCancel(t.Context())
		cancel()
		if err := read(stopped, 1); catalog.CodeOf(err) != catalog.CodeUnavailable {
			t.Errorf("%s when MySQL does not answer in time: %v", kind, err)
		}
	}
	if _, err := db.Exec("DROP TABLE course_tags, course_teachers, videos, lessons, course_resources, courses"); err != nil {
		t.Fatal(err)
	}
	if err := details.Ready(t.Context()); catalog.CodeOf(err) != catalog.CodeUnavailable {
		t.Errorf("ready without tables: %v", err)
	}
	if err := reads["course"](t.Context(), 1); catalog.CodeOf(err) != catalog.CodeInternal {
		t.Errorf("a statement that MySQL refuses: %v", err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}
