package e2e

import (
	"database/sql"
	"fmt"
)

// witness inserts what nobody ever touches again: once lost, it stays lost, whereas the
// next change of a row may make good for one that was lost.
var witness = []change{
	{"insert a witness", 1, statement(`INSERT INTO teachers (name) VALUES (?)`,
		func(w *writer) []any { return []any{fmt.Sprintf("见证%d", w.rand.IntN(1_000_000))} })},
}

// changes is what writers do.
var changes = []change{
	{"update a row", 30, statement(`UPDATE courses SET minutes = ? WHERE id = ?`,
		func(w *writer) []any { return []any{w.rand.IntN(10_000), 1 + w.rand.IntN(seedCourses)} })},
	{"count learners", 10, statement(`UPDATE courses SET enrolments = enrolments + ? WHERE id = ?`,
		func(w *writer) []any { return []any{1 + w.rand.IntN(3), 1 + w.rand.IntN(seedCourses)} })},
	{"rename a course", 6, statement(`UPDATE courses SET name = ? WHERE id = ?`,
		func(w *writer) []any { return []any{fmt.Sprintf("改名%d", w.rand.IntN(1_000_000)), w.free()} })},
	{"move a course", 8, statement(`UPDATE courses SET org_id = ? WHERE id = ?`,
		func(w *writer) []any { return []any{w.org(), 1 + w.rand.IntN(seedCourses)} })},
	{"take a course from its org", 1, statement(`UPDATE courses SET org_id = NULL WHERE id = ?`,
		func(w *writer) []any { return []any{w.free()} })},
	{"hide or show a course", 4, statement(`UPDATE courses SET hidden = NOT hidden WHERE id = ?`,
		func(w *writer) []any { return []any{w.free()} })},
	{"update many rows", 2, statement(`UPDATE courses SET favorites = favorites + 1 WHERE id BETWEEN ? AND ?`,
		func(w *writer) []any { first := w.free(); return []any{first, first + 150} })},
	{"insert a course with all that belongs to it", 12, insertCourse},
	{"delete a course with all that belongs to it", 6, deleteCourse},
	{"delete and insert under the same id", 2, replaceCourse},
	{"change a course's id", 2, changeID},
	{"change teachers", 6, changeTeachers},
	{"change tags", 4, statement(`INSERT IGNORE INTO course_tags (course_id, tag_id) SELECT id, ? FROM courses WHERE id = ?`,
		func(w *writer) []any { return []any{w.tag(), 1 + w.rand.IntN(seedCourses)} })},
	{"rename a lesson", 3, statement(`UPDATE lessons SET name = ? WHERE course_id = ?`,
		func(w *writer) []any { return []any{fmt.Sprintf("第%d课", w.rand.IntN(1_000_000)), w.free()} })},
	{"move a lesson", 2, statement(`UPDATE lessons SET course_id = ? WHERE id = ?`,
		func(w *writer) []any { return []any{1 + w.rand.IntN(fixedCourses), 1 + w.rand.IntN(seedCourses)} })},
	{"count a view", 4, statement(`INSERT INTO course_daily_counts (course_id, day, views) VALUES (?, DATE('2026-11-01') + INTERVAL ? DAY, 1)
		ON DUPLICATE KEY UPDATE views = views + 1`,
		func(w *writer) []any { return []any{1 + w.rand.IntN(seedCourses), w.rand.IntN(20)} })},
	{"rename an org", 2, rename("orgs", seedOrgs)},
	{"rename a teacher", 2, rename("teachers", seedTeachers)},
	{"rename a tag", 1, rename("tags", seedTags)},
	{"rename a category", 1, rename("categories", seedCategories)},
	{"rename a city", 1, rename("cities", seedCities)},
	{"hide or show an org", 1, statement(`UPDATE orgs SET hidden = NOT hidden WHERE id = ?`,
		func(w *writer) []any { return []any{w.org()} })},
	{"hide or show a teacher", 1, statement(`UPDATE teachers SET hidden = NOT hidden WHERE id = ?`,
		func(w *writer) []any { return []any{w.teacher()} })},
	{"move an org", 1, statement(`UPDATE orgs SET city_id = ? WHERE id = ?`,
		func(w *writer) []any { return []any{1 + w.rand.IntN(seedCities), w.org()} })},
	{"roll back", 2, rollBack},
}

func insertCourse(w *writer, tx *sql.Tx) error {
	res, err := tx.Exec(`INSERT INTO courses (name, org_id, category_id, minutes) VALUES (?, ?, ?, ?)`,
		fmt.Sprintf("新课%d", w.rand.IntN(1_000_000)), w.org(), 1+w.rand.IntN(seedCategories), w.rand.IntN(500))
	if err != nil {
		return err
	}
	id, err := res.LastInsertId()
	if err != nil {
		return err
	}
	return furnish(w, tx, id)
}

// furnish gives a course a teacher, a tag and a lesson.
func furnish(w *writer, tx *sql.Tx, course int64) error {
	if err := execute(tx, `INSERT INTO course_teachers (course_id, teacher_id) VALUES (?, ?)`, course, w.teacher()); err != nil {
		return err
	}
	if err := execute(tx, `INSERT INTO course_tags (course_id, tag_id) VALUES (?, ?)`, course, w.tag()); err != nil {
		return err
	}
	return execute(tx, `INSERT INTO lessons (course_id, name) VALUES (?, '导言')`, course)
}

func deleteCourse(w *writer, tx *sql.Tx) error {
	id, err := w.newest(tx)
	if err != nil || id == 0 {
		return err
	}
	return remove(tx, id)
}

func replaceCourse(w *writer, tx *sql.Tx) error {
	id, err := w.newest(tx)
	if err != nil || id == 0 {
		return err
	}
	if err := remove(tx, id); err != nil {
		return err
	}
	if err := execute(tx, `INSERT INTO courses (id, name, org_id) VALUES (?, ?, ?)`, id, fmt.Sprintf("替课%d", id), w.org()); err != nil {
		return err
	}
	return furnish(w, tx, id)
}

// changeID gives a bare course another id, above all that there are.
func changeID(w *writer, tx *sql.Tx) error {
	res, err := tx.Exec(`INSERT INTO courses (name, org_id) VALUES ('换号', ?)`, w.org())
	if err != nil {
		return err
	}
	id, err := res.LastInsertId()
	if err != nil {
		return err
	}
	return execute(tx, `UPDATE courses SET id = ? WHERE id = ?`, id+1000, id)
}

func changeTeachers(w *writer, tx *sql.Tx) error {
	course := 1 + w.rand.IntN(seedCourses)
	if err := execute(tx, `DELETE FROM course_teachers WHERE course_id = ?`, course); err != nil {
		return err
	}
	return execute(tx, `INSERT INTO course_teachers (course_id, teacher_id) SELECT id, ? FROM courses WHERE id = ?`, w.teacher(), course)
}

// rollBack undoes a part of a transaction and keeps the rest.
func rollBack(w *writer, tx *sql.Tx) error {
	id := w.free()
	for _, s := range []string{
		`UPDATE courses SET summary = CONCAT(summary, '留') WHERE id = ?`,
		`SAVEPOINT half`,
		`UPDATE courses SET name = '不该有' WHERE id = ?`,
		`ROLLBACK TO SAVEPOINT half`,
	} {
		var args []any
		if s[0] == 'U' {
			args = []any{id}
		}
		if err := execute(tx, s, args...); err != nil {
			return err
		}
	}
	return nil
}
