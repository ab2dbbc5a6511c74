package mysql

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"
)

// Rating is the stars that a learner gives a course.
type Rating struct {
	Course  int64
	Learner int64
	Stars   int64
	At      time.Time
}

// ratingRows bounds the rows of one statement.
const ratingRows = 1000

// WriteRatings writes ratings, in place of those that the same learners gave the same courses
// before, and counts all ratings of these courses in courses.ratings and
// courses.rating_stars. It is all in the caller's transaction. Those of a course that is not
// there are left out. The rows of the courses are locked before anything is written, in the
// order of their ids: of two writers one waits, and none counts without the other's rows.
func WriteRatings(ctx context.Context, tx *sql.Tx, ratings []Rating) (created, changed int64, err error) {
	courses, err := lockRated(ctx, tx, ratings)
	if err != nil {
		return 0, 0, fmt.Errorf("lock rated courses: %w", err)
	}
	if len(courses) == 0 {
		return 0, 0, nil
	}
	for some := range slices.Chunk(ratings, ratingRows) {
		c, u, err := writeRatings(ctx, tx, some, courses)
		if err != nil {
			return 0, 0, fmt.Errorf("write ratings: %w", err)
		}
		created, changed = created+c, changed+u
	}
	if err := countRatings(ctx, tx, courses); err != nil {
		return 0, 0, err
	}
	return created, changed, nil
}

// DeleteRatings takes back what a learner thinks of courses, at most a thousand, and counts what
// is left, in the caller's transaction, as WriteRatings does.
func DeleteRatings(ctx context.Context, tx *sql.Tx, learner int64, courses []int64) error {
	asked := make([]Rating, len(courses))
	for i, id := range courses {
		asked[i] = Rating{Course: id}
	}
	there, err := lockRated(ctx, tx, asked)
	if err != nil {
		return fmt.Errorf("lock rated courses: %w", err)
	}
	marks, args := Placeholders(courses) // also those of courses that are gone
	if _, err := tx.ExecContext(ctx, "DELETE FROM course_ratings WHERE learner_id = ? AND course_id IN ("+marks+")", append([]any{learner}, args...)...); err != nil {
		return fmt.Errorf("delete ratings: %w", err)
	}
	if len(there) == 0 {
		return nil
	}
	return countRatings(ctx, tx, there)
}

// countRatings counts all ratings of courses, which are locked.
func countRatings(ctx context.Context, tx *sql.Tx, courses []int64) error {
	for some := range slices.Chunk(courses, ratingRows) {
		marks, args := Placeholders(some)
		if _, err := tx.ExecContext(ctx, `UPDATE courses c LEFT JOIN
				(SELECT course_id, COUNT(*) AS ratings, SUM(stars) AS stars FROM course_ratings WHERE course_id IN (`+marks+`) GROUP BY course_id) r
				ON r.course_id = c.id
			SET c.ratings = COALESCE(r.ratings, 0), c.rating_stars = COALESCE(r.stars, 0) WHERE c.id IN (`+marks+`)`, append(args, args...)...); err != nil {
			return fmt.Errorf("count ratings: %w", err)
		}
	}
	return nil
}

// lockRated locks the courses that are there and returns their ids, ascending.
func lockRated(ctx context.Context, tx *sql.Tx, ratings []Rating) ([]int64, error) {
	asked := make([]int64, len(ratings))
	for i, r := range ratings {
		asked[i] = r.Course
	}
	slices.Sort(asked)
	var courses []int64
	for some := range slices.Chunk(slices.Compact(asked), ratingRows) {
		marks, args := Placeholders(some)
		err := EachRow(ctx, tx, "SELECT id FROM courses WHERE id IN ("+marks+") ORDER BY id FOR UPDATE", args, func(rows *sql.Rows) error {
			var id int64
			err := rows.Scan(&id)
			courses = append(courses, id)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return courses, nil
}

// writeRatings writes those of the courses that differ from what is there.
func writeRatings(ctx context.Context, tx *sql.Tx, ratings []Rating, courses []int64) (created, changed int64, err error) {
	type key struct{ course, learner int64 }
	pairs := make([]any, 0, 2*len(ratings))
	for _, r := range ratings {
		pairs = append(pairs, r.Course, r.Learner)
	}
	have := map[key]int64{}
	err = EachRow(ctx, tx, "SELECT course_id, learner_id, stars FROM course_ratings WHERE (course_id, learner_id) IN ("+
		RowMarks(2, len(ratings))+")", pairs, func(rows *sql.Rows) error {
		var k key
		var stars int64
		err := rows.Scan(&k.course, &k.learner, &stars)
		have[k] = stars
		return err
	})
	if err != nil {
		return 0, 0, err
	}
	var args []any
	for _, r := range ratings {
		k := key{r.Course, r.Learner}
		if _, there := slices.BinarySearch(courses, r.Course); !there || have[k] == r.Stars {
			continue
		}
		if have[k] == 0 {
			created++
		} else {
			changed++
		}
		have[k] = r.Stars
		args = append(args, r.Course, r.Learner, r.Stars, r.At)
	}
	if args == nil {
		return 0, 0, nil
	}
	_, err = tx.ExecContext(ctx, "INSERT INTO course_ratings (course_id, learner_id, stars, created_at) VALUES "+
		RowMarks(4, len(args)/4)+" AS new ON DUPLICATE KEY UPDATE stars = new.stars", args...)
	return created, changed, err
}
