package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"time"

	"github.com/xunke/xunke/accounts"
	"github.com/xunke/xunke/internal/mysql"
)

const (
	// maxSessions is how many sessions an account has: those used longest ago end.
	maxSessions = 50
	// seenEvery is how exact it is when a session was used last: a write for each request
	// would be a row on the binlog for each.
	seenEvery = time.Minute
	// pruneAccounts is how many rows one statement deletes.
	pruneAccounts = 5000
)

func addSession(ctx context.Context, to execer, n accounts.Session) error {
	_, err := to.ExecContext(ctx, `INSERT INTO account_sessions (account_id, hash, device, created_at, seen_at, expires_at) VALUES (?, ?, LEFT(?, 60), ?, ?, ?)`,
		n.AccountID, n.Hash[:], n.Device, n.CreatedAt, n.SeenAt, n.ExpiresAt)
	return err
}

// Begin implements accounts.Sessions. The account's row is locked for reading, so that no
// session begins beside a change of the password that ends all of them.
func (s Accounts) Begin(ctx context.Context, n accounts.Session, password string, before [sha256.Size]byte) error {
	return s.change(ctx, "begin a session", func(ctx context.Context, tx *sql.Tx) error {
		var one int
		if err := tx.QueryRowContext(ctx, `SELECT 1 FROM accounts WHERE id = ? AND password = ? FOR SHARE`, n.AccountID, password).Scan(&one); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM account_sessions WHERE hash = ?`, before[:]); err != nil {
			return err
		}
		if err := addSession(ctx, tx, n); err != nil {
			return err
		}
		var oldest sql.NullInt64
		err := tx.QueryRowContext(ctx, `SELECT MAX(id) FROM (SELECT id FROM account_sessions WHERE account_id = ? ORDER BY id DESC LIMIT 1000000 OFFSET ?) AS surplus`,
			n.AccountID, maxSessions).Scan(&oldest)
		if err != nil || !oldest.Valid {
			return err
		}
		_, err = tx.ExecContext(ctx, `DELETE FROM account_sessions WHERE account_id = ? AND id <= ?`, n.AccountID, oldest.Int64)
		return err
	})
}

const sessionColumns = `SELECT id, account_id, hash, device, created_at, seen_at, expires_at FROM account_sessions `

func scanSession(scan func(...any) error) (n accounts.Session, err error) {
	var hash []byte
	err = scan(&n.ID, &n.AccountID, &hash, &n.Device, &n.CreatedAt, &n.SeenAt, &n.ExpiresAt)
	copy(n.Hash[:], hash)
	return n, err
}

// Find implements accounts.Sessions.
func (s Accounts) Find(ctx context.Context, hash [sha256.Size]byte, now time.Time, idle time.Duration) (n accounts.Session, err error) {
	err = s.do(ctx, "look for a session", func(ctx context.Context) error {
		n, err = scanSession(s.db.QueryRowContext(ctx, sessionColumns+`WHERE hash = ? AND expires_at > ? AND seen_at > ?`, hash[:], now, now.Add(-idle)).Scan)
		if err != nil || now.Sub(n.SeenAt) < seenEvery {
			return err
		}
		_, err := s.db.ExecContext(ctx, `UPDATE account_sessions SET seen_at = GREATEST(seen_at, ?) WHERE id = ?`, now, n.ID)
		return err
	})
	return n, err
}

// List implements accounts.Sessions.
func (s Accounts) List(ctx context.Context, account int64, now time.Time, idle time.Duration) (list []accounts.Session, err error) {
	err = s.do(ctx, "list sessions", func(ctx context.Context) error {
		list = []accounts.Session{}
		return mysql.EachRow(ctx, s.db, sessionColumns+`WHERE account_id = ? AND expires_at > ? AND seen_at > ? ORDER BY seen_at DESC, id DESC`,
			[]any{account, now, now.Add(-idle)}, func(rows *sql.Rows) error {
				n, err := scanSession(rows.Scan)
				list = append(list, n)
				return err
			})
	})
	return list, err
}

// End implements accounts.Sessions.
func (s Accounts) End(ctx context.Context, account, id int64) error {
	return s.do(ctx, "end a session", func(ctx context.Context) error {
		if id == 0 {
			_, err := s.db.ExecContext(ctx, `DELETE FROM account_sessions WHERE account_id = ?`, account)
			return err
		}
		result, err := s.db.ExecContext(ctx, `DELETE FROM account_sessions WHERE account_id = ? AND id = ?`, account, id)
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return sql.ErrNoRows
		}
		return nil
	})
}

// Prune implements accounts.Sessions. Nobody waits for it, so it asks without the guard.
func (s Accounts) Prune(ctx context.Context, now time.Time, idle time.Duration) error {
	for _, d := range []struct {
		statement string
		args      []any
	}{
		{`DELETE FROM account_codes WHERE expires_at <= ? LIMIT ?`, []any{now, pruneAccounts}},
		{`DELETE FROM account_sessions WHERE expires_at <= ? LIMIT ?`, []any{now, pruneAccounts}},
		{`DELETE FROM account_sessions WHERE seen_at <= ? LIMIT ?`, []any{now.Add(-idle), pruneAccounts}},
	} {
		if _, err := s.db.ExecContext(ctx, d.statement, d.args...); err != nil {
			return mysql.ReadError(err)
		}
	}
	return nil
}
