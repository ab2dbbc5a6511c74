package oracle

import (
	"context"
	"database/sql"

	"github.com/xunke/xunke/verify"
)

// orgFacts reads the visible orgs of a span.
func orgFacts(ctx context.Context, tx *sql.Tx, s span) ([]verify.Facts, error) {
	var list []verify.Facts
	err := s.each(ctx, tx, `SELECT id, `+"`key`"+`, hidden, name, description, image, CAST(created_at AS CHAR), favorites, category,
			(SELECT name FROM cities WHERE cities.id = orgs.city_id)
		FROM orgs WHERE {orgs.id} ORDER BY id`, func(rows *sql.Rows) error {
		var f verify.Facts
		var hidden int
		var created string
		var city sql.NullString
		if err := rows.Scan(&f.ID, &f.Key, &hidden, &f.Name, &f.Description, &f.Image, &created, &f.Favorites, &f.OrgCategory, &city); err != nil {
			return err
		}
		if f.Created, f.City = instant(created), city.String; hidden == 0 {
			list = append(list, f)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	into := index(list)
	if err := sums(ctx, tx, s, `SELECT c.org_id, c.hidden, COUNT(*), SUM(c.starting_students), SUM(c.enrolments)
		FROM courses c WHERE {c.org_id} GROUP BY c.org_id, c.hidden`, into); err != nil {
		return nil, err
	}
	if err := days(ctx, tx, s, `SELECT d.org_id, `+factDays+` FROM org_daily_counts d WHERE {d.org_id}`, into); err != nil {
		return nil, err
	}
	err = days(ctx, tx, s, `SELECT c.org_id, `+factDays+`
		FROM courses c STRAIGHT_JOIN course_daily_counts d ON d.course_id = c.id WHERE c.hidden = 0 AND {c.org_id}`, into)
	return list, err
}

// teacherFacts reads the visible teachers of a span.
func teacherFacts(ctx context.Context, tx *sql.Tx, s span) ([]verify.Facts, error) {
	orgs, err := orgsOf(ctx, tx, s, `SELECT `+smallOrg+` FROM teachers WHERE {teachers.id}`)
	if err != nil {
		return nil, err
	}
	var list []verify.Facts
	err = s.each(ctx, tx, `SELECT id, `+"`key`"+`, hidden, name, title, bio, image, CAST(created_at AS CHAR), favorites, `+smallOrg+`
		FROM teachers WHERE {teachers.id} ORDER BY id`, func(rows *sql.Rows) error {
		var f verify.Facts
		var hidden int
		var created string
		var org sql.NullInt64
		if err := rows.Scan(&f.ID, &f.Key, &hidden, &f.Name, &f.Title, &f.Description, &f.Image, &created, &f.Favorites, &org); err != nil {
			return err
		}
		if hidden != 0 {
			return nil
		}
		f.Created = instant(created)
		attach(&f, org, orgs)
		list = append(list, f)
		return nil
	})
	if err != nil {
		return nil, err
	}
	into := index(list)
	if err := sums(ctx, tx, s, `SELECT l.teacher_id, c.hidden, COUNT(*), SUM(c.starting_students), SUM(c.enrolments)
		FROM course_teachers l STRAIGHT_JOIN courses c ON c.id = l.course_id WHERE {l.teacher_id}
		GROUP BY l.teacher_id, c.hidden`, into); err != nil {
		return nil, err
	}
	if err := days(ctx, tx, s, `SELECT d.teacher_id, `+factDays+` FROM teacher_daily_counts d WHERE {d.teacher_id}`, into); err != nil {
		return nil, err
	}
	err = days(ctx, tx, s, `SELECT l.teacher_id, `+factDays+`
		FROM course_teachers l STRAIGHT_JOIN courses c ON c.id = l.course_id STRAIGHT_JOIN course_daily_counts d ON d.course_id = c.id
		WHERE c.hidden = 0 AND {l.teacher_id}`, into)
	return list, err
}

// sums adds up courses and learners from a statement that counts hidden courses apart.
func sums(ctx context.Context, tx *sql.Tx, s span, statement string, into map[int64]*verify.Facts) error {
	return s.each(ctx, tx, statement, func(rows *sql.Rows) error {
		var id, courses, starting, enrolments int64
		var hidden int
		if err := rows.Scan(&id, &hidden, &courses, &starting, &enrolments); err != nil {
			return err
		}
		if f := into[id]; f != nil && hidden == 0 {
			f.Courses, f.Students = courses, starting+enrolments
		}
		return nil
	})
}
