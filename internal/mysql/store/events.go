package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/events"
	"github.com/xunke/xunke/internal/mysql"
)

var _ events.Counter = (*EventCounter)(nil)

// EventCounter adds events to the daily counts.
type EventCounter struct {
	db *sql.DB
}

// NewEventCounter counts in a database.
func NewEventCounter(db *sql.DB) *EventCounter { return &EventCounter{db: db} }

// Count adds a batch to the daily counts. The row of the queue's position is locked
// first: processes that count the same queue take turns, reading included.
func (c *EventCounter) Count(ctx context.Context, queue string, read func(ctx context.Context) ([]events.QueuedEvent, error)) (counted events.CountResult, err error) {
	tx, err := c.db.BeginTx(ctx, nil)
	if err != nil {
		return counted, fmt.Errorf("begin: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, ignoreDone(tx.Rollback()))
		}
	}()
	last, err := lockPosition(ctx, tx, queue)
	if err != nil {
		return counted, err
	}
	events, err := read(ctx)
	if err != nil {
		return counted, err
	}
	b := newEventBatch()
	end := last
	for _, e := range events {
		counted.Done = append(counted.Done, e.ID)
		if e.ID.Compare(last) <= 0 {
			counted.Repeated++
			continue
		}
		b.events = append(b.events, e.Event)
		if e.ID.Compare(end) > 0 {
			end = e.ID
		}
	}
	if err = b.write(ctx, tx, &counted); err != nil {
		return counted, err
	}
	if end != last {
		_, err = tx.ExecContext(ctx, `UPDATE event_positions SET millis = ?, sequence = ? WHERE queue = ?`, end.Millis, end.Sequence, queue)
		if err != nil {
			return counted, fmt.Errorf("move position of queue: %w", err)
		}
	}
	if err = tx.Commit(); err != nil {
		return counted, fmt.Errorf("commit: %w", err)
	}
	return counted, nil
}

func ignoreDone(err error) error {
	if errors.Is(err, sql.ErrTxDone) {
		return nil
	}
	return err
}

// lockPosition returns the place up to which a queue is counted, and keeps every other
// transaction from it.
func lockPosition(ctx context.Context, tx *sql.Tx, queue string) (events.QueueID, error) {
	var last events.QueueID
	const position = `SELECT millis, sequence FROM event_positions WHERE queue = ? FOR UPDATE`
	err := tx.QueryRowContext(ctx, position, queue).Scan(&last.Millis, &last.Sequence)
	if errors.Is(err, sql.ErrNoRows) {
		// Two that begin a queue at once deadlock; one of them is undone and tries again.
		_, err = tx.ExecContext(ctx, `INSERT INTO event_positions (queue) VALUES (?)`, queue)
	}
	if err != nil {
		return last, fmt.Errorf("lock position of queue: %w", err)
	}
	return last, nil
}

// itemDay is one row of daily counts.
type itemDay struct {
	id  int64
	day time.Time
}

// eventBatch is the events of one transaction.
type eventBatch struct {
	events   []events.Event
	views    viewCounts
	capped   viewCounts // in no ranking
	searches []events.Event
	clicks   []events.Event
}

// viewCounts are views of each kind's items by day.
type viewCounts map[catalog.Kind]map[itemDay]int64

func (v viewCounts) add(e events.Event) {
	if v[e.Item.Kind] == nil {
		v[e.Item.Kind] = map[itemDay]int64{}
	}
	v[e.Item.Kind][itemDay{e.Item.ID, catalog.Day(e.At)}]++
}

// sortedDays are the rows of a kind in one order for all transactions, so that they wait for
// each other and do not deadlock.
func (v viewCounts) sortedDays(k catalog.Kind) []itemDay {
	return slices.SortedFunc(maps.Keys(v[k]), func(a, b itemDay) int {
		return cmp.Or(cmp.Compare(a.id, b.id), a.day.Compare(b.day))
	})
}

func newEventBatch() eventBatch { return eventBatch{views: viewCounts{}, capped: viewCounts{}} }

// write counts the events and says in counted what became of them.
func (b *eventBatch) write(ctx context.Context, tx *sql.Tx, counted *events.CountResult) error {
	visible, err := visibleItems(ctx, tx, b.events)
	if err != nil {
		return err
	}
	for _, e := range b.events {
		switch {
		case e.Type == events.Search && e.Search != nil:
			b.searches = append(b.searches, e)
			continue
		case e.Type == events.Click && visible[e.Item]:
			b.clicks = append(b.clicks, e)
			continue
		case e.Type == events.View && visible[e.Item] && e.Capped:
			b.capped.add(e)
			counted.Capped++
		case e.Type == events.View && visible[e.Item]:
			b.views.add(e)
			counted.Added++
		default:
			counted.Dropped++
		}
	}
	for _, k := range catalog.Kinds() {
		if err := addViews(ctx, tx, k, b.views); err != nil {
			return err
		}
		if err := addCappedViews(ctx, tx, k, b.capped); err != nil {
			return err
		}
	}
	return b.writeSearches(ctx, tx, counted)
}

// visibleItems finds those of the events' items that visitors can see.
func visibleItems(ctx context.Context, tx *sql.Tx, events []events.Event) (map[catalog.Key]bool, error) {
	asked := map[catalog.Kind]map[int64]bool{}
	for _, e := range events {
		if e.Item.ID == 0 {
			continue // a search is about no item
		}
		if asked[e.Item.Kind] == nil {
			asked[e.Item.Kind] = map[int64]bool{}
		}
		asked[e.Item.Kind][e.Item.ID] = true
	}
	visible := map[catalog.Key]bool{}
	for _, k := range catalog.Kinds() {
		if len(asked[k]) == 0 {
			continue
		}
		marks, args := mysql.Placeholders(slices.Sorted(maps.Keys(asked[k])))
		err := mysql.EachRow(ctx, tx, `SELECT id FROM `+k.Plural()+` WHERE id IN (`+marks+`) AND NOT hidden`, args, func(rows *sql.Rows) error {
			var id int64
			if err := rows.Scan(&id); err != nil {
				return err
			}
			visible[catalog.Key{Kind: k, ID: id}] = true
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("look for %s of events: %w", k.Plural(), err)
		}
	}
	return visible, nil
}

// addViews adds to the counts of one kind.
func addViews(ctx context.Context, tx *sql.Tx, k catalog.Kind, views viewCounts) error {
	rows := views.sortedDays(k)
	if len(rows) == 0 {
		return nil
	}
	args := make([]any, 0, 3*len(rows))
	for _, r := range rows {
		args = append(args, r.id, r.day.Format(time.DateOnly), views[k][r])
	}
	_, err := tx.ExecContext(ctx, fmt.Sprintf(`INSERT INTO %[1]s_daily_counts (%[1]s_id, day, views) VALUES %[2]s
		AS new ON DUPLICATE KEY UPDATE views = %[1]s_daily_counts.views + new.views`,
		k, mysql.RowMarks(3, len(rows))), args...)
	if err != nil {
		return fmt.Errorf("count views of %s: %w", k.Plural(), err)
	}
	return nil
}
