package imports

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"maps"
	"slices"

	"github.com/xunke/xunke/intake"
	"github.com/xunke/xunke/internal/mysql"
)

// WriteEnrolments writes who takes what, in one transaction, and counts the new rows with
// their courses. Those that are there already, and those of a course that is not there, are
// left alone.
func (c *Store) WriteEnrolments(ctx context.Context, enrolments []intake.Enrolment) (intake.Count, error) {
	tally, err := c.transact(ctx, "enrolments", func(ctx context.Context, b *batch) error { return b.enrolments(ctx, enrolments) })
	return tally.Enrolments, err
}

// learnerID stands for somebody of whom only a source's identifier is known: a number from
// 2^62 on, which accounts do not reach, and always the same one. Among ten million learners
// two have the same with a chance of one in a hundred thousand.
func learnerID(key string) int64 {
	sum := sha256.Sum256([]byte(key))
	return 1<<62 | int64(binary.BigEndian.Uint64(sum[:8])>>2)
}

// enrolment is one row of who takes what.
type enrolment struct{ learner, course int64 }

func (b *batch) enrolments(ctx context.Context, enrolments []intake.Enrolment) error {
	keys := map[string]bool{}
	for _, e := range enrolments {
		keys[e.Course] = true
	}
	ids, err := b.idsByKey(ctx, "courses", slices.Sorted(maps.Keys(keys)))
	if err != nil {
		return err
	}
	asked := make([]enrolment, len(enrolments))
	for i, e := range enrolments {
		asked[i] = enrolment{learnerID(e.Learner), ids[e.Course]}
	}
	known, err := b.storedEnrolments(ctx, asked)
	if err != nil {
		return err
	}
	rows := b.insert("enrolments", []string{"learner_id", "course_id", "created_at"}, "")
	more := map[int64]int64{}
	for i, e := range enrolments {
		t := asked[i]
		switch {
		case t.course == 0:
			continue
		case known[t]:
			b.tally.Enrolments.Unchanged++
			continue
		}
		known[t] = true
		b.tally.Enrolments.Created++
		if !e.Counted {
			more[t.course]++
		}
		if err := rows.add(ctx, t.learner, t.course, moment(millis(e.At))); err != nil {
			return err
		}
	}
	if err := rows.flush(ctx); err != nil {
		return err
	}
	for _, course := range slices.Sorted(maps.Keys(more)) { // in order, so that two writers cannot deadlock
		if err := b.exec(ctx, "UPDATE courses SET enrolments = enrolments + ? WHERE id = ?", more[course], course); err != nil {
			return err
		}
	}
	return nil
}

// storedEnrolments says which rows are there.
func (b *batch) storedEnrolments(ctx context.Context, asked []enrolment) (map[enrolment]bool, error) {
	known := map[enrolment]bool{}
	for some := range slices.Chunk(asked, lookupNames) {
		args := make([]any, 0, 2*len(some))
		for _, t := range some {
			args = append(args, t.learner, t.course)
		}
		query := "SELECT learner_id, course_id FROM enrolments WHERE (learner_id, course_id) IN (" + mysql.RowMarks(2, len(some)) + ")"
		err := lookupOnce(ctx, b, query, args, func(r scanner) error {
			var t enrolment
			err := r.Scan(&t.learner, &t.course)
			known[t] = true
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return known, nil
}
