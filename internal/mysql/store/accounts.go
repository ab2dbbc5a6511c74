package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/xunke/xunke/accounts"
	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/mysql"
	"github.com/xunke/xunke/outbox"
)

// guarded is a database of which visitors ask.
type guarded struct {
	db    *sql.DB
	guard *mysql.Guard // nil: everything is let through
}

// Accounts keeps learners, their sessions and codes.
type Accounts struct{ guarded }

var _ accounts.Store = Accounts{}

// NewAccounts makes a store. All of it is read from where it is written: a replica may not
// have it yet.
func NewAccounts(db *sql.DB) Accounts { return Accounts{guarded{db: db}} }

// WithGuard has visitors' calls go through a guard.
func (s Accounts) WithGuard(g *mysql.Guard) Accounts {
	s.guard = g
	return s
}

// errNone is the answer for what is not there, whatever it is.
func errNone() error {
	return &catalog.Error{Code: catalog.CodeNotFound, Message: "there is no such thing"}
}

// errNoAccount is for who is logged in to an account that was deleted just now.
func errNoAccount() error {
	return &catalog.Error{Code: catalog.CodeLogin, Message: "this account is not there any more"}
}

// do makes a call and names what it was for. Nothing that was asked with is in the error.
func (s guarded) do(ctx context.Context, what string, call func(ctx context.Context) error) error {
	return s.guard.Do(ctx, func(ctx context.Context) error {
		err := call(ctx)
		switch {
		case err == nil, isAnswer(err):
			return err
		case errors.Is(err, sql.ErrNoRows):
			return errNone()
		default:
			return fmt.Errorf("%s: %w", what, mysql.ReadError(err))
		}
	})
}

// isAnswer says whether an error is what somebody is to be told.
func isAnswer(err error) bool {
	switch catalog.CodeOf(err) {
	case catalog.CodeNotFound, catalog.CodeConflict, catalog.CodeLogin:
		return true
	default:
		return false
	}
}

// change does something in a transaction.
func (s guarded) change(ctx context.Context, what string, change func(ctx context.Context, tx *sql.Tx) error) error {
	return s.do(ctx, what, func(ctx context.Context) error {
		return mysql.Transact(ctx, s.db, sql.LevelReadCommitted, func(tx *sql.Tx) error { return change(ctx, tx) })
	})
}

const accountColumns = `SELECT id, email, email_key, password, nickname, language, created_at FROM accounts `

func (s Accounts) account(ctx context.Context, where string, args ...any) (a accounts.Account, err error) {
	err = s.do(ctx, "read an account", func(ctx context.Context) error {
		return s.db.QueryRowContext(ctx, accountColumns+where, args...).
			Scan(&a.ID, &a.Email.Address, &a.Email.Key, &a.Password, &a.Nickname, &a.Language, &a.CreatedAt)
	})
	return a, err
}

// ByEmail implements accounts.People.
func (s Accounts) ByEmail(ctx context.Context, key string) (accounts.Account, error) {
	return s.account(ctx, `WHERE email_key = ?`, key)
}

// ByID implements accounts.People.
func (s Accounts) ByID(ctx context.Context, id int64) (accounts.Account, error) {
	return s.account(ctx, `WHERE id = ?`, id)
}

// Rehash implements accounts.People.
func (s Accounts) Rehash(ctx context.Context, id int64, before, after string) error {
	return s.do(ctx, "keep a better hash", func(ctx context.Context) error {
		_, err := s.db.ExecContext(ctx, `UPDATE accounts SET password = ? WHERE id = ? AND password = ?`, after, id, before)
		return err
	})
}

// ChangePassword implements accounts.People.
func (s Accounts) ChangePassword(ctx context.Context, id int64, hash string, begin accounts.Session, job outbox.Job) error {
	return s.change(ctx, "change a password", func(ctx context.Context, tx *sql.Tx) error {
		if err := setPassword(ctx, tx, id, hash); err != nil {
			return err
		}
		if err := addSession(ctx, tx, begin); err != nil {
			return err
		}
		return addJobs(ctx, tx, job)
	})
}

