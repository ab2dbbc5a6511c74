package source

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/xunke/xunke/internal/mysql"
	"github.com/xunke/xunke/mappings"
)

// loadCourses reads the visible courses among ids, and the stars of their ratings. What is hidden of a course's org and
// teachers is not named. The join order is left to keys: ids are few and explicit.
func loadCourses(ctx context.Context, q mysql.Querier, ids []int64, into map[int64]mappings.Course, stars map[int64]int64) error {
	if len(ids) == 0 {
		return nil
	}
	marks, args := mysql.Placeholders(ids)
	err := mysql.EachRow(ctx, q, `
		SELECT c.id, c.`+"`key`"+`, c.name, c.summary, c.description, COALESCE(c.level, ''), c.language, c.minutes,
			c.starting_students + c.enrolments, c.favorites, c.ratings, c.rating_stars, c.image, c.created_at,
			COALESCE(k.name, ''), o.id, o.name, COALESCE(o.category, ''), COALESCE(t.name, '')
		FROM courses c
		LEFT JOIN categories k ON k.id = c.category_id
		LEFT JOIN orgs o ON o.id = c.org_id AND NOT o.hidden AND o.id <= `+GreatestID+`
		LEFT JOIN cities t ON t.id = o.city_id
		WHERE c.id IN (`+marks+`) AND NOT c.hidden`, args, func(rows *sql.Rows) error {
		var c mappings.Course
		var sum int64
		var orgID sql.NullInt64
		var orgName sql.NullString
		err := rows.Scan(&c.ID, &c.Key, &c.Name, &c.Summary, &c.Description, &c.Level, &c.Language, &c.Minutes,
			&c.Students, &c.Favorites, &c.Ratings, &sum, &c.Image, &c.CreatedAt,
			&c.Category, &orgID, &orgName, &c.OrgCategory, &c.City)
		if orgID.Valid {
			c.Org = &mappings.Ref{ID: orgID.Int64, Name: orgName.String}
		}
		into[c.ID], stars[c.ID] = c, sum
		return err
	})
	if err != nil {
		return fmt.Errorf("read courses: %w", err)
	}
	if err := loadCourseTeachers(ctx, q, marks, args, into); err != nil {
		return err
	}
	if err := loadTags(ctx, q, marks, args, into); err != nil {
		return err
	}
	if err := loadVectors(ctx, q, marks, args, into); err != nil {
		return err
	}
	if err := loadNames(ctx, q, `SELECT course_id, name FROM lessons
		WHERE course_id IN (`+marks+`) ORDER BY course_id, position, id`, args, func(id int64, name string) {
		if c, ok := into[id]; ok {
			c.Lessons = append(c.Lessons, name)
			into[id] = c
		}
	}); err != nil {
		return fmt.Errorf("read lessons of courses: %w", err)
	}
	return nil
}

func loadTags(ctx context.Context, q mysql.Querier, marks string, args []any, into map[int64]mappings.Course) error {
	err := loadNames(ctx, q, `SELECT ct.course_id, t.name FROM course_tags ct JOIN tags t ON t.id = ct.tag_id
		WHERE ct.course_id IN (`+marks+`) ORDER BY ct.course_id, t.name`, args, func(id int64, name string) {
		if c, ok := into[id]; ok {
			c.Tags = append(c.Tags, name)
			into[id] = c
		}
	})
	if err != nil {
		return fmt.Errorf("read tags of courses: %w", err)
	}
	return nil
}

