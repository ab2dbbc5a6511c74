package source

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Sentinel writes the row by which an installation measures how fresh its searches are.
// index.Sentinel finds it.
type Sentinel struct {
	db           *sql.DB
	installation string
}

// NewSentinel makes the writer of an installation's row; its name is the prefix of its indices.
func NewSentinel(db *sql.DB, installation string) *Sentinel {
	return &Sentinel{db: db, installation: installation}
}

// Write commits the row with this time, which is exact to the millisecond.
func (s *Sentinel) Write(ctx context.Context, at time.Time) error {
	_, err := s.db.ExecContext(ctx, `INSERT INTO sync_sentinels (installation, written_at) VALUES (?, ?)
		ON DUPLICATE KEY UPDATE written_at = VALUES(written_at)`, s.installation, at.UTC())
	if err != nil {
		return fmt.Errorf("write sentinel: %w", err)
	}
	return nil
}

// loadSentinel is when an installation's row was written, zero when it never was.
func loadSentinel(ctx context.Context, q *sql.Conn, installation string) (at time.Time, err error) {
	err = q.QueryRowContext(ctx, `SELECT written_at FROM sync_sentinels WHERE installation = ?`, installation).Scan(&at)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return at, fmt.Errorf("read sentinel: %w", err)
	}
	return at, nil
}
