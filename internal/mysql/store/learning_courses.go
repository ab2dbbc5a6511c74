package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/mysql"
	"github.com/xunke/xunke/learning"
)

func courseKey(id int64) catalog.Key { return catalog.Key{Kind: catalog.KindCourse, ID: id} }

// Enrol implements learning.Enrolments.
func (s Learning) Enrol(ctx context.Context, account, course int64, now time.Time) (state learning.EnrolmentState, err error) {
	err = s.act(ctx, "enrol a learner", account, courseKey(course), func(ctx context.Context, tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, `INSERT IGNORE INTO enrolments (learner_id, course_id, created_at) VALUES (?, ?, ?)`, account, course, now)
		if err != nil {
			return err
		}
		if isNew, err := result.RowsAffected(); err != nil {
			return err
		} else if isNew > 0 {
			if err := hasFewer(ctx, tx, learning.MaxEnrolments+1, "courses", `SELECT COUNT(*) FROM enrolments WHERE learner_id = ?`, account); err != nil {
				return err
			}
			if err := countEnrolments.add(ctx, tx, courseKey(course), catalog.Day(now)); err != nil {
				return err
			}
		}
		state, err = enrolmentState(ctx, tx, account, course)
		return err
	})
	return state, err
}

// Leave implements learning.Enrolments.
func (s Learning) Leave(ctx context.Context, account, course int64) (state learning.EnrolmentState, err error) {
	err = s.change(ctx, "end an enrolment", func(ctx context.Context, tx *sql.Tx) error {
		if err := removeEnrolment(ctx, tx, account, course); err != nil {
			return err
		}
		state, err = enrolmentState(ctx, tx, account, course)
		if errors.Is(err, sql.ErrNoRows) { // hidden or gone: left all the same
			return nil
		}
		return err
	})
	return state, err
}

func removeEnrolment(ctx context.Context, tx *sql.Tx, account, course int64) error {
	there, _, err := lockItem(ctx, tx, courseKey(course))
	if err != nil {
		return err
	}
	day, removed, err := deleteDated(ctx, tx, `enrolments WHERE learner_id = ? AND course_id = ?`, account, course)
	if err != nil || !removed || !there {
		return err
	}
	return countEnrolments.remove(ctx, tx, courseKey(course), day)
}

func enrolmentState(ctx context.Context, from queryRower, account, course int64) (state learning.EnrolmentState, err error) {
	err = from.QueryRowContext(ctx, `SELECT starting_students + enrolments, EXISTS (SELECT 1 FROM enrolments WHERE learner_id = ? AND course_id = x.id)
		FROM courses x WHERE id = ? AND NOT hidden`, account, course).Scan(&state.Students, &state.Enrolled)
	return state, err
}

// mustBeEnrolled is CodeConflict for who does not take a course.
func mustBeEnrolled(ctx context.Context, tx *sql.Tx, account, course int64) error {
	var one int
	err := tx.QueryRowContext(ctx, `SELECT 1 FROM enrolments WHERE learner_id = ? AND course_id = ? FOR SHARE`, account, course).Scan(&one)
	if errors.Is(err, sql.ErrNoRows) {
		return learning.ErrNotEnrolled()
	}
	return err
}

// Rate implements learning.Enrolments.
func (s Learning) Rate(ctx context.Context, account, course int64, stars int, now time.Time) (state learning.RatingState, err error) {
	err = s.act(ctx, "rate a course", account, courseKey(course), func(ctx context.Context, tx *sql.Tx) error {
		if err := mustBeEnrolled(ctx, tx, account, course); err != nil {
			return err
		}
		if _, _, err := mysql.WriteRatings(ctx, tx, []mysql.Rating{{Course: course, Learner: account, Stars: int64(stars), At: now}}); err != nil {
			return err
		}
		state, err = ratingState(ctx, tx, account, course)
		return err
	})
	return state, err
}

// Unrate implements learning.Enrolments.
func (s Learning) Unrate(ctx context.Context, account, course int64) (state learning.RatingState, err error) {
	err = s.change(ctx, "take a rating back", func(ctx context.Context, tx *sql.Tx) error {
		if err := mysql.DeleteRatings(ctx, tx, account, []int64{course}); err != nil {
			return err
		}
		state, err = ratingState(ctx, tx, account, course)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		return err
	})
	return state, err
}

func ratingState(ctx context.Context, from queryRower, account, course int64) (state learning.RatingState, err error) {
	var stars int64
	err = from.QueryRowContext(ctx, `SELECT x.ratings, x.rating_stars, r.stars FROM courses x
		LEFT JOIN course_ratings r ON r.course_id = x.id AND r.learner_id = ? WHERE x.id = ? AND NOT x.hidden`, account, course).
		Scan(&state.Ratings, &stars, &state.Stars)
	state.Rating = (*catalog.Rating)(catalog.MeanRating(int64(state.Ratings), stars))
	return state, err
}

