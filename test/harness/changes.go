package harness

import (
	"database/sql"
	"fmt"
)

// witness inserts what nobody ever touches again: once lost, it stays lost, whereas the
// next change of a row may make good for one that was lost.
var witness = []Change{
	{Name: "insert a witness", Weight: 1, Do: Statement(`INSERT INTO teachers (name) VALUES (?)`,
		func(w *Writer) []any { return []any{fmt.Sprintf("见证%d", w.Rand.IntN(1_000_000))} })},
}

// Changes is what writers do.
func Changes() []Change {
	return []Change{
		{Name: "update a row", Weight: 30, Do: Statement(`UPDATE courses SET minutes = ? WHERE id = ?`,
			func(w *Writer) []any { return []any{w.Rand.IntN(10_000), 1 + w.Rand.IntN(SeedCourses)} })},
		{Name: "count learners", Weight: 10, Do: Statement(`UPDATE courses SET enrolments = enrolments + ? WHERE id = ?`,
			func(w *Writer) []any { return []any{1 + w.Rand.IntN(3), 1 + w.Rand.IntN(SeedCourses)} })},
		{Name: "rename a course", Weight: 6, Do: Statement(`UPDATE courses SET name = ? WHERE id = ?`,
			func(w *Writer) []any { return []any{fmt.Sprintf("改名%d", w.Rand.IntN(1_000_000)), w.Free()} })},
		{Name: "move a course", Weight: 8, Do: Statement(`UPDATE courses SET org_id = ? WHERE id = ?`,
			func(w *Writer) []any { return []any{w.Org(), 1 + w.Rand.IntN(SeedCourses)} })},
		{Name: "take a course from its org", Weight: 1, Do: Statement(`UPDATE courses SET org_id = NULL WHERE id = ?`,
			func(w *Writer) []any { return []any{w.Free()} })},
		{Name: "hide or show a course", Weight: 4, Do: Statement(`UPDATE courses SET hidden = NOT hidden WHERE id = ?`,
			func(w *Writer) []any { return []any{w.Free()} })},
		{Name: "update many rows", Weight: 2, Do: Statement(`UPDATE courses SET favorites = favorites + 1 WHERE id BETWEEN ? AND ?`,
			func(w *Writer) []any { first := w.Free(); return []any{first, first + 150} })},
		{Name: "insert a course with all that belongs to it", Weight: 12, Do: insertCourse},
		{Name: "delete a course with all that belongs to it", Weight: 6, Do: deleteCourse},
		{Name: "delete and insert under the same id", Weight: 2, Do: replaceCourse},
		{Name: "change a course's id", Weight: 2, Do: changeID},
		{Name: "change teachers", Weight: 6, Do: changeTeachers},
		{Name: "change tags", Weight: 4, Do: Statement(`INSERT IGNORE INTO course_tags (course_id, tag_id) SELECT id, ? FROM courses WHERE id = ?`,
			func(w *Writer) []any { return []any{w.Tag(), 1 + w.Rand.IntN(SeedCourses)} })},
		{Name: "rename a lesson", Weight: 3, Do: Statement(`UPDATE lessons SET name = ? WHERE course_id = ?`,
			func(w *Writer) []any { return []any{fmt.Sprintf("第%d课", w.Rand.IntN(1_000_000)), w.Free()} })},
		{Name: "move a lesson", Weight: 2, Do: Statement(`UPDATE lessons SET course_id = ? WHERE id = ?`,
			func(w *Writer) []any { return []any{1 + w.Rand.IntN(FixedCourses), 1 + w.Rand.IntN(SeedCourses)} })},
		{Name: "count a view", Weight: 4, Do: Statement(`INSERT INTO course_daily_counts (course_id, day, views) VALUES (?, DATE('2026-11-01') + INTERVAL ? DAY, 1)
		ON DUPLICATE KEY UPDATE views = views + 1`,
			func(w *Writer) []any { return []any{1 + w.Rand.IntN(SeedCourses), w.Rand.IntN(20)} })},
		{Name: "rename an org", Weight: 2, Do: Rename("orgs", SeedOrgs)},
		{Name: "rename a teacher", Weight: 2, Do: Rename("teachers", SeedTeachers)},
		{Name: "rename a tag", Weight: 1, Do: Rename("tags", SeedTags)},
		{Name: "rename a category", Weight: 1, Do: Rename("categories", SeedCategories)},
		{Name: "rename a city", Weight: 1, Do: Rename("cities", SeedCities)},
		{Name: "hide or show an org", Weight: 1, Do: Statement(`UPDATE orgs SET hidden = NOT hidden WHERE id = ?`,
			func(w *Writer) []any { return []any{w.Org()} })},
		{Name: "hide or show a teacher", Weight: 1, Do: Statement(`UPDATE teachers SET hidden = NOT hidden WHERE id = ?`,
			func(w *Writer) []any { return []any{w.Teacher()} })},
		{Name: "move an org", Weight: 1, Do: Statement(`UPDATE orgs SET city_id = ? WHERE id = ?`,
			func(w *Writer) []any { return []any{1 + w.Rand.IntN(SeedCities), w.Org()} })},
		{Name: "roll back", Weight: 2, Do: rollBack},
	}
}

