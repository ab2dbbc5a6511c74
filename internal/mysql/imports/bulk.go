package imports

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/xunke/xunke/internal/mysql"
)

// Bounds of one statement of many rows. A server of the default configuration takes
// 64 MiB; beyond a few hundred KiB nothing is gained.
const (
	insertRows  = 2000
	insertBytes = 1 << 20
	lookupNames = 2000 // values of one IN list
)

// inserter gathers rows for one table into statements of many rows.
type inserter struct {
	b     *batch
	head  string // INSERT INTO t (a, b) VALUES
	width int    // number of columns
	tail  string
	args  []any
	rows  int
	bytes int
}

// insert begins an inserter; tail is what follows the values, such as ON DUPLICATE KEY.
func (b *batch) insert(table string, columns []string, tail string) *inserter {
	quoted := make([]string, len(columns))
	for i, c := range columns {
		quoted[i] = mysql.QuoteName(c)
	}
	return &inserter{
		b:     b,
		head:  "INSERT INTO " + table + " (" + strings.Join(quoted, ", ") + ") VALUES ",
		width: len(columns),
		tail:  tail,
	}
}

// add takes one row and sends a statement when there is enough for one.
func (i *inserter) add(ctx context.Context, values ...any) error {
	i.args = append(i.args, values...)
	i.rows++
	for _, v := range values {
		if s, ok := v.(string); ok {
			i.bytes += len(s)
		} else {
			i.bytes += 8
		}
	}
	if i.rows == insertRows || i.bytes >= insertBytes {
		return i.flush(ctx)
	}
	return nil
}

// flush sends what is left.
func (i *inserter) flush(ctx context.Context) error {
	if i.rows == 0 {
		return nil
	}
	statement := i.head + mysql.RowMarks(i.width, i.rows) + i.tail
	_, err := i.b.tx.ExecContext(ctx, statement, i.args...)
	if err != nil {
		return fmt.Errorf("%s: %w", strings.TrimSuffix(i.head, " VALUES "), err)
	}
	clear(i.args)
	i.args, i.rows, i.bytes = i.args[:0], 0, 0
	return nil
}

// lookup runs a query whose IN (%s) list may be too long for one statement, and calls
// scan for every row.
func lookup[T any](ctx context.Context, b *batch, query string, values []T, scan func(scanner) error) error {
	for len(values) > 0 {
		n := min(len(values), lookupNames)
		marks, args := mysql.Placeholders(values[:n])
		values = values[n:]
		if err := lookupOnce(ctx, b, fmt.Sprintf(query, marks), args, scan); err != nil {
			return err
		}
	}
	return nil
}

// scanner is a row of a result.
type scanner interface{ Scan(...any) error }

func lookupOnce(ctx context.Context, b *batch, query string, args []any, scan func(scanner) error) error {
	if err := mysql.EachRow(ctx, b.tx, query, args, func(rows *sql.Rows) error { return scan(rows) }); err != nil {
		return fmt.Errorf("look up: %w", err)
	}
	return nil
}

// exec runs a statement for its effect.
func (b *batch) exec(ctx context.Context, statement string, args ...any) error {
	_, err := b.tx.ExecContext(ctx, statement, args...)
	return err
}

// orNull is nil for an id or a text that stands for nothing.
func orNull[T int64 | string](v T) any {
	var none T
	if v == none {
		return nil
	}
	return v
}
