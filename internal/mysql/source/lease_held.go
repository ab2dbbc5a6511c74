package source

import (
	"context"
	"database/sql"
	"fmt"
)

// Held says whether any indexer leads now.
func (l *Lease) Held(ctx context.Context) (bool, error) {
	var connection sql.NullInt64
	err := l.db.QueryRowContext(ctx, `SELECT IS_USED_LOCK(CONCAT(DATABASE(), '/', ?))`, l.name).Scan(&connection)
	if err != nil {
		return false, fmt.Errorf("ask who leads: %w", err)
	}
	return connection.Valid, nil
}
