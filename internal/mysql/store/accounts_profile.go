package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"time"

	"github.com/xunke/xunke/accounts"
	"github.com/xunke/xunke/internal/mysql"
	"github.com/xunke/xunke/outbox"
)

// Profile implements accounts.Profiles.
func (s Accounts) Profile(ctx context.Context, id int64) (p accounts.Profile, err error) {
	err = s.do(ctx, "read a profile", func(ctx context.Context) error {
		var birthday sql.NullTime
		err := s.db.QueryRowContext(ctx, `SELECT id, email, nickname, birthday, gender, city, language, created_at FROM accounts WHERE id = ?`, id).
			Scan(&p.ID, &p.Email, &p.Nickname, &birthday, &p.Gender, &p.City, &p.Language, &p.CreatedAt)
		if birthday.Valid {
			p.Birthday = birthday.Time.Format(time.DateOnly)
		}
		return err
	})
	return p, err
}

// ChangeProfile implements accounts.Profiles. One statement: of two changes at the same time
// each keeps its own fields.
func (s Accounts) ChangeProfile(ctx context.Context, id int64, c accounts.Change) error {
	return s.do(ctx, "change a profile", func(ctx context.Context) error {
		_, err := s.db.ExecContext(ctx, `UPDATE accounts SET nickname = COALESCE(?, nickname), birthday = IF(? IS NULL, birthday, NULLIF(?, '')),
			gender = COALESCE(?, gender), city = COALESCE(?, city), language = COALESCE(?, language) WHERE id = ?`,
			c.Nickname, c.Birthday, c.Birthday, c.Gender, c.City, c.Language, id)
		return err
	})
}

// ChangeEmail implements accounts.Profiles.
func (s Accounts) ChangeEmail(ctx context.Context, hash [sha256.Size]byte, now time.Time, job func(accounts.Email, accounts.Language) (outbox.Job, error)) error {
	return s.change(ctx, "change an address", func(ctx context.Context, tx *sql.Tx) error {
		c, err := readCode(ctx, tx, " FOR UPDATE", hash, accounts.NewEmail, now)
		if err != nil {
			return err
		}
		var before accounts.Email
		var language accounts.Language
		err = tx.QueryRowContext(ctx, `SELECT email, email_key, language FROM accounts WHERE id = ? FOR UPDATE`, c.AccountID).
			Scan(&before.Address, &before.Key, &language)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE accounts SET email = ?, email_key = ? WHERE id = ?`, c.Email.Address, c.Email.Key, c.AccountID)
		if mysql.IsServerError(err, mysql.ErrnoDuplicate) {
			return errNone() // somebody has registered with it meanwhile
		} else if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM account_codes WHERE account_id = ? OR email_key = ?`, c.AccountID, c.Email.Key); err != nil {
			return err
		}
		notice, err := job(before, language)
		if err != nil {
			return err
		}
		return addJobs(ctx, tx, notice)
	})
}

// Delete implements accounts.Profiles.
func (s Accounts) Delete(ctx context.Context, id int64, password string, jobs ...outbox.Job) error {
	return s.change(ctx, "delete an account", func(ctx context.Context, tx *sql.Tx) error {
		var key string
		if err := tx.QueryRowContext(ctx, `SELECT email_key FROM accounts WHERE id = ? AND password = ? FOR UPDATE`, id, password).Scan(&key); err != nil {
			return err
		}
		for _, d := range []struct {
			statement string
			arg       any
		}{
			{`DELETE FROM account_sessions WHERE account_id = ?`, id},
			{`DELETE FROM account_codes WHERE email_key = ?`, key},
			{`DELETE FROM account_codes WHERE account_id = ?`, id},
			{`DELETE FROM accounts WHERE id = ?`, id},
		} {
			if _, err := tx.ExecContext(ctx, d.statement, d.arg); err != nil {
				return err
			}
		}
		return addJobs(ctx, tx, jobs...)
	})
}
