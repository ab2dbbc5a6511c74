package verify_test

import "testing"

// TestHistoriesThatAreKeptStayRight changes counts, and in whose sums they are, in each way
// that there is: what the indexer remembers of histories, and what little it reads again of
// them, must be what is there.
func TestHistoriesThatAreKeptStayRight(t *testing.T) {
	h := newHarness(t)
	h.index()
	// Everything has counts, and is remembered, before each of the steps.
	everything := []string{
		`INSERT INTO course_daily_counts (course_id, day, views) SELECT id, '2026-11-02', 1 FROM courses ON DUPLICATE KEY UPDATE views = course_daily_counts.views + 1`,
		`INSERT INTO course_daily_counts (course_id, day, views, favorites, enrolments) SELECT id, '2026-11-23', id, 0, 1 FROM courses
			ON DUPLICATE KEY UPDATE views = course_daily_counts.views + 1`,
	}
	for _, step := range []struct {
		name       string
		statements []string
	}{
		{"views of a day", nil},
		{"views of an org and a teacher", []string{
			`INSERT INTO org_daily_counts (org_id, day, views) VALUES (1, '2026-11-23', 5)`,
			`INSERT INTO teacher_daily_counts (teacher_id, day, views) VALUES (5, '2026-11-03', 5)`,
		}},
		{"a day's counts go", []string{`DELETE FROM course_daily_counts WHERE course_id = 1 AND day = '2026-11-21'`}},
		{"a day's counts are another day's", []string{`UPDATE course_daily_counts SET day = '2026-11-09' WHERE course_id = 1 AND day = '2026-11-22'`}},
		{"a course's counts are another course's", []string{`UPDATE course_daily_counts SET course_id = 21 WHERE course_id = 1 AND day = '2026-11-09'`}},
		{"a course is hidden", []string{`UPDATE courses SET hidden = TRUE WHERE id = 2`}},
		{"and shown", []string{`UPDATE courses SET hidden = FALSE WHERE id = 2`}},
		{"a course moves", []string{`UPDATE courses SET org_id = 4 WHERE id = 1`}},
		{"and back, without some of its counts", []string{
			`UPDATE courses SET org_id = 1 WHERE id = 1`, `DELETE FROM course_daily_counts WHERE course_id = 1 AND day > '2026-01-01'`,
		}},
		{"a teacher leaves a course", []string{`DELETE FROM course_teachers WHERE course_id = 1 AND teacher_id = 1`}},
		{"and comes back", []string{`INSERT INTO course_teachers (course_id, teacher_id) VALUES (1, 1)`}},
		{"learners come, an org is a favourite", []string{`UPDATE courses SET enrolments = enrolments + 1 WHERE id = 21`, `UPDATE orgs SET favorites = favorites + 1 WHERE id = 2`}},
		{"a course goes, and its counts stay", []string{`DELETE FROM courses WHERE id = 21`}},
		{"it comes back", []string{`INSERT INTO courses (id, name, org_id) VALUES (21, '操作系统', 4)`}},
		{"rows go without an event each", []string{`TRUNCATE org_daily_counts`}},
		{"views of the day again", nil},
	} {
		for _, statement := range everything {
			h.Exec(statement)
		}
		h.WaitUntilIndexed()
		for _, statement := range step.statements {
			h.Exec(statement)
		}
		t.Log(step.name)
		h.equal()
	}
}
