// Package store keeps and reads what the pages, the API and admins' commands need of MySQL:
// details, events, searches, rankings, consultations, synonyms and curations.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/mysql"
)

// Details reads whole items as their pages show them, always from the current rows.
// What is hidden is not there, and is not named or counted by anything else. It
// implements searchapi.Details.
type Details struct {
	db    *sql.DB
	guard *mysql.Guard // nil: readers wait for as long as their contexts last
}

// NewDetails makes a reader of details on an open database.
func NewDetails(db *sql.DB) *Details { return &Details{db: db} }

// WithGuard reads through a guard.
func (d *Details) WithGuard(g *mysql.Guard) *Details { return &Details{db: d.db, guard: g} }

// Ready says whether MySQL answers and holds the catalogue's tables.
func (d *Details) Ready(ctx context.Context) error {
	err := d.guard.Do(ctx, func(ctx context.Context) error {
		var one int
		return mysql.ReadError(d.db.QueryRowContext(ctx, "SELECT COUNT(*) FROM (SELECT id FROM courses LIMIT 1) c").Scan(&one))
	})
	if mysql.IsServerError(err, mysql.ErrnoNoSuchTable) {
		return &catalog.Error{
			Code: catalog.CodeUnavailable, Message: "the schema of MySQL is not there", Hint: "run: xunke migrate", Cause: err,
		}
	}
	return err
}

// Course reads one visible course with everything that belongs to it.
func (d *Details) Course(ctx context.Context, id int64) (c catalog.Course, err error) {
	err = d.snapshot(ctx, catalog.KindCourse, id, func(ctx context.Context, tx *sql.Tx) error {
		if c, err = readCourse(ctx, tx, id); err != nil {
			return err
		}
		if c.Teachers, err = readCourseTeachers(ctx, tx, id); err != nil {
			return err
		}
		if c.Tags, err = readCourseTags(ctx, tx, id); err != nil {
			return err
		}
		if c.Lessons, err = readLessons(ctx, tx, id); err != nil {
			return err
		}
		c.Resources, err = readResources(ctx, tx, id)
		return err
	})
	return c, err
}

// Org reads one visible org with what its visible courses and teachers come to.
func (d *Details) Org(ctx context.Context, id int64) (catalog.Org, error) {
	o := catalog.Org{ID: id, URL: catalog.ItemURL(catalog.KindOrg, id)}
	err := d.row(ctx, catalog.KindOrg, id, `
		SELECT o.`+"`key`"+`, o.name, o.description, o.image, o.category, COALESCE(t.name, ''), o.address, o.slogan,
			o.is_gold, o.is_certified, o.favorites, o.created_at, o.updated_at,
			(SELECT COUNT(*) FROM teachers p WHERE p.org_id = o.id AND NOT p.hidden),
			COALESCE(s.courses, 0), COALESCE(s.students, 0)
		FROM orgs o
		LEFT JOIN cities t ON t.id = o.city_id
		LEFT JOIN (SELECT org_id, COUNT(*) AS courses, SUM(starting_students + enrolments) AS students
			FROM courses WHERE org_id = ? AND NOT hidden GROUP BY org_id) s ON s.org_id = o.id
		WHERE o.id = ? AND NOT o.hidden`,
		&o.Key, &o.Name, &o.Description, &o.Image, &o.Category, &o.City, &o.Address, &o.Slogan,
		&o.Gold, &o.Certified, &o.Favorites, &o.CreatedAt, &o.UpdatedAt, &o.Teachers, &o.Courses, &o.Students)
	plain(&o.Description, &o.Slogan)
	return o, err
}

// Teacher reads one visible teacher with what their visible courses come to.
func (d *Details) Teacher(ctx context.Context, id int64) (catalog.Teacher, error) {
	t := catalog.Teacher{ID: id, URL: catalog.ItemURL(catalog.KindTeacher, id)}
	var org nullableRef
	err := d.row(ctx, catalog.KindTeacher, id, `
		SELECT p.`+"`key`"+`, p.name, p.title, p.bio, p.company, p.style, p.years_worked, p.image, p.favorites,
			p.created_at, p.updated_at, o.id, o.name, COALESCE(s.courses, 0), COALESCE(s.students, 0)
		FROM teachers p
		LEFT JOIN orgs o ON o.id = p.org_id AND NOT o.hidden
		LEFT JOIN (SELECT ct.teacher_id, COUNT(*) AS courses, SUM(c.starting_students + c.enrolments) AS students
			FROM course_teachers ct JOIN courses c ON c.id = ct.course_id AND NOT c.hidden
			WHERE ct.teacher_id = ? GROUP BY ct.teacher_id) s ON s.teacher_id = p.id
		WHERE p.id = ? AND NOT p.hidden`,
		&t.Key, &t.Name, &t.Title, &t.Bio, &t.Company, &t.Style, &t.YearsWorked, &t.Image, &t.Favorites,
		&t.CreatedAt, &t.UpdatedAt, &org.id, &org.name, &t.Courses, &t.Students)
	plain(&t.Bio, &t.Style)
	t.Org = org.ref()
	return t, err
}

// plain makes of texts that rich text editors may have written what is read of them.
func plain(texts ...*string) {
	for _, text := range texts {
		*text = catalog.PlainText(*text)
	}
}

// row reads one item by a query that has its id twice.
func (d *Details) row(ctx context.Context, k catalog.Kind, id int64, query string, into ...any) error {
	return d.guard.Do(ctx, func(ctx context.Context) error {
		return itemError(d.db.QueryRowContext(ctx, query, id, id).Scan(into...), k, id)
	})
}

// snapshot runs several reads that see the same rows, so that an answer never mixes
// what was there before a change with what came after it.
func (d *Details) snapshot(ctx context.Context, k catalog.Kind, id int64, read func(context.Context, *sql.Tx) error) error {
	return d.guard.Do(ctx, func(ctx context.Context) (err error) {
		defer func() { err = itemError(err, k, id) }()
		tx, err := d.db.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
		if err != nil {
			return fmt.Errorf("begin snapshot: %w", err)
		}
		defer func() {
			if end := tx.Rollback(); err == nil && end != nil && !errors.Is(end, sql.ErrTxDone) {
				err = fmt.Errorf("end snapshot: %w", end)
			}
		}()
		return read(ctx, tx)
	})
}

// itemError turns the outcome of reading an item into an error that a caller may see.
func itemError(err error, k catalog.Kind, id int64) error {
	if errors.Is(err, sql.ErrNoRows) {
		return catalog.NotFound(k, id)
	}
	if err = mysql.ReadError(err); err != nil {
		return fmt.Errorf("read %s %d: %w", k, id, err)
	}
	return nil
}

// nullableRef is a row of an outer join that may be missing.
type nullableRef struct {
	id   sql.NullInt64
	name sql.NullString
}

func (r nullableRef) ref() *catalog.Ref {
	if !r.id.Valid {
		return nil
	}
	return &catalog.Ref{ID: r.id.Int64, Name: r.name.String}
}
