package store

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/consultations"
	"github.com/xunke/xunke/internal/mysql"
)

// What the audit has, as its column action does.
const (
	actionList   = "list"
	actionFinish = "finish"
	actionExport = "export"
	actionErase  = "erase"
	actionClean  = "clean"
)

const (
	// pruneConsultations is how many consultations one statement deletes.
	pruneConsultations = 1000
	// maxAuditIDs is how long the list of ids in a row of the audit may be.
	maxAuditIDs = 1000
	// auditLife is how long the audit is kept.
	auditLife = 2 * 365 * 24 * time.Hour
)

// AuditRow is one thing that was done with consultations.
type AuditRow struct {
	At     time.Time `json:"at"`
	Who    string    `json:"who"`
	Action string    `json:"action"`
	Number int64     `json:"number"`
	IDs    string    `json:"ids"` // the first of them
}

// execer is a database or a transaction.
type execer interface {
	ExecContext(ctx context.Context, statement string, args ...any) (sql.Result, error)
}

// note writes a row of the audit. What cannot be noted has failed: nobody reads without a trace.
func (s Consultations) note(ctx context.Context, to execer, action string, ids []int64) error {
	if len(ids) == 0 && action != actionExport && action != actionErase {
		return nil // nothing was read
	}
	var list strings.Builder
	for _, id := range ids {
		next := strconv.FormatInt(id, 10)
		if list.Len()+len(next)+1 > maxAuditIDs {
			break
		}
		if list.Len() > 0 {
			list.WriteByte(' ')
		}
		list.WriteString(next)
	}
	_, err := to.ExecContext(ctx, `INSERT INTO consultation_audit (at, who, action, number, ids) VALUES (UTC_TIMESTAMP(6), LEFT(?, 100), ?, ?, ?)`,
		s.who, action, len(ids), list.String())
	if err != nil {
		return fmt.Errorf("note in the audit of consultations: %w", mysql.ReadError(err))
	}
	return nil
}

func idsOf(list []consultations.Consultation) []int64 {
	ids := make([]int64, len(list))
	for i, c := range list {
		ids[i] = c.ID
	}
	return ids
}

// Export returns all that is kept of who has a number, in the form of E.164, oldest first.
func (s Consultations) Export(ctx context.Context, mobile string) ([]consultations.Consultation, error) {
	list, err := s.read(ctx, s.db, "WHERE mobile = ? ORDER BY id", mobile)
	if err != nil {
		return nil, err
	}
	return list, s.note(ctx, s.db, actionExport, idsOf(list))
}

// Erase deletes all that is kept of who has a number, and returns how many consultations
// that was.
func (s Consultations) Erase(ctx context.Context, mobile string) (number int, err error) {
	err = mysql.Transact(ctx, s.db, sql.LevelDefault, func(tx *sql.Tx) error {
		list, err := s.read(ctx, tx, "WHERE mobile = ? ORDER BY id FOR UPDATE", mobile)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM consultations WHERE mobile = ?`, mobile); err != nil {
			return fmt.Errorf("erase consultations: %w", mysql.ReadError(err))
		}
		number = len(list)
		return s.note(ctx, tx, actionErase, idsOf(list))
	})
	return number, err
}

// Audit returns what was done with consultations, the latest first.
func (s Consultations) Audit(ctx context.Context, limit int) ([]AuditRow, error) {
	list := []AuditRow{}
	err := mysql.EachRow(ctx, s.db, `SELECT at, who, action, number, ids FROM consultation_audit ORDER BY id DESC LIMIT ?`, []any{limit}, func(rows *sql.Rows) error {
		var r AuditRow
		if err := rows.Scan(&r.At, &r.Who, &r.Action, &r.Number, &r.IDs); err != nil {
			return err
		}
		list = append(list, r)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the audit of consultations: %w", mysql.ReadError(err))
	}
	return list, nil
}

// Forced deletes old consultations however many days they are of.
func (s Consultations) Forced() Consultations {
	s.forced = true
	return s
}

var _ consultations.Pruner = Consultations{}

// Prune implements consultations.Pruner, by MySQL's clock: that of a process that serves
// pages decides nothing.
func (s Consultations) Prune(ctx context.Context, keep time.Duration) (more bool, err error) {
	var before time.Time
	var days sql.NullInt64
	err = s.db.QueryRowContext(ctx, `SELECT DATE(UTC_TIMESTAMP() - INTERVAL ? SECOND), DATEDIFF(UTC_TIMESTAMP() - INTERVAL ? SECOND, (SELECT MIN(day) FROM consultations))`,
		int64(keep.Seconds()), int64(keep.Seconds())).Scan(&before, &days)
	if err != nil {
		return false, fmt.Errorf("look for old consultations: %w", mysql.ReadError(err))
	}
	if days.Int64 > consultations.MaxCut && !s.forced {
		return false, &catalog.Error{
			Code:    catalog.CodeInvalid,
			Message: fmt.Sprintf("%d days of consultations are from before %s, more than %d at once: has a clock jumped?", days.Int64, before.Format(time.DateOnly), consultations.MaxCut),
			Hint:    "compare SELECT UTC_TIMESTAMP() with the time; if it is right, run: xunke consultations clean",
		}
	}
	var ids []int64
	err = mysql.Transact(ctx, s.db, sql.LevelDefault, func(tx *sql.Tx) error {
		list, err := s.read(ctx, tx, "WHERE day < ? ORDER BY id LIMIT ? FOR UPDATE", before.Format(time.DateOnly), pruneConsultations)
		if err != nil || len(list) == 0 {
			return err
		}
		ids = idsOf(list)
		marks, args := mysql.Placeholders(ids)
		if _, err := tx.ExecContext(ctx, `DELETE FROM consultations WHERE id IN (`+marks+`)`, args...); err != nil {
			return fmt.Errorf("delete old consultations: %w", mysql.ReadError(err))
		}
		return s.note(ctx, tx, actionClean, ids)
	})
	if err != nil {
		return false, err
	}
	_, err = s.db.ExecContext(ctx, `DELETE FROM consultation_audit WHERE at < UTC_TIMESTAMP() - INTERVAL ? SECOND LIMIT ?`, int64(auditLife.Seconds()), pruneConsultations)
	if err != nil {
		return false, fmt.Errorf("prune the audit of consultations: %w", mysql.ReadError(err))
	}
	return len(ids) == pruneConsultations, nil
}