// Courses implements learning.Enrolments.
func (s Learning) Courses(ctx context.Context, account int64, p catalog.Page) (list learning.EnrolmentList, err error) {
	err = s.do(ctx, "list a learner's courses", func(ctx context.Context) error {
		list = learning.EnrolmentList{Hits: []learning.Enrolment{}}
		err := s.db.QueryRowContext(ctx, `SELECT COUNT(*) FROM enrolments e JOIN courses x ON x.id = e.course_id AND NOT x.hidden WHERE e.learner_id = ?`, account).
			Scan(&list.Total)
		if err != nil {
			return err
		}
		err = mysql.EachRow(ctx, s.db, `SELECT x.id, x.name, x.image, o.id, o.name, e.created_at, p.seen_at, r.stars
			FROM enrolments e
			JOIN courses x ON x.id = e.course_id AND NOT x.hidden
			LEFT JOIN orgs o ON o.id = x.org_id AND NOT o.hidden
			LEFT JOIN (SELECT course_id, MAX(seen_at) AS seen_at FROM lesson_progress WHERE account_id = ? GROUP BY course_id) p ON p.course_id = e.course_id
			LEFT JOIN course_ratings r ON r.course_id = e.course_id AND r.learner_id = e.learner_id
			WHERE e.learner_id = ? ORDER BY COALESCE(p.seen_at, e.created_at) DESC, x.id DESC LIMIT ? OFFSET ?`,
			[]any{account, account, p.Limit, p.Offset}, func(rows *sql.Rows) error {
				c := learning.Enrolment{Item: learning.Item{Type: catalog.KindCourse}}
				var org nullableRef
				if err := rows.Scan(&c.ID, &c.Name, &c.Image, &org.id, &org.name, &c.EnrolledAt, &c.SeenAt, &c.Stars); err != nil {
					return err
				}
				c.URL, c.Org = catalog.ItemURL(catalog.KindCourse, c.ID), org.ref()
				list.Hits = append(list.Hits, c)
				return nil
			})
		if err != nil || len(list.Hits) == 0 {
			return err
		}
		ids := make([]int64, len(list.Hits))
		for i, c := range list.Hits {
			ids[i] = c.ID
		}
		lessons, err := lessonsOf(ctx, s.db, account, ids)
		for i := range list.Hits {
			list.Hits[i].Watched = lessons[list.Hits[i].ID]
		}
		return err
	})
	return list, err
}

// lessonsOf are the lessons of courses in their order, with how far an account is in each.
func lessonsOf(ctx context.Context, from mysql.Querier, account int64, courses []int64) (map[int64][]learning.LessonState, error) {
	marks, args := mysql.Placeholders(courses)
	lessons := map[int64][]learning.LessonState{}
	err := mysql.EachRow(ctx, from, lessonColumns+`WHERE l.course_id IN (`+marks+`) ORDER BY l.course_id, l.position, l.id`, append([]any{account}, args...),
		func(rows *sql.Rows) error {
			course, l, err := scanLesson(rows.Scan)
			lessons[course] = append(lessons[course], l)
			return err
		})
	return lessons, err
}

// lessonColumns need the account as their first argument.
const lessonColumns = `SELECT l.course_id, l.id, l.name, (SELECT COALESCE(SUM(v.minutes), 0) * 60 FROM videos v WHERE v.lesson_id = l.id),
		COALESCE(p.seconds, 0), COALESCE(p.furthest, 0), COALESCE(p.done, FALSE), p.seen_at
	FROM lessons l LEFT JOIN lesson_progress p ON p.account_id = ? AND p.lesson_id = l.id `

func scanLesson(scan func(...any) error) (course int64, l learning.LessonState, err error) {
	err = scan(&course, &l.ID, &l.Name, &l.Length, &l.Seconds, &l.Furthest, &l.Done, &l.SeenAt)
	return course, l, err
}

// CourseState implements learning.Enrolments.
func (s Learning) CourseState(ctx context.Context, account, course int64) (state learning.CourseState, err error) {
	err = s.do(ctx, "look at a learner's course", func(ctx context.Context) error {
		state = learning.CourseState{Lessons: []learning.LessonState{}}
		favorite, err := favoriteState(ctx, s.db, account, courseKey(course))
		if err != nil {
			return err
		}
		state.Favorite = favorite.Favorite
		enrolment, err := enrolmentState(ctx, s.db, account, course)
		if err != nil {
			return err
		}
		state.Enrolled = enrolment.Enrolled
		rating, err := ratingState(ctx, s.db, account, course)
		if err != nil {
			return err
		}
		state.Stars = rating.Stars
		lessons, err := lessonsOf(ctx, s.db, account, []int64{course})
		if len(lessons[course]) > 0 {
			state.Lessons = lessons[course]
		}
		return err
	})
	return state, err
}

// Watch implements learning.Lessons. It changes no count, so nobody waits for the course.
func (s Learning) Watch(ctx context.Context, account, lesson int64, seconds int, done bool, now time.Time) (l learning.LessonState, err error) {
	err = s.change(ctx, "note how far a learner is", func(ctx context.Context, tx *sql.Tx) error {
		if err := lockAccount(ctx, tx, account); err != nil {
			return err
		}
		course, l0, err := scanLesson(tx.QueryRowContext(ctx, lessonColumns+`JOIN courses x ON x.id = l.course_id AND NOT x.hidden WHERE l.id = ?`, account, lesson).Scan)
		if err != nil {
			return err
		}
		if err := mustBeEnrolled(ctx, tx, account, course); err != nil {
			return err
		}
		if l0.Length > 0 {
			seconds = min(seconds, l0.Length)
			done = done || float64(seconds) >= learning.DoneAt*float64(l0.Length)
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO lesson_progress (account_id, lesson_id, course_id, seconds, furthest, done, seen_at) VALUES (?, ?, ?, ?, ?, ?, ?) AS new
			ON DUPLICATE KEY UPDATE course_id = new.course_id, seconds = new.seconds, furthest = GREATEST(lesson_progress.furthest, new.furthest),
				done = lesson_progress.done OR new.done, seen_at = new.seen_at`, account, lesson, course, seconds, seconds, done, now)
		if err != nil {
			return err
		}
		_, l, err = scanLesson(tx.QueryRowContext(ctx, lessonColumns+`WHERE l.id = ?`, account, lesson).Scan)
		return err
	})
	return l, err
}
