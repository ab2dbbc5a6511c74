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

// LoadEnrolments writes enrolments to the store in batches, in the manner of Load.
func (l *Loader) LoadEnrolments(ctx context.Context, total int64, enrolments iter.Seq2[Enrolment, error]) error {
	if l.Progress != nil {
		l.Progress.Phase("enrolments", total)
	}
	var batch []Enrolment
	flush := func() error {
		if len(batch) == 0 {
			return nil
		}
		count, err := l.Store.WriteEnrolments(ctx, batch)
		if err != nil {
			return fmt.Errorf("write enrolments: %w", err)
		}
		l.Tally.Enrolments.add(count)
		if l.Progress != nil {
			l.Progress.Add(int64(len(batch)))
		}
		batch = batch[:0]
		return nil
	}
	for e, err := range enrolments {
		if err != nil {
			return err
		}
		if batch = append(batch, e); len(batch) == batchItems {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	return flush()
}
