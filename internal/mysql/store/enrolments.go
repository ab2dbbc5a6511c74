package store

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/mysql"
	"github.com/xunke/xunke/related"
)

// latestLearners is how many of a course's learners are looked at, the latest: enough to
// tell what they have in common, and a bound for what a popular course costs.
const latestLearners = 1000

// mostCoEnrolments is how many of the courses that they have in common are looked up.
const mostCoEnrolments = 500

var _ related.Learners = (*Enrolments)(nil)

// Enrolments reads who takes what. No id of a learner leaves this type.
type Enrolments struct {
	db    *sql.DB
	guard *mysql.Guard
}

// NewEnrolments reads from a database.
func NewEnrolments(db *sql.DB) *Enrolments { return &Enrolments{db: db} }

// WithGuard reads through a guard.
func (e *Enrolments) WithGuard(g *mysql.Guard) *Enrolments { return &Enrolments{db: e.db, guard: g} }

// CoEnrolments lists visible courses that at least related.Support of the course's latest 1,000
// learners have taken too: of more than 500, those that most of them have. Both steps read
// one index each, so the cost depends on the bounds and not on how many enrolments there
// are. The error is CodeUnavailable.
func (e *Enrolments) CoEnrolments(ctx context.Context, course int64) (courses []related.CoEnrolment, err error) {
	err = e.guard.Do(ctx, func(ctx context.Context) error {
		courses, err = e.coEnrolments(ctx, course)
		return err
	})
	return courses, err
}

func (e *Enrolments) coEnrolments(ctx context.Context, course int64) ([]related.CoEnrolment, error) {
	var courses []related.CoEnrolment
	err := mysql.EachRow(ctx, e.db, `SELECT /*+ MAX_EXECUTION_TIME(2000) */ t.course_id, t.together, GREATEST(c.enrolments, t.together)
		FROM (
			SELECT e.course_id, COUNT(*) AS together
			FROM (SELECT learner_id FROM enrolments WHERE course_id = ? ORDER BY created_at DESC, learner_id DESC LIMIT ?) l
			JOIN enrolments e ON e.learner_id = l.learner_id
			WHERE e.course_id <> ?
			GROUP BY e.course_id
			HAVING together >= ?
			ORDER BY together DESC, e.course_id
			LIMIT ?
		) t
		STRAIGHT_JOIN courses c ON c.id = t.course_id
		WHERE NOT c.hidden`, []any{course, latestLearners, course, related.Support, mostCoEnrolments}, func(rows *sql.Rows) error {
		var c related.CoEnrolment
		if err := rows.Scan(&c.Course, &c.Together, &c.Learners); err != nil {
			return err
		}
		courses = append(courses, c)
		return nil
	})
	if err != nil {
		return nil, catalog.Unavailable("MySQL", fmt.Errorf("look for what learners of course %d also took: %w", course, err))
	}
	return courses, nil
}
