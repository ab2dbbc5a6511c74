package mysql

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
)

// Querier is what a read needs of a connection: a *sql.DB, or the *sql.Conn or *sql.Tx
// that holds a snapshot.
type Querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// EachRow calls scan for each row and closes the rows whatever happens.
func EachRow(rows *sql.Rows, scan func() error) (err error) {
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		if err := scan(); err != nil {
			return fmt.Errorf("read row: %w", err)
		}
	}
	return rows.Err()
}

// Placeholders are the question marks of an IN list of values, at least one, and the
// arguments for them.
func Placeholders[T any](values []T) (marks string, args []any) {
	args = make([]any, len(values), 2*len(values)) // often they are given twice
	for i, v := range values {
		args[i] = v
	}
	return Marks(len(values)), args
}

// Marks is n question marks with commas between them; n is at least 1.
func Marks(n int) string { return strings.Repeat("?,", n-1) + "?" }

// RowMarks are the question marks of so many rows: (?,?),(?,?). Both numbers are at least 1.
func RowMarks(columns, rows int) string {
	row := "(" + Marks(columns) + ")"
	return strings.Repeat(row+",", rows-1) + row
}

// QuoteName quotes an identifier.
func QuoteName(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }
