package intake

import (
	"context"
	"fmt"
	"iter"

	"golang.org/x/sync/errgroup"

	"github.com/xunke/xunke/catalog"
)

// Store is where a catalogue goes. A batch is written whole or not at all. An item is
// matched by its key; what is equal to what is there is not touched. The errors are
// the store's own; there is none that depends on an item, because Check comes first.
type Store interface {
	WriteOrgs(context.Context, []*Org) (Tally, error)
	WriteTeachers(context.Context, []*Teacher) (Tally, error)
	WriteCourses(context.Context, []*Course) (Tally, error)
	// WriteEnrolments counts those of courses that are not there as nothing.
	WriteEnrolments(context.Context, []Enrolment) (Count, error)
	// WriteRatings leaves those of courses that are not there out. A learner's later rating
	// of a course takes the place of the earlier one.
	WriteRatings(context.Context, []Rating) (Count, error)
}

// Progress hears how far a load has come. Phase begins a part; total is 0 where it is
// not known.
type Progress interface {
	Phase(name string, total int64)
	Add(n int64)
}

// Bounds of a batch, which is one transaction: large enough that the round trips and
// the flush of the log do not count, small enough that no writer waits long for its locks and
// that the binlog holds no huge transaction.
const (
	batchItems = 1000
	batchBytes = 4 << 20
)

// Loader writes items to a store in batches. While a batch is being written the next
// is being read.
type Loader struct {
	Store    Store
	Progress Progress      // nil: not shown
	Report   func(Problem) // nil: not reported; called from one goroutine at a time
	Tally    Tally         // what was done so far; Dangling stays empty
}

// Load writes what items yields, in that order; total says how many there will be, 0
// if unknown. It ends at the first error, the items' or the store's, and says how far
// it came in Tally. Whole batches only have gone in then.
func (l *Loader) Load(ctx context.Context, phase string, total int64, items iter.Seq2[Item, error]) error {
	if l.Progress != nil {
		l.Progress.Phase(phase, total)
	}
	group, ctx := errgroup.WithContext(ctx)
	batches := make(chan []Item)
	group.Go(func() error {
		defer close(batches)
		return gather(ctx, items, batches)
	})
	group.Go(func() error {
		for batch := range batches {
			if err := l.write(ctx, batch); err != nil {
				return fmt.Errorf("write %s from %s: %w", batch[0].Kind().Plural(), batch[0].Position, err)
			}
		}
		return nil
	})
	return group.Wait()
}

// gather cuts a sequence into batches of one kind.
func gather(ctx context.Context, items iter.Seq2[Item, error], batches chan<- []Item) error {
	var batch []Item
	size := 0
	flush := func() error {
		if len(batch) == 0 {
			return nil
		}
		select {
		case batches <- batch:
			batch, size = nil, 0
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	for item, err := range items {
		if err != nil {
			return err
		}
		full := len(batch) == batchItems || size+item.size() > batchBytes
		if len(batch) > 0 && (full || batch[0].Kind() != item.Kind()) {
			if err := flush(); err != nil {
				return err
			}
		}
		batch = append(batch, item)
		size += item.size()
	}
	return flush()
}

func (l *Loader) write(ctx context.Context, batch []Item) error {
	var tally Tally
	var err error
	switch batch[0].Kind() {
	case catalog.KindOrg:
		tally, err = l.Store.WriteOrgs(ctx, pick(batch, func(i Item) *Org { return i.Org }))
	case catalog.KindTeacher:
		tally, err = l.Store.WriteTeachers(ctx, pick(batch, func(i Item) *Teacher { return i.Teacher }))
	default:
		tally, err = l.Store.WriteCourses(ctx, pick(batch, func(i Item) *Course { return i.Course }))
	}
	if err != nil {
		return err
	}
	l.Tally.Add(tally)
	for _, d := range tally.Dangling {
		if l.Report != nil {
			l.Report(d.problem(batch[d.Item].Position))
		}
	}
	if l.Progress != nil {
		l.Progress.Add(int64(len(batch)))
	}
	return nil
}

func pick[T any](batch []Item, of func(Item) T) []T {
	picked := make([]T, len(batch))
	for i, item := range batch {
		picked[i] = of(item)
	}
	return picked
}
