package oracle

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"strings"

	"github.com/xunke/xunke/verify"
)

// courseFacts reads the visible courses of a span.
func courseFacts(ctx context.Context, tx *sql.Tx, s span) ([]verify.Facts, error) {
	orgs, err := orgsOf(ctx, tx, s, `SELECT `+smallOrg+` FROM courses WHERE {courses.id}`)
	if err != nil {
		return nil, err
	}
	var list []verify.Facts
	err = s.each(ctx, tx, `SELECT id, `+"`key`"+`, hidden, name, summary, description, image, CAST(created_at AS CHAR), level, language,
			minutes, starting_students, enrolments, favorites, `+smallOrg+`,
			(SELECT name FROM categories WHERE categories.id = courses.category_id)
		FROM courses WHERE {courses.id} ORDER BY id`, func(rows *sql.Rows) error {
		var f verify.Facts
		var hidden int
		var created string
		var level, category sql.NullString
		var starting, enrolments int64
		var org sql.NullInt64
		if err := rows.Scan(&f.ID, &f.Key, &hidden, &f.Name, &f.Summary, &f.Description, &f.Image, &created, &level, &f.Language,
			&f.Minutes, &starting, &enrolments, &f.Favorites, &org, &category); err != nil {
			return err
		}
		if hidden != 0 {
			return nil
		}
		f.Created, f.Students = instant(created), starting+enrolments
		f.Level, f.Category = level.String, category.String
		attach(&f, org, orgs)
		list = append(list, f)
		return nil
	})
	if err != nil {
		return nil, err
	}
	into := index(list)
	for _, read := range []func(context.Context, *sql.Tx, span, map[int64]*verify.Facts) error{courseTeachers, courseTags, courseLessons, courseRatings, courseVectors} {
		if err := read(ctx, tx, s, into); err != nil {
			return nil, err
		}
	}
	err = days(ctx, tx, s, `SELECT d.course_id, `+factDays+` FROM course_daily_counts d WHERE {d.course_id}`, into)
	return list, err
}

// placed is something at a position of a course.
type placed struct {
	verify.Named
	position int64
}

func byPosition(a, b placed) int {
	return cmp.Or(cmp.Compare(a.position, b.position), cmp.Compare(a.ID, b.ID))
}

func courseTeachers(ctx context.Context, tx *sql.Tx, s span, into map[int64]*verify.Facts) error {
	teachers := map[int64][]placed{}
	err := s.each(ctx, tx, `SELECT l.course_id, l.position, t.id, t.name, t.hidden
		FROM course_teachers l STRAIGHT_JOIN teachers t ON t.id = l.teacher_id
		WHERE t.id <= CAST(0x7FFFFFFFFFFFFFFF AS UNSIGNED) AND {l.course_id}`, func(rows *sql.Rows) error {
		var course int64
		var t placed
		var hidden int
		if err := rows.Scan(&course, &t.position, &t.ID, &t.Name, &hidden); err != nil {
			return err
		}
		if hidden == 0 {
			teachers[course] = append(teachers[course], t)
		}
		return nil
	})
	for course, list := range teachers {
		f := into[course]
		if f == nil {
			continue
		}
		slices.SortFunc(list, byPosition)
		for _, t := range list {
			f.Teachers = append(f.Teachers, t.Named)
		}
	}
	return err
}

func courseTags(ctx context.Context, tx *sql.Tx, s span, into map[int64]*verify.Facts) error {
	err := s.each(ctx, tx, `SELECT l.course_id, t.name
		FROM course_tags l STRAIGHT_JOIN tags t ON t.id = l.tag_id WHERE {l.course_id}`, func(rows *sql.Rows) error {
		var course int64
		var name string
		if err := rows.Scan(&course, &name); err != nil {
			return err
		}
		if f := into[course]; f != nil {
			f.Tags = append(f.Tags, name)
		}
		return nil
	})
	for _, f := range into {
		slices.SortFunc(f.Tags, strings.Compare)
	}
	return err
}

func courseLessons(ctx context.Context, tx *sql.Tx, s span, into map[int64]*verify.Facts) error {
	lessons := map[int64][]placed{}
	err := s.each(ctx, tx, `SELECT course_id, position, id, name FROM lessons WHERE {course_id}`, func(rows *sql.Rows) error {
		var course int64
		var l placed
		if err := rows.Scan(&course, &l.position, &l.ID, &l.Name); err != nil {
			return err
		}
		lessons[course] = append(lessons[course], l)
		return nil
	})
	for course, list := range lessons {
		f := into[course]
		if f == nil {
			continue
		}
		slices.SortFunc(list, byPosition)
		for _, l := range list {
			f.Lessons = append(f.Lessons, l.Name)
		}
	}
	return err
}

// courseRatings counts the rows themselves: what courses says of them is what it checks.
func courseRatings(ctx context.Context, tx *sql.Tx, s span, into map[int64]*verify.Facts) error {
	return s.each(ctx, tx, `SELECT course_id, stars, COUNT(*) FROM course_ratings WHERE {course_id} GROUP BY course_id, stars`, func(rows *sql.Rows) error {
		var course, stars, n int64
		if err := rows.Scan(&course, &stars, &n); err != nil {
			return err
		}
		if f := into[course]; f != nil {
			f.Ratings += n
			f.Stars += stars * n
		}
		return nil
	})
}
