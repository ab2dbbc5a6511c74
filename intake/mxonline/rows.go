package mxonline

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// pageSize is how many rows are read at a time.
const pageSize = 500

// record is a row: its id and its values by this package's names, NULL as empty.
type record struct {
	id     int64
	values map[string]string
}

func (r record) get(field string) string { return strings.TrimSpace(r.values[field]) }

// ref is the id in a column that refers to a row; 0 for none.
func (r record) ref(field string) int64 {
	n, err := strconv.ParseInt(r.get(field), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// page reads the rows after an id, in the order of ids.
func (t *table) page(ctx context.Context, q querier, after int64) ([]record, error) {
	return t.query(ctx, q, "WHERE id > ? ORDER BY id LIMIT "+strconv.Itoa(pageSize), after)
}

// of reads the rows that belong to parents, in the order of ids, by parent.
func (t *table) of(ctx context.Context, q querier, field string, parents []int64) (map[int64][]record, error) {
	children := map[int64][]record{}
	if t == nil || len(parents) == 0 {
		return children, nil
	}
	args := make([]any, len(parents))
	for i, p := range parents {
		args[i] = p
	}
	marks := strings.Repeat("?, ", len(parents)-1) + "?"
	records, err := t.query(ctx, q, "WHERE `"+t.read[field]+"` IN ("+marks+") ORDER BY id", args...)
	for _, r := range records {
		children[r.ref(field)] = append(children[r.ref(field)], r)
	}
	return children, err
}

func (t *table) query(ctx context.Context, q querier, tail string, args ...any) ([]record, error) {
	names := slices.Sorted(maps.Keys(t.read))
	query := "SELECT id"
	for _, name := range names {
		query += ", CAST(`" + t.read[name] + "` AS CHAR)" // dates as they are written, zero dates too
	}
	rows, err := q.QueryContext(ctx, query+" FROM `"+t.name+"` "+tail, args...)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", t.name, err)
	}
	defer func() { _ = rows.Close() }() // rows.Err tells what went wrong
	var records []record
	for rows.Next() {
		r := record{values: make(map[string]string, len(names))}
		texts := make([]sql.NullString, len(names))
		targets := []any{&r.id}
		for i := range texts {
			targets = append(targets, &texts[i])
		}
		if err := rows.Scan(targets...); err != nil {
			return nil, fmt.Errorf("read %s: %w", t.name, err)
		}
		for i, name := range names {
			r.values[name] = texts[i].String
		}
		records = append(records, r)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read %s: %w", t.name, err)
	}
	return records, nil
}

// count is how many rows a table of any name has.
func count(ctx context.Context, q querier, table string) (n int64, err error) {
	rows, err := q.QueryContext(ctx, "SELECT COUNT(*) FROM `"+strings.ReplaceAll(table, "`", "``")+"`")
	if err != nil {
		return 0, fmt.Errorf("count %s: %w", table, err)
	}
	defer func() { _ = rows.Close() }() // rows.Err tells what went wrong
	for rows.Next() {
		if err := rows.Scan(&n); err != nil {
			return 0, fmt.Errorf("count %s: %w", table, err)
		}
	}
	return n, rows.Err()
}
