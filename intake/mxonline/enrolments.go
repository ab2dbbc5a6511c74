package mxonline

import (
	"context"
	"fmt"
	"iter"
	"strconv"
	"strings"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/intake"
)

// learners counts the users who take each of some courses. They are in the platform's own
// count of students, too, and are taken off it: here they count as what they are.
func (r *reader) learners(ctx context.Context, courses []int64) (map[int64]int64, error) {
	counts := map[int64]int64{}
	t := r.schema.tables[enrolled]
	if t == nil || len(courses) == 0 {
		return counts, nil
	}
	args := make([]any, len(courses))
	for i, id := range courses {
		args[i] = id
	}
	query := fmt.Sprintf("SELECT `%[1]s`, COUNT(DISTINCT `%[2]s`) FROM `%[3]s` WHERE `%[1]s` IN (%[4]s) AND `%[2]s` > 0 GROUP BY `%[1]s`",
		t.read["course"], t.read["user"], t.name, strings.Repeat("?, ", len(courses)-1)+"?")
	rows, err := r.q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("count %s: %w", t.name, err)
	}
	defer func() { _ = rows.Close() }() // rows.Err tells what went wrong
	for rows.Next() {
		var course, n int64
		if err := rows.Scan(&course, &n); err != nil {
			return nil, fmt.Errorf("count %s: %w", t.name, err)
		}
		counts[course] = n
	}
	return counts, rows.Err()
}

// enrolments carries over who takes what. Who somebody is stays behind.
func (r *reader) enrolments(ctx context.Context) error {
	t := r.schema.tables[enrolled]
	if t == nil {
		return nil
	}
	err := r.record.Loader.LoadEnrolments(ctx, r.rows[enrolled], r.enrolmentsOf(ctx, t))
	r.carried[enrolled] = r.record.Loader.Tally.Enrolments.Total()
	return err
}

func (r *reader) enrolmentsOf(ctx context.Context, t *table) iter.Seq2[intake.Enrolment, error] {
	return func(yield func(intake.Enrolment, error) bool) {
		for after := int64(0); ; {
			records, err := t.page(ctx, r.q, after)
			if err != nil {
				yield(intake.Enrolment{}, err)
				return
			}
			if len(records) == 0 {
				return
			}
			after = records[len(records)-1].id
			for _, rec := range records {
				if rec.ref("user") <= 0 {
					continue
				}
				e := intake.Enrolment{
					Learner: "mxonline:user:" + strconv.FormatInt(rec.ref("user"), 10), Course: key(catalog.KindCourse, rec.ref("course")),
					At: r.converter(t, rec.id).time(rec.get("created")),
				}
				if !yield(e, nil) {
					return
				}
			}
		}
	}
}
