package source

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/indexer"
)

// Requests is the table of admins' requests.
type Requests struct{ db *sql.DB }

var _ indexer.Requests = (*Requests)(nil)

// NewRequests makes the list of requests on an open database.
func NewRequests(db *sql.DB) *Requests { return &Requests{db: db} }

// Add files a request (action reindex or rollback) and returns its id.
func (r *Requests) Add(ctx context.Context, action string, kinds []catalog.Kind) (int64, error) {
	names := make([]string, len(kinds))
	for i, k := range kinds {
		names[i] = string(k)
	}
	res, err := r.db.ExecContext(ctx, `INSERT INTO reindex_requests (action, kinds) VALUES (?, ?)`, action, strings.Join(names, ","))
	if err != nil {
		return 0, fmt.Errorf("file request: %w", err)
	}
	return res.LastInsertId()
}

// State returns a request's state (waiting, running, done, failed) and message.
func (r *Requests) State(ctx context.Context, id int64) (state, message string, err error) {
	err = r.db.QueryRowContext(ctx, `SELECT state, message FROM reindex_requests WHERE id = ?`, id).Scan(&state, &message)
	if err != nil {
		return "", "", fmt.Errorf("read request %d: %w", id, err)
	}
	return state, message, nil
}

// Next implements indexer.Requests and marks the request as running. One that was
// running when its process died comes first again.
func (r *Requests) Next(ctx context.Context) (*indexer.Request, error) {
	var q indexer.Request
	var kinds string
	err := r.db.QueryRowContext(ctx, `SELECT id, action, kinds FROM reindex_requests
		WHERE state IN ('waiting', 'running') ORDER BY id LIMIT 1`).Scan(&q.ID, &q.Action, &kinds)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read requests: %w", err)
	}
	for name := range strings.SplitSeq(kinds, ",") {
		if name == "" {
			continue
		}
		k, err := catalog.ParseKind(name)
		if err != nil {
			return nil, errors.Join(err, r.Finish(ctx, q.ID, err.Error()))
		}
		q.Kinds = append(q.Kinds, k)
	}
	if _, err := r.db.ExecContext(ctx, `UPDATE reindex_requests SET state = 'running' WHERE id = ?`, q.ID); err != nil {
		return nil, fmt.Errorf("begin request %d: %w", q.ID, err)
	}
	return &q, nil
}

// Finish implements indexer.Requests.
func (r *Requests) Finish(ctx context.Context, id int64, failure string) error {
	state := "done"
	if failure != "" {
		state = "failed"
	}
	if _, err := r.db.ExecContext(ctx, `UPDATE reindex_requests SET state = ?, message = ? WHERE id = ?`, state, failure, id); err != nil {
		return fmt.Errorf("finish request %d: %w", id, err)
	}
	return nil
}
