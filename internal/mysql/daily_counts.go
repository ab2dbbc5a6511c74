package mysql

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"github.com/xunke/xunke/catalog"
)

// ownCounts are the statements for the counts that an item has in its own right, and
// courseCounts those for the counts of its visible courses, per item and day. {day} stands for
// a condition. The join's order is that of the words: for one day a course's row of counts is
// found by its primary key, and all of the day's are never gone through.
var (
	ownCounts = map[catalog.Kind]string{
		catalog.KindCourse: `SELECT course_id AS id, day, views, favorites, enrolments
			FROM course_daily_counts d WHERE course_id IN ({ids}){day}`,
		catalog.KindOrg: `SELECT org_id AS id, day, views, favorites, enrolments
			FROM org_daily_counts d WHERE org_id IN ({ids}){day}`,
		catalog.KindTeacher: `SELECT teacher_id AS id, day, views, favorites, enrolments
			FROM teacher_daily_counts d WHERE teacher_id IN ({ids}){day}`,
	}
	courseCounts = map[catalog.Kind]string{
		catalog.KindOrg: `SELECT c.org_id, d.day, d.views, d.favorites, d.enrolments
			FROM courses c STRAIGHT_JOIN course_daily_counts d ON d.course_id = c.id
			WHERE c.org_id IN ({ids}) AND NOT c.hidden{day}`,
		catalog.KindTeacher: `SELECT t.teacher_id, d.day, d.views, d.favorites, d.enrolments
			FROM course_teachers t
			STRAIGHT_JOIN courses c ON c.id = t.course_id AND NOT c.hidden
			STRAIGHT_JOIN course_daily_counts d ON d.course_id = c.id
			WHERE t.teacher_id IN ({ids}){day}`,
	}
)

// DailyCounts reads the histories of items of one kind, each in ascending order of days
// (UTC). An org's and a teacher's history is their own counts plus those of their visible
// courses, added up day by day. An item to which nothing ever happened is not in the
// answer, whether or not it exists or is hidden.
func DailyCounts(ctx context.Context, q Querier, k catalog.Kind, ids []int64) (histories map[int64][]catalog.DailyCounts, err error) {
	histories = make(map[int64][]catalog.DailyCounts, len(ids))
	err = eachDay(ctx, q, k, ids, nil, func(id int64, d catalog.DailyCounts) {
		histories[id] = append(histories[id], d)
	})
	return histories, err
}

// CountsOf reads the counts of one day, of items as DailyCounts does.
func CountsOf(ctx context.Context, q Querier, k catalog.Kind, ids []int64, day time.Time) (counts map[int64]catalog.DailyCounts, err error) {
	counts = make(map[int64]catalog.DailyCounts, len(ids))
	err = eachDay(ctx, q, k, ids, []any{day.Format(time.DateOnly)}, func(id int64, d catalog.DailyCounts) { counts[id] = d })
	return counts, err
}

// eachDay calls add for each item and day, or only for one day if day has one.
func eachDay(ctx context.Context, q Querier, k catalog.Kind, ids []int64, day []any, add func(id int64, d catalog.DailyCounts)) error {
	own, known := ownCounts[k]
	if !known {
		return fmt.Errorf("read daily counts: unknown kind %q", k)
	}
	if len(ids) == 0 {
		return nil
	}
	marks, args := Placeholders(ids)
	args = append(args, day...)
	query := own + " ORDER BY id, day"
	if courses, ok := courseCounts[k]; ok {
		query = `SELECT id, day, SUM(views), SUM(favorites), SUM(enrolments) FROM (` +
			own + ` UNION ALL ` + courses + `) counts GROUP BY id, day ORDER BY id, day`
		args = append(args, args...)
	}
	condition := ""
	if len(day) > 0 {
		condition = " AND d.day = ?"
	}
	query = strings.NewReplacer("{ids}", marks, "{day}", condition).Replace(query)
	err := EachRow(ctx, q, query, args, func(rows *sql.Rows) error {
		var id int64
		var d catalog.DailyCounts
		err := rows.Scan(&id, &d.Day, &d.Views, &d.Favorites, &d.Enrolments)
		add(id, d)
		return err
	})
	if err != nil {
		return fmt.Errorf("read daily counts of %s: %w", k.Plural(), err)
	}
	return nil
}