// setPassword changes a password and ends all that the one before has opened.
func setPassword(ctx context.Context, tx *sql.Tx, id int64, hash string) error {
	var one int // the row is locked first, so that who comes at the same time waits here
	if err := tx.QueryRowContext(ctx, `SELECT 1 FROM accounts WHERE id = ? FOR UPDATE`, id).Scan(&one); err != nil {
		return err
	}
	for _, statement := range []string{
		`DELETE FROM account_sessions WHERE account_id = ?`,
		`DELETE FROM account_codes WHERE account_id = ?`,
	} {
		if _, err := tx.ExecContext(ctx, statement, id); err != nil {
			return err
		}
	}
	_, err := tx.ExecContext(ctx, `UPDATE accounts SET password = ? WHERE id = ?`, hash, id)
	return err
}

// Queue implements accounts.People.
func (s Accounts) Queue(ctx context.Context, job outbox.Job) error {
	return s.do(ctx, "queue a mail", func(ctx context.Context) error { return addJobs(ctx, s.db, job) })
}

// AddCode implements accounts.Codes.
func (s Accounts) AddCode(ctx context.Context, c accounts.Code) error {
	return s.do(ctx, "keep a code", func(ctx context.Context) error {
		_, err := s.db.ExecContext(ctx, `INSERT INTO account_codes (hash, purpose, account_id, email, email_key, password, nickname, language, expires_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`, c.Hash[:], c.Purpose, c.AccountID, c.Email.Address, c.Email.Key, c.Password, c.Nickname, c.Language, c.ExpiresAt)
		return err
	})
}

const codeColumns = `SELECT account_id, email, email_key, password, nickname, language FROM account_codes WHERE hash = ? AND purpose = ? AND expires_at > ?`

type queryRower interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

func readCode(ctx context.Context, from queryRower, end string, hash [sha256.Size]byte, p accounts.Purpose, now time.Time) (accounts.Code, error) {
	c := accounts.Code{Hash: hash, Purpose: p}
	err := from.QueryRowContext(ctx, codeColumns+end, hash[:], p, now).
		Scan(&c.AccountID, &c.Email.Address, &c.Email.Key, &c.Password, &c.Nickname, &c.Language)
	return c, err
}

// Code implements accounts.Codes.
func (s Accounts) Code(ctx context.Context, hash [sha256.Size]byte, p accounts.Purpose, now time.Time) (c accounts.Code, err error) {
	err = s.do(ctx, "look for a code", func(ctx context.Context) error {
		c, err = readCode(ctx, s.db, "", hash, p, now)
		return err
	})
	return c, err
}

// Activate implements accounts.Codes. Of two codes of one address that are used at the same
// time, the unique key lets one make the account.
func (s Accounts) Activate(ctx context.Context, hash [sha256.Size]byte, now time.Time) (a accounts.Account, err error) {
	err = s.change(ctx, "activate an account", func(ctx context.Context, tx *sql.Tx) error {
		c, err := readCode(ctx, tx, " FOR UPDATE", hash, accounts.Activate, now)
		if err != nil {
			return err
		}
		a = accounts.Account{Email: c.Email, Password: c.Password, Nickname: c.Nickname, Language: c.Language, CreatedAt: now}
		result, err := tx.ExecContext(ctx, `INSERT INTO accounts (email, email_key, password, nickname, language, created_at) VALUES (?, ?, ?, ?, ?, ?)`,
			a.Email.Address, a.Email.Key, a.Password, a.Nickname, a.Language, now)
		if mysql.IsServerError(err, mysql.ErrnoDuplicate) {
			return errNone() // another code has made it; this one goes with the others
		} else if err != nil {
			return err
		}
		if a.ID, err = result.LastInsertId(); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `DELETE FROM account_codes WHERE email_key = ?`, c.Email.Key)
		return err
	})
	return a, err
}

// Reset implements accounts.Codes.
func (s Accounts) Reset(ctx context.Context, hash [sha256.Size]byte, password string, now time.Time, job outbox.Job) error {
	return s.change(ctx, "reset a password", func(ctx context.Context, tx *sql.Tx) error {
		c, err := readCode(ctx, tx, " FOR UPDATE", hash, accounts.Reset, now)
		if err != nil {
			return err
		}
		if err := setPassword(ctx, tx, c.AccountID, password); err != nil {
			return err
		}
		return addJobs(ctx, tx, job)
	})
}
