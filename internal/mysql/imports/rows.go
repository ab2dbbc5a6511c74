package imports

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"
)

// table says how the rows of a kind are read and written. R is a row without its id and
// key, comparable, so that == finds the rows that have to be written.
type table[R comparable] struct {
	name    string
	columns []string              // in the order of values and targets
	start   []string              // columns that are written to a new row only
	values  func(*R) []any        // of columns, then of start
	targets func(*R) []any        // of columns
	keep    func(want *R, have R) // takes over from the row what the source does not say
}

// outcome is what happened to one row.
type outcome struct {
	id      int64
	created bool
	changed bool
}

// upsert brings the rows with these keys to what they should be. Rows that are so
// already are not written at all.
func upsert[R comparable](ctx context.Context, b *batch, t table[R], keys []string, want []R) ([]outcome, error) {
	type existing struct {
		id  int64
		row R
	}
	have := make(map[string]existing, len(keys))
	query := "SELECT id, `key`, " + strings.Join(t.columns, ", ") + " FROM " + t.name + " WHERE `key` IN (%s)"
	err := lookup(ctx, b, query, keys, func(r scanner) error {
		var key string
		var e existing
		err := r.Scan(append([]any{&e.id, &key}, t.targets(&e.row)...)...)
		have[key] = e
		return err
	})
	if err != nil {
		return nil, err
	}

	outcomes := make([]outcome, len(keys))
	var created []string
	columns := append(append([]string{"key"}, t.columns...), t.start...)
	fresh, changed := b.insert(t.name, columns, ""), b.insert(t.name, columns, t.onDuplicate())
	for i, key := range keys {
		e, ok := have[key]
		rows := fresh
		if ok {
			t.keep(&want[i], e.row)
			outcomes[i] = outcome{id: e.id, changed: want[i] != e.row}
			rows = changed
		} else {
			outcomes[i] = outcome{created: true}
			created = append(created, key)
		}
		if !ok || outcomes[i].changed {
			if err := rows.add(ctx, append([]any{key}, t.values(&want[i])...)...); err != nil {
				return nil, err
			}
		}
	}
	if err := errors.Join(fresh.flush(ctx), changed.flush(ctx)); err != nil {
		return nil, err
	}
	ids, err := b.idsByKey(ctx, t.name, created)
	if err != nil {
		return nil, err
	}
	for i, key := range keys {
		if outcomes[i].created {
			outcomes[i].id = ids[key]
		}
	}
	return outcomes, nil
}

// onDuplicate writes over the row that has the key already. A new row is inserted
// without it: if another writer has put one there in the meantime, the batch starts
// again, and then compares links and lessons with what is there.
func (t table[R]) onDuplicate() string {
	set := make([]string, len(t.columns))
	for i, c := range t.columns {
		set[i] = c + " = new." + c
	}
	return " AS new ON DUPLICATE KEY UPDATE " + strings.Join(set, ", ")
}

// millis is a time as rows compare it: milliseconds, 0 for the zero time, which the
// source did not give.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// moment turns millis back into what is written; a row without a time begins now.
func moment(ms int64) time.Time {
	if ms == 0 {
		return time.Now().UTC().Truncate(time.Millisecond)
	}
	return time.UnixMilli(ms).UTC()
}

// since reads a DATETIME column into millis.
type since struct{ ms *int64 }

// Scan implements sql.Scanner.
func (s since) Scan(v any) error {
	var t sql.Null[time.Time]
	err := t.Scan(v)
	*s.ms = millis(t.V)
	return err
}

// orZero reads a column that may be NULL, which is the zero value.
type orZero[T any] struct{ v *T }

// Scan implements sql.Scanner.
func (o orZero[T]) Scan(v any) error {
	var n sql.Null[T]
	err := n.Scan(v)
	*o.v = n.V
	return err
}
