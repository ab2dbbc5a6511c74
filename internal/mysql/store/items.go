package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/hashicorp/golang-lru/v2/expirable"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/events"
	"github.com/xunke/xunke/internal/mysql"
)

const (
	// itemsKept is how many items are remembered as there, and knownFor for how long.
	itemsKept = 10_000
	knownFor  = 10 * time.Minute
	// itemTimeout is how long an event waits to know whether its item is there.
	itemTimeout = 150 * time.Millisecond
)

// Items knows which items there are. One that was seen is remembered for some minutes; one
// that is not there is looked for each time, since it may be there the next moment.
type Items struct {
	db    *sql.DB
	guard *mysql.Guard
	known *expirable.LRU[catalog.Key, struct{}]
}

var _ events.Items = (*Items)(nil)

// NewItems looks for items through a guard, which may be nil.
func NewItems(db *sql.DB, guard *mysql.Guard) *Items {
	return &Items{db: db, guard: guard, known: expirable.NewLRU[catalog.Key, struct{}](itemsKept, nil, knownFor)}
}

// Known implements events.Items.
func (i *Items) Known(ctx context.Context, k catalog.Key) bool {
	if _, ok := i.known.Get(k); ok {
		return true
	}
	// A deadline would count against MySQL; what was given up does not.
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer time.AfterFunc(itemTimeout, cancel).Stop()
	var one int
	err := i.guard.Do(ctx, func(ctx context.Context) error {
		err := i.db.QueryRowContext(ctx, "SELECT 1 FROM "+k.Kind.Plural()+" WHERE id = ? AND NOT hidden", k.ID).Scan(&one)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		return mysql.ReadError(err)
	})
	if err == nil && one == 1 {
		i.known.Add(k, struct{}{})
	}
	return err != nil || one == 1
}
