package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/events"
	"github.com/xunke/xunke/internal/mysql"
)

// pruneMost is how many rows of a table one pruning removes.
const pruneMost = 5000

// writeSearches counts the searches whose ids are not known, and the clicks of those that
// are.
func (b *eventBatch) writeSearches(ctx context.Context, tx *sql.Tx, counted *events.CountResult) error {
	if len(b.searches)+len(b.clicks) == 0 {
		return nil
	}
	counts := newSearchCounts()
	// One that was put into the queue again, because it was not known whether Redis had
	// taken it, is here already.
	known, err := searchesOf(ctx, tx, b.searches)
	if err != nil {
		return err
	}
	var fresh []searchRow
	for _, e := range b.searches {
		if _, ok := known[e.SearchID]; ok {
			counted.Repeated++
			continue
		}
		row := counts.addSearch(e)
		known[row.id] = &row
		fresh = append(fresh, row)
		counted.Added++
	}
	if err := insertSearches(ctx, tx, fresh); err != nil {
		return err
	}
	if err := b.addClicks(ctx, tx, &counts, counted); err != nil {
		return err
	}
	return errors.Join(counts.writeQueries(ctx, tx), counts.writePositions(ctx, tx))
}

// addClicks adds the clicks of searches that are known.
func (b *eventBatch) addClicks(ctx context.Context, tx *sql.Tx, counts *searchCounts, counted *events.CountResult) error {
	known, err := searchesOf(ctx, tx, b.clicks)
	if err != nil {
		return err
	}
	var opened []any
	for _, e := range b.clicks {
		row, ok := known[e.SearchID]
		if !ok {
			counted.Dropped++
			continue
		}
		if counts.addClick(e, row) {
			opened = append(opened, row.id)
		}
		counted.Added++
	}
	if len(opened) == 0 {
		return nil
	}
	_, err = tx.ExecContext(ctx, `UPDATE searches SET clicked = TRUE WHERE search_id IN (`+mysql.Marks(len(opened))+`)`, opened...)
	if err != nil {
		return fmt.Errorf("note clicks: %w", err)
	}
	return nil
}

// searchesOf reads the searches that events name.
func searchesOf(ctx context.Context, tx *sql.Tx, events []events.Event) (map[string]*searchRow, error) {
	known := map[string]*searchRow{}
	ids := make([]any, 0, len(events))
	for _, e := range events {
		ids = append(ids, e.SearchID)
	}
	if len(ids) == 0 {
		return known, nil
	}
	err := mysql.EachRow(ctx, tx, `SELECT search_id, day, query, spelling, counted, clicked FROM searches
		WHERE search_id IN (`+mysql.Marks(len(ids))+`)`, ids, func(rows *sql.Rows) error {
		var r searchRow
		if err := rows.Scan(&r.id, &r.day, &r.query, &r.spelling, &r.counted, &r.clicked); err != nil {
			return err
		}
		known[r.id] = &r
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("look for searches: %w", err)
	}
	return known, nil
}

func insertSearches(ctx context.Context, tx *sql.Tx, rows []searchRow) error {
	if len(rows) == 0 {
		return nil
	}
	args := make([]any, 0, 5*len(rows))
	for _, r := range rows {
		args = append(args, r.id, r.day.Format(time.DateOnly), r.query, r.spelling, r.counted)
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO searches (search_id, day, query, spelling, counted) VALUES `+
		mysql.RowMarks(5, len(rows)), args...)
	if err != nil {
		return fmt.Errorf("note searches: %w", err)
	}
	return nil
}

// addQueries is the statement of writeQueries, around its rows.
var addQueries = func() [2]string {
	sums := []string{"searches", "visitors", "zero_hits", "corrected", "relaxed", "clicks", "clicked", "networks", "shortened"}
	updates := make([]string, len(sums))
	for i, name := range sums {
		updates[i] = fmt.Sprintf("%[1]s = search_daily_counts.%[1]s + new.%[1]s", name)
	}
	return [2]string{
		`INSERT INTO search_daily_counts (day, query, spelling, last_total, ` + strings.Join(sums, ", ") + `) VALUES `,
		` AS new ON DUPLICATE KEY UPDATE ` + strings.Join(updates, ", ") + `,
			spelling = IF(new.last_total > 0 AND new.corrected + new.relaxed < new.searches, new.spelling, search_daily_counts.spelling),
			last_total = COALESCE(new.last_total, search_daily_counts.last_total)`,
	}
}()

// writeQueries adds to the counts of queries, in one order for all transactions.
func (c searchCounts) writeQueries(ctx context.Context, tx *sql.Tx) error {
	if len(c.queries) == 0 {
		return nil
	}
	keys := slices.SortedFunc(maps.Keys(c.queries), func(a, b queryDay) int {
		return cmp.Or(cmp.Compare(a.day, b.day), cmp.Compare(a.query, b.query))
	})
	args := make([]any, 0, 13*len(keys))
	for _, key := range keys {
		q := c.queries[key]
		args = append(args, key.day, key.query, q.spelling, q.lastTotal,
			q.searches, q.visitors, q.zeroHits, q.corrected, q.relaxed, q.clicks, q.opened, q.networks, q.shortened)
	}
	_, err := tx.ExecContext(ctx, addQueries[0]+mysql.RowMarks(13, len(keys))+addQueries[1], args...)
	if err != nil {
		return fmt.Errorf("count searches: %w", err)
	}
	return nil
}

// writePositions adds to the counts of positions, in one order for all transactions.
func (c searchCounts) writePositions(ctx context.Context, tx *sql.Tx) error {
	if len(c.positions) == 0 {
		return nil
	}
	keys := slices.SortedFunc(maps.Keys(c.positions), func(a, b positionDay) int {
		return cmp.Or(cmp.Compare(a.day, b.day), cmp.Compare(a.kind, b.kind), cmp.Compare(a.position, b.position))
	})
	args := make([]any, 0, 5*len(keys))
	for _, key := range keys {
		p := c.positions[key]
		args = append(args, key.day, string(key.kind), key.position, p.shown, p.clicks)
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO search_position_daily_counts (day, kind, position, shown, clicks)
		VALUES `+mysql.RowMarks(5, len(keys))+` AS new ON DUPLICATE KEY UPDATE
			shown = search_position_daily_counts.shown + new.shown, clicks = search_position_daily_counts.clicks + new.clicks`, args...)
	if err != nil {
		return fmt.Errorf("count positions: %w", err)
	}
	return nil
}

// Prune removes searches and counts that are too old, a bounded number of rows of each.
func (c *EventCounter) Prune(ctx context.Context, now time.Time) (more bool, err error) {
	for _, old := range []struct {
		table string
		life  time.Duration
	}{
		{"searches", events.SearchLife},
		{"search_daily_counts", events.SearchCountLife},
		{"search_position_daily_counts", events.SearchCountLife},
		{"uncounted_daily_views", events.SearchCountLife},
	} {
		before := catalog.Day(now.Add(-old.life)).Format(time.DateOnly)
		result, err := c.db.ExecContext(ctx, `DELETE FROM `+old.table+` WHERE day < ? LIMIT ?`, before, pruneMost)
		if err != nil {
			return false, fmt.Errorf("prune %s: %w", old.table, err)
		}
		n, err := result.RowsAffected()
		if err != nil {
			return false, fmt.Errorf("prune %s: %w", old.table, err)
		}
		more = more || n == pruneMost
	}
	return more, nil
}