func insertCourse(w *Writer, tx *sql.Tx) error {
	res, err := tx.Exec(`INSERT INTO courses (name, org_id, category_id, minutes) VALUES (?, ?, ?, ?)`,
		fmt.Sprintf("新课%d", w.Rand.IntN(1_000_000)), w.Org(), 1+w.Rand.IntN(SeedCategories), w.Rand.IntN(500))
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
func furnish(w *Writer, tx *sql.Tx, course int64) error {
	if err := Execute(tx, `INSERT INTO course_teachers (course_id, teacher_id) VALUES (?, ?)`, course, w.Teacher()); err != nil {
		return err
	}
	if err := Execute(tx, `INSERT INTO course_tags (course_id, tag_id) VALUES (?, ?)`, course, w.Tag()); err != nil {
		return err
	}
	return Execute(tx, `INSERT INTO lessons (course_id, name) VALUES (?, '导言')`, course)
}

func deleteCourse(w *Writer, tx *sql.Tx) error {
	id, err := w.Newest(tx)
	if err != nil || id == 0 {
		return err
	}
	return remove(tx, id)
}

func replaceCourse(w *Writer, tx *sql.Tx) error {
	id, err := w.Newest(tx)
	if err != nil || id == 0 {
		return err
	}
	if err := remove(tx, id); err != nil {
		return err
	}
	if err := Execute(tx, `INSERT INTO courses (id, name, org_id) VALUES (?, ?, ?)`, id, fmt.Sprintf("替课%d", id), w.Org()); err != nil {
		return err
	}
	return furnish(w, tx, id)
}

// changeID gives a bare course another id, above all that there are.
func changeID(w *Writer, tx *sql.Tx) error {
	res, err := tx.Exec(`INSERT INTO courses (name, org_id) VALUES ('换号', ?)`, w.Org())
	if err != nil {
		return err
	}
	id, err := res.LastInsertId()
	if err != nil {
		return err
	}
	return Execute(tx, `UPDATE courses SET id = ? WHERE id = ?`, id+1000, id)
}

func changeTeachers(w *Writer, tx *sql.Tx) error {
	course := 1 + w.Rand.IntN(SeedCourses)
	if err := Execute(tx, `DELETE FROM course_teachers WHERE course_id = ?`, course); err != nil {
		return err
	}
	return Execute(tx, `INSERT INTO course_teachers (course_id, teacher_id) SELECT id, ? FROM courses WHERE id = ?`, w.Teacher(), course)
}

// rollBack undoes a part of a transaction and keeps the rest.
func rollBack(w *Writer, tx *sql.Tx) error {
	id := w.Free()
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
		if err := Execute(tx, s, args...); err != nil {
			return err
		}
	}
	return nil
}
