package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/curation"
	"github.com/xunke/xunke/internal/mysql"
)

// SetPins makes items the pins of a query, in their order, in the place of those that it
// has; none unpins all. An item that was hidden or boosted for the query is pinned
// instead. Errors: CodeInvalid for a text that is no query, for an item that visitors
// cannot see or that is given twice, and for too many items; nothing is changed then.
func (c Curations) SetPins(ctx context.Context, query string, items []catalog.Key) error {
	return c.put(ctx, query, curation.Pin, 0, items)
}

// Hide leaves items out of the answers to a query, whatever was curated of them before.
// Errors are those of SetPins.
func (c Curations) Hide(ctx context.Context, query string, items []catalog.Key) error {
	return c.put(ctx, query, curation.Hide, 0, items)
}

// Boost multiplies the scores of items in the answers to a query, whatever was curated of
// them before. Errors are those of SetPins, and CodeInvalid for a factor out of bounds.
func (c Curations) Boost(ctx context.Context, query string, factor float64, items []catalog.Key) error {
	if err := curation.CheckFactor(factor); err != nil {
		return err
	}
	return c.put(ctx, query, curation.Boost, factor, items)
}

// Remove takes back what is curated of items for a query, or all of it if no item is
// given, and returns how many that were. Errors: CodeInvalid for a text that is no query,
// CodeNotFound if something of it is not curated; nothing is changed then.
func (c Curations) Remove(ctx context.Context, query string, items ...catalog.Key) (removed int64, err error) {
	q, err := curation.ParseQuery(query)
	if err != nil {
		return 0, err
	}
	if err := refuseRepeated(items); err != nil {
		return 0, err
	}
	err = c.transact(ctx, func(tx *sql.Tx) error {
		statement, args := "DELETE FROM curations WHERE query_key = ?", []any{q.Key}
		if len(items) > 0 {
			missing, err := missingItem(ctx, tx, q, items)
			if err != nil || missing != nil {
				return errors.Join(err, missing)
			}
			statement += " AND (kind, item_id) IN (" + mysql.RowMarks(2, len(items)) + ")"
			for _, item := range items {
				args = append(args, item.Kind, item.ID)
			}
		}
		result, err := tx.ExecContext(ctx, statement, args...)
		if err != nil {
			return err
		}
		removed, err = result.RowsAffected()
		if err == nil && removed == 0 {
			return notCuratedError(q, "")
		}
		return err
	})
	if err != nil {
		return 0, curationError(fmt.Sprintf("remove curations of %q", q.Text), err)
	}
	return removed, nil
}

func (c Curations) put(ctx context.Context, query string, action curation.Action, factor float64, items []catalog.Key) error {
	q, err := curation.ParseQuery(query)
	if err != nil {
		return err
	}
	if err := refuseRepeated(items); err != nil {
		return err
	}
	err = c.transact(ctx, func(tx *sql.Tx) error {
		if err := refuseInvisible(ctx, tx, items); err != nil {
			return err
		}
		if _, err := loadItems(ctx, tx, q); err != nil { // and no other transaction changes them
			return err
		}
		if action == curation.Pin {
			if _, err := tx.ExecContext(ctx, "DELETE FROM curations WHERE query_key = ? AND action = 'pin'", q.Key); err != nil {
				return err
			}
		}
		for i, item := range items {
			place := sql.NullInt64{Int64: int64(i + 1), Valid: action == curation.Pin}
			by := sql.NullFloat64{Float64: factor, Valid: action == curation.Boost}
			if _, err := tx.ExecContext(ctx, `INSERT INTO curations (query_key, query, action, kind, item_id, place, factor)
				VALUES (?, ?, ?, ?, ?, ?, ?) AS new ON DUPLICATE KEY UPDATE action = new.action, place = new.place, factor = new.factor`,
				q.Key, q.Text, action, item.Kind, item.ID, place, by); err != nil {
				return err
			}
		}
		// A query is listed as it was typed last.
		if _, err := tx.ExecContext(ctx, "UPDATE curations SET query = ? WHERE query_key = ?", q.Text, q.Key); err != nil {
			return err
		}
		curated, err := loadItems(ctx, tx, q)
		if err == nil && len(curated) > curation.MaxItems {
			return catalog.Invalidf("item", "%q would have %d curated items; it can have %d", q.Text, len(curated), curation.MaxItems)
		}
		return err
	})
	if err != nil {
		return curationError(fmt.Sprintf("curate %q", q.Text), err)
	}
	return nil
}

// refuseRepeated refuses a list that names an item twice.
func refuseRepeated(items []catalog.Key) error {
	for i, item := range items {
		if slices.Contains(items[:i], item) {
			return catalog.Invalidf("item", "%s is given twice", item)
		}
	}
	return nil
}

// refuseInvisible refuses items that visitors cannot see: it names each with the reason.
func refuseInvisible(ctx context.Context, tx *sql.Tx, items []catalog.Key) error {
	wrong := &catalog.Error{Code: catalog.CodeInvalid, Message: "not everything can be curated"}
	for _, item := range items {
		var hidden bool
		err := tx.QueryRowContext(ctx, "SELECT hidden FROM "+item.Kind.Plural()+" WHERE id = ?", item.ID).Scan(&hidden)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			wrong.Fields = append(wrong.Fields, catalog.FieldError{Field: "item", Message: item.String() + " does not exist"})
		case err != nil:
			return err
		case hidden:
			wrong.Fields = append(wrong.Fields, catalog.FieldError{Field: "item", Message: item.String() + " is hidden: visitors cannot see it anyway"})
		}
	}
	if wrong.Fields != nil {
		return wrong
	}
	return nil
}

// loadItems reads the items of a query, which no other transaction changes from now on.
func loadItems(ctx context.Context, tx *sql.Tx, q curation.Query) (items []catalog.Key, err error) {
	err = mysql.EachRow(ctx, tx, "SELECT kind, item_id FROM curations WHERE query_key = ? FOR UPDATE", []any{q.Key}, func(rows *sql.Rows) error {
		var item catalog.Key
		err := rows.Scan(&item.Kind, &item.ID)
		items = append(items, item)
		return err
	})
	return items, err
}

// missingItem is an error that names the first item that is not curated, nil without one.
func missingItem(ctx context.Context, tx *sql.Tx, q curation.Query, items []catalog.Key) (missing, err error) {
	curated, err := loadItems(ctx, tx, q)
	if err != nil {
		return nil, err
	}
	for _, item := range items {
		if !slices.Contains(curated, item) {
			return notCuratedError(q, item.String()+" of "), nil
		}
	}
	return nil, nil
}

func notCuratedError(q curation.Query, of string) error {
	return &catalog.Error{
		Code: catalog.CodeNotFound, Message: fmt.Sprintf("nothing is curated for %s%q", of, q.Text),
		Hint: "xunke pins list shows what is",
	}
}

// transact runs a change. Two that begin the same query at once deadlock; one of them is
// undone and tries again.
func (c Curations) transact(ctx context.Context, change func(*sql.Tx) error) error {
	return mysql.Transact(ctx, c.db, sql.LevelRepeatableRead, change)
}
