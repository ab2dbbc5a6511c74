package intake

import (
	"context"
	"fmt"
	"iter"
	"time"
)

// Enrolment says that somebody takes a course. Learner is the source's own identifier of a
// person, who is no account here: it is kept as a number that it cannot be told from.
type Enrolment struct {
	Learner string
	Course  string    // the key of a course
	At      time.Time // zero: now
	Counted bool      // the course's history counts it already
}

// Rating says how many stars, 1 to catalog.MaxStars, somebody gives a course.
type Rating struct {
	Learner string // as in Enrolment
	Course  string // the key of a course
	Stars   int64
	At      time.Time // zero: now
}

// LoadEnrolments writes enrolments to the store in batches, in the manner of Load.
func (l *Loader) LoadEnrolments(ctx context.Context, total int64, enrolments iter.Seq2[Enrolment, error]) error {
	return loadBatches(ctx, l, "enrolments", total, enrolments, l.Store.WriteEnrolments, &l.Tally.Enrolments)
}

// LoadRatings writes ratings to the store in batches, in the manner of Load.
func (l *Loader) LoadRatings(ctx context.Context, total int64, ratings iter.Seq2[Rating, error]) error {
	return loadBatches(ctx, l, "ratings", total, ratings, l.Store.WriteRatings, &l.Tally.Ratings)
}

// loadBatches writes what learners do, and adds it to a count.
func loadBatches[T any](
	ctx context.Context, l *Loader, what string, total int64, items iter.Seq2[T, error], write func(context.Context, []T) (Count, error), into *Count,
) error {
	if l.Progress != nil {
		l.Progress.Phase(what, total)
	}
	var batch []T
	flush := func() error {
		if len(batch) == 0 {
			return nil
		}
		count, err := write(ctx, batch)
		if err != nil {
			return fmt.Errorf("write %s: %w", what, err)
		}
		into.add(count)
		if l.Progress != nil {
			l.Progress.Add(int64(len(batch)))
		}
		batch = batch[:0]
		return nil
	}
	for item, err := range items {
		if err != nil {
			return err
		}
		if batch = append(batch, item); len(batch) == batchItems {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	return flush()
}
