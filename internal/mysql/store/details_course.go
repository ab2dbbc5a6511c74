package store

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/mysql"
)

func readCourse(ctx context.Context, tx *sql.Tx, id int64) (catalog.Course, error) {
	c := catalog.Course{ID: id, URL: catalog.ItemURL(catalog.KindCourse, id)}
	var org nullableRef
	var stars int64
	err := tx.QueryRowContext(ctx, `
		SELECT c.`+"`key`"+`, c.name, c.summary, c.description, c.notice, c.prerequisites, c.outcomes, c.image,
			COALESCE(k.name, ''), COALESCE(c.level, ''), c.language, c.minutes, c.starting_students + c.enrolments,
			c.favorites, c.ratings, c.rating_stars, c.created_at, c.updated_at, o.id, o.name
		FROM courses c
		LEFT JOIN categories k ON k.id = c.category_id
		LEFT JOIN orgs o ON o.id = c.org_id AND NOT o.hidden
		WHERE c.id = ? AND NOT c.hidden`, id).
		Scan(&c.Key, &c.Name, &c.Summary, &c.Description, &c.Notice, &c.Prerequisites, &c.Outcomes, &c.Image,
			&c.Category, &c.Level, &c.Language, &c.Minutes, &c.Students,
			&c.Favorites, &c.Ratings, &stars, &c.CreatedAt, &c.UpdatedAt, &org.id, &org.name)
	plain(&c.Summary, &c.Description, &c.Notice, &c.Prerequisites, &c.Outcomes)
	c.Org, c.Rating = org.ref(), (*catalog.Rating)(catalog.MeanRating(int64(c.Ratings), stars))
	return c, err
}

// readCourseTeachers reads the visible teachers of a course in their order.
func readCourseTeachers(ctx context.Context, tx *sql.Tx, id int64) ([]catalog.Ref, error) {
	list, err := readList(ctx, tx, `
		SELECT t.id, t.name FROM course_teachers ct JOIN teachers t ON t.id = ct.teacher_id AND NOT t.hidden
		WHERE ct.course_id = ? ORDER BY ct.position, t.id`, id,
		func(rows *sql.Rows, t *catalog.Ref) error { return rows.Scan(&t.ID, &t.Name) })
	if err != nil {
		return nil, fmt.Errorf("read teachers: %w", err)
	}
	return list, nil
}

func readCourseTags(ctx context.Context, tx *sql.Tx, id int64) ([]string, error) {
	list, err := readList(ctx, tx, `
		SELECT t.name FROM course_tags ct JOIN tags t ON t.id = ct.tag_id WHERE ct.course_id = ? ORDER BY t.name`, id,
		func(rows *sql.Rows, name *string) error { return rows.Scan(name) })
	if err != nil {
		return nil, fmt.Errorf("read tags: %w", err)
	}
	return list, nil
}

// readLessons reads the lessons of a course in their order, each with its videos.
func readLessons(ctx context.Context, tx *sql.Tx, id int64) ([]catalog.Lesson, error) {
	type row struct {
		lesson    catalog.Lesson
		video     sql.NullInt64
		name, url sql.NullString
		minutes   sql.NullInt64
	}
	rows, err := readList(ctx, tx, `
		SELECT l.id, l.name, v.id, v.name, v.url, v.minutes
		FROM lessons l LEFT JOIN videos v ON v.lesson_id = l.id
		WHERE l.course_id = ? ORDER BY l.position, l.id, v.position, v.id`, id,
		func(rows *sql.Rows, r *row) error {
			return rows.Scan(&r.lesson.ID, &r.lesson.Name, &r.video, &r.name, &r.url, &r.minutes)
		})
	if err != nil {
		return nil, fmt.Errorf("read lessons: %w", err)
	}
	lessons := []catalog.Lesson{}
	for _, r := range rows {
		if n := len(lessons); n == 0 || lessons[n-1].ID != r.lesson.ID {
			r.lesson.Videos = []catalog.Video{}
			lessons = append(lessons, r.lesson)
		}
		if r.video.Valid {
			last := &lessons[len(lessons)-1]
			last.Videos = append(last.Videos, catalog.Video{
				ID: r.video.Int64, Name: r.name.String, URL: r.url.String, Minutes: int(r.minutes.Int64),
			})
		}
	}
	return lessons, nil
}

func readResources(ctx context.Context, tx *sql.Tx, id int64) ([]catalog.Resource, error) {
	list, err := readList(ctx, tx, `SELECT id, name, url FROM course_resources WHERE course_id = ? ORDER BY id`, id,
		func(rows *sql.Rows, r *catalog.Resource) error { return rows.Scan(&r.ID, &r.Name, &r.URL) })
	if err != nil {
		return nil, fmt.Errorf("read resources: %w", err)
	}
	return list, nil
}

// readList reads every row of a query with one parameter. An empty list is not nil.
func readList[T any](ctx context.Context, tx *sql.Tx, query string, id int64, scan func(*sql.Rows, *T) error) ([]T, error) {
	list := []T{}
	err := mysql.EachRow(ctx, tx, query, []any{id}, func(rows *sql.Rows) error {
		var v T
		if err := scan(rows, &v); err != nil {
			return err
		}
		list = append(list, v)
		return nil
	})
	return list, err
}
