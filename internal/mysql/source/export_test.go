package source

import (
	"context"
	"database/sql"
)

// SnapshotTries is snapshotTries.
const SnapshotTries = snapshotTries

// InSnapshot runs read as Read and Parents run theirs.
func (r *Reader) InSnapshot(ctx context.Context, read func(*sql.Conn) error) error {
	return r.snapshot(ctx, "", func(conn *sql.Conn, _ string, _ uint64) error { return read(conn) })
}
