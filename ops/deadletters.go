package ops

import (
	"context"
	"slices"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/indexer"
)

// Letters keeps what Elasticsearch refused. Errors: CodeUnavailable.
type Letters interface {
	// Count counts those of some kinds, or all, and says when the oldest of
	// them was refused; nil if there are none.
	Count(ctx context.Context, kinds ...catalog.Kind) (n int64, oldest *time.Time, err error)
	// Oldest returns up to a page of those that were kept before a time, oldest
	// first: those of one item, of a kind where the id is 0, or all where the kind is empty.
	Oldest(ctx context.Context, of catalog.Key, before time.Time) ([]indexer.KeptLetter, error)
	// Drop forgets letters and returns how many; one that has been replaced
	// since it was read stays.
	Drop(ctx context.Context, letters []indexer.KeptLetter) (dropped int, err error)
}

// Repairer writes documents again.
type Repairer interface {
	// Repair reads the current rows behind keys and writes them to every live generation.
	Repair(ctx context.Context, state indexer.State, keys []catalog.Key) error
}

// DeadLetterList is how many dead letters there are, and the oldest of them.
type DeadLetterList struct {
	Total   int64                `json:"total"`
	Oldest  *time.Time           `json:"oldest"` // when the first of them was refused; null: there are none
	Letters []indexer.DeadLetter `json:"dead_letters"`
}

// ListDeadLetters lists those of some kinds, a page of each, or the first page of all.
func ListDeadLetters(ctx context.Context, letters Letters, kinds []catalog.Kind) (DeadLetterList, error) {
	list := DeadLetterList{Letters: []indexer.DeadLetter{}}
	var err error
	if list.Total, list.Oldest, err = letters.Count(ctx, kinds...); err != nil {
		return list, err
	}
	if len(kinds) == 0 {
		kinds = []catalog.Kind{""}
	}
	for _, k := range kinds {
		page, err := letters.Oldest(ctx, catalog.Key{Kind: k}, time.Now())
		if err != nil {
			return list, err
		}
		for _, l := range page {
			list.Letters = append(list.Letters, l.DeadLetter)
		}
	}
	return list, nil
}

// RetryResult is what became of dead letters that were tried again.
type RetryResult struct {
	Items   int `json:"items"`
	Settled int `json:"settled"` // letters whose document was taken this time
	Refused int `json:"refused"` // letters that are there again
}

// RetryDeadLetters reads the rows behind the letters of one item, or of all where the key is
// empty, and writes their documents. A letter goes only after its document was settled; one
// that is refused again is a new letter, and is not tried a second time.
func RetryDeadLetters(ctx context.Context, letters Letters, states States, repairer Repairer, of catalog.Key) (RetryResult, error) {
	var done RetryResult
	before := time.Now()
	for {
		page, err := letters.Oldest(ctx, of, before)
		if err != nil || len(page) == 0 {
			return done, err
		}
		state, err := states.LoadState(ctx)
		if err != nil {
			return done, err
		}
		keys := make([]catalog.Key, 0, len(page))
		for _, l := range page {
			if key := (catalog.Key{Kind: l.Kind, ID: l.ID}); !slices.Contains(keys, key) {
				keys = append(keys, key)
			}
		}
		if err := repairer.Repair(ctx, state, keys); err != nil {
			return done, err
		}
		settled, err := letters.Drop(ctx, page)
		if err != nil {
			return done, err
		}
		done.Items += len(keys)
		done.Settled += settled
		done.Refused += len(page) - settled
	}
}

// DropDeadLetters forgets the letters of one item, or all where the key is empty, and
// returns how many they were.
func DropDeadLetters(ctx context.Context, letters Letters, of catalog.Key) (total int, err error) {
	before := time.Now()
	for {
		page, err := letters.Oldest(ctx, of, before)
		if err != nil {
			return total, err
		}
		n, err := letters.Drop(ctx, page)
		if err != nil {
			return total, err
		}
		if total += n; n == 0 {
			return total, nil
		}
	}
}
