package mysql

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/xunke/xunke/catalog"
)

// ownCounts are the statements for the counts that an item has in its own right, and
// courseCounts those for the counts of its visible courses, per item and day.
var (
	ownCounts = map[catalog.Kind]string{
		catalog.KindCourse: `SELECT course_id AS id, day, views, favorites, enrolments
			FROM course_daily_counts WHERE course_id IN (%[1]s)`,
		catalog.KindOrg: `SELECT org_id AS id, day, views, favorites, enrolments
			FROM org_daily_counts WHERE org_id IN (%[1]s)`,
		catalog.KindTeacher: `SELECT teacher_id AS id, day, views, favorites, enrolments
			FROM teacher_daily_counts WHERE teacher_id IN (%[1]s)`,
	}
	courseCounts = map[catalog.Kind]string{
		catalog.KindOrg: `SELECT c.org_id, d.day, d.views, d.favorites, d.enrolments
			FROM courses c JOIN course_daily_counts d ON d.course_id = c.id
			WHERE c.org_id IN (%[1]s) AND NOT c.hidden`,
		catalog.KindTeacher: `SELECT t.teacher_id, d.day, d.views, d.favorites, d.enrolments
			FROM course_teachers t
			JOIN courses c ON c.id = t.course_id AND NOT c.hidden
			JOIN course_daily_counts d ON d.course_id = c.id
			WHERE t.teacher_id IN (%[1]s)`,
	}
)

// DailyCounts reads the histories of items of one kind, each in ascending order of days
// (UTC). An org's and a teacher's history is their own counts plus those of their visible
// courses, added up day by day. An item to which nothing ever happened is not in the
// answer, whether or not it exists or is hidden.
func DailyCounts(ctx context.Context, q Querier, k catalog.Kind, ids []int64) (histories map[int64][]catalog.DailyCounts, err error) {
	histories = make(map[int64][]catalog.DailyCounts, len(ids))
	own, known := ownCounts[k]
	if !known {
		return nil, fmt.Errorf("read daily counts: unknown kind %q", k)
	}
	if len(ids) == 0 {
		return histories, nil
	}
	marks, args := Placeholders(ids)
	query := fmt.Sprintf(own, marks) + " ORDER BY id, day"
	if courses, ok := courseCounts[k]; ok {
		query = `SELECT id, day, SUM(views), SUM(favorites), SUM(enrolments) FROM (` +
			fmt.Sprintf(own, marks) + ` UNION ALL ` + fmt.Sprintf(courses, marks) +
			`) counts GROUP BY id, day ORDER BY id, day`
		args = append(args, args...)
	}
	err = EachRow(ctx, q, query, args, func(rows *sql.Rows) error {
		var id int64
		var d catalog.DailyCounts
		if err := rows.Scan(&id, &d.Day, &d.Views, &d.Favorites, &d.Enrolments); err != nil {
			return err
		}
		histories[id] = append(histories[id], d)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read daily counts of %s: %w", k.Plural(), err)
	}
	return histories, nil
}