func loadCourseTeachers(ctx context.Context, q mysql.Querier, marks string, args []any, into map[int64]mappings.Course) error {
	err := mysql.EachRow(ctx, q, `
		SELECT ct.course_id, t.id, t.name FROM course_teachers ct JOIN teachers t ON t.id = ct.teacher_id AND NOT t.hidden AND t.id <= `+GreatestID+`
		WHERE ct.course_id IN (`+marks+`) ORDER BY ct.course_id, ct.position, t.id`, args, func(rows *sql.Rows) error {
		var course int64
		var t mappings.Ref
		if err := rows.Scan(&course, &t.ID, &t.Name); err != nil {
			return err
		}
		if c, ok := into[course]; ok {
			c.Teachers = append(c.Teachers, t)
			into[course] = c
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("read teachers of courses: %w", err)
	}
	return nil
}

func loadNames(ctx context.Context, q mysql.Querier, query string, args []any, add func(id int64, name string)) error {
	return mysql.EachRow(ctx, q, query, args, func(rows *sql.Rows) error {
		var id int64
		var name string
		if err := rows.Scan(&id, &name); err != nil {
			return err
		}
		add(id, name)
		return nil
	})
}

// loadOrgs reads the visible orgs among ids with the sums over their visible courses.
func loadOrgs(ctx context.Context, q mysql.Querier, ids []int64, into map[int64]mappings.Org) error {
	if len(ids) == 0 {
		return nil
	}
	marks, args := mysql.Placeholders(ids)
	err := mysql.EachRow(ctx, q, `
		SELECT o.id, o.`+"`key`"+`, o.name, o.description, o.category, COALESCE(t.name, ''), o.favorites, o.image, o.created_at,
			COALESCE(s.courses, 0), COALESCE(s.students, 0)
		FROM orgs o
		LEFT JOIN cities t ON t.id = o.city_id
		LEFT JOIN (SELECT org_id, COUNT(*) AS courses, SUM(starting_students + enrolments) AS students
			FROM courses WHERE org_id IN (`+marks+`) AND NOT hidden GROUP BY org_id) s ON s.org_id = o.id
		WHERE o.id IN (`+marks+`) AND NOT o.hidden`, append(args, args...), func(rows *sql.Rows) error {
		var o mappings.Org
		err := rows.Scan(&o.ID, &o.Key, &o.Name, &o.Description, &o.OrgCategory, &o.City, &o.Favorites, &o.Image, &o.CreatedAt,
			&o.Courses, &o.Students)
		into[o.ID] = o
		return err
	})
	if err != nil {
		return fmt.Errorf("read orgs: %w", err)
	}
	return nil
}

// loadTeachers reads the visible teachers among ids with the sums over their visible courses.
func loadTeachers(ctx context.Context, q mysql.Querier, ids []int64, into map[int64]mappings.Teacher) error {
	if len(ids) == 0 {
		return nil
	}
	marks, args := mysql.Placeholders(ids)
	err := mysql.EachRow(ctx, q, `
		SELECT p.id, p.`+"`key`"+`, p.name, p.title, p.bio, p.favorites, p.image, p.created_at,
			o.id, o.name, COALESCE(o.category, ''), COALESCE(t.name, ''), COALESCE(s.courses, 0), COALESCE(s.students, 0)
		FROM teachers p
		LEFT JOIN orgs o ON o.id = p.org_id AND NOT o.hidden AND o.id <= `+GreatestID+`
		LEFT JOIN cities t ON t.id = o.city_id
		LEFT JOIN (SELECT ct.teacher_id, COUNT(*) AS courses, SUM(c.starting_students + c.enrolments) AS students
			FROM course_teachers ct JOIN courses c ON c.id = ct.course_id AND NOT c.hidden
			WHERE ct.teacher_id IN (`+marks+`) GROUP BY ct.teacher_id) s ON s.teacher_id = p.id
		WHERE p.id IN (`+marks+`) AND NOT p.hidden`, append(args, args...), func(rows *sql.Rows) error {
		var t mappings.Teacher
		var orgID sql.NullInt64
		var orgName sql.NullString
		err := rows.Scan(&t.ID, &t.Key, &t.Name, &t.Title, &t.Description, &t.Favorites, &t.Image, &t.CreatedAt,
			&orgID, &orgName, &t.OrgCategory, &t.City, &t.Courses, &t.Students)
		if orgID.Valid {
			t.Org = &mappings.Ref{ID: orgID.Int64, Name: orgName.String}
		}
		into[t.ID] = t
		return err
	})
	if err != nil {
		return fmt.Errorf("read teachers: %w", err)
	}
	return nil
}
