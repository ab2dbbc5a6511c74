package imports

import (
	"context"

	"github.com/xunke/xunke/intake"
	"github.com/xunke/xunke/internal/mysql"
)

// WriteRatings writes what learners think of courses, in one transaction, and counts all
// ratings of these courses.
func (c *Store) WriteRatings(ctx context.Context, ratings []intake.Rating) (intake.Count, error) {
	tally, err := c.transact(ctx, "ratings", func(ctx context.Context, b *batch) error { return b.ratings(ctx, ratings) })
	return tally.Ratings, err
}

func (b *batch) ratings(ctx context.Context, ratings []intake.Rating) error {
	keys := make([]string, len(ratings))
	for i, r := range ratings {
		keys[i] = r.Course
	}
	ids, err := b.idsByKey(ctx, "courses", keys)
	if err != nil {
		return err
	}
	rows := make([]mysql.Rating, 0, len(ratings))
	for _, r := range ratings {
		if id := ids[r.Course]; id != 0 {
			rows = append(rows, mysql.Rating{Course: id, Learner: learnerID(r.Learner), Stars: r.Stars, At: moment(millis(r.At))})
		}
	}
	created, changed, err := mysql.WriteRatings(ctx, b.tx, rows)
	if err != nil {
		return err
	}
	b.tally.Ratings = intake.Count{Created: created, Updated: changed, Unchanged: int64(len(rows)) - created - changed}
	return nil
}
