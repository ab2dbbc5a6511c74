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

// EachRow asks a query and calls scan for each row of the answer, which it closes whatever
// happens. No error means that scan has had every row. args may be nil.
func EachRow(ctx context.Context, q Querier, query string, args []any, scan func(rows *sql.Rows) error) (err error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		if err := scan(rows); err != nil {
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

var likeEscapes = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

// EscapeLike has a text stand for itself in a pattern of LIKE.
func EscapeLike(text string) string { return likeEscapes.Replace(text) }
