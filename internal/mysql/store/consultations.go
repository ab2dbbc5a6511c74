package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/consultations"
	"github.com/xunke/xunke/internal/mysql"
)

// Consultations keeps who wants to be called back.
type Consultations struct {
	db     *sql.DB
	guard  *mysql.Guard // of what visitors wait for
	who    string       // reads and changes, as the audit has it
	forced bool         // deletes as many as are old, however many days they are of
}

var _ consultations.Store = Consultations{}

// NewConsultations makes a store.
func NewConsultations(db *sql.DB) Consultations { return Consultations{db: db, who: "xunke"} }

// As has what is read and changed written to the audit under a name.
func (s Consultations) As(who string) Consultations {
	s.who = who
	return s
}

// WithGuard has visitors' calls go through a guard.
func (s Consultations) WithGuard(g *mysql.Guard) Consultations {
	s.guard = g
	return s
}

// CourseName implements consultations.Store.
func (s Consultations) CourseName(ctx context.Context, id int64) (name string, err error) {
	err = s.guard.Do(ctx, func(ctx context.Context) error {
		err := s.db.QueryRowContext(ctx, `SELECT name FROM courses WHERE id = ? AND NOT hidden`, id).Scan(&name)
		return itemError(err, catalog.KindCourse, id)
	})
	return name, err
}

// Add implements consultations.Store.
func (s Consultations) Add(ctx context.Context, c consultations.Consultation) error {
	at := c.AskedAt.UTC()
	return s.guard.Do(ctx, func(ctx context.Context) error {
		_, err := s.db.ExecContext(ctx, `INSERT INTO consultations (day, name, mobile, course_id, course, asked_at)
			VALUES (?, ?, ?, ?, LEFT(?, 200), ?) ON DUPLICATE KEY UPDATE id = id`,
			at.Format(time.DateOnly), c.Name, c.Mobile, c.CourseID, c.Course, at)
		if err != nil {
			return fmt.Errorf("keep a consultation: %w", mysql.ReadError(err))
		}
		return nil
	})
}

// List returns the consultations that wait for a call, oldest first, or those that are
// done, newest first; total is how many there are. The audit says that they were read.
func (s Consultations) List(ctx context.Context, done bool, limit int) (list []consultations.Consultation, total int64, err error) {
	where, order := "done_at IS NULL", "id"
	if done {
		where, order = "done_at IS NOT NULL", "done_at DESC, id DESC"
	}
	if err := s.db.QueryRowContext(ctx, "SELECT COUNT(*) FROM consultations WHERE "+where).Scan(&total); err != nil {
		return nil, 0, fmt.Errorf("count consultations: %w", mysql.ReadError(err))
	}
	if list, err = s.read(ctx, s.db, "WHERE "+where+" ORDER BY "+order+" LIMIT ?", limit); err != nil {
		return nil, 0, err
	}
	return list, total, s.note(ctx, s.db, actionList, idsOf(list))
}

// read reads the rows that the end of a statement asks for.
func (s Consultations) read(ctx context.Context, from mysql.Querier, end string, args ...any) ([]consultations.Consultation, error) {
	list := []consultations.Consultation{}
	err := mysql.EachRow(ctx, from, "SELECT id, name, mobile, course_id, course, asked_at, done_at FROM consultations "+end, args, func(rows *sql.Rows) error {
		var c consultations.Consultation
		if err := rows.Scan(&c.ID, &c.Name, &c.Mobile, &c.CourseID, &c.Course, &c.AskedAt, &c.DoneAt); err != nil {
			return err
		}
		list = append(list, c)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list consultations: %w", mysql.ReadError(err))
	}
	return list, nil
}

// Finish notes that a consultation is done; CodeNotFound.
func (s Consultations) Finish(ctx context.Context, id int64, at time.Time) error {
	result, err := s.db.ExecContext(ctx, `UPDATE consultations SET done_at = ? WHERE id = ? AND done_at IS NULL`, at.UTC(), id)
	if err != nil {
		return fmt.Errorf("finish consultation %d: %w", id, mysql.ReadError(err))
	}
	if n, err := result.RowsAffected(); err != nil {
		return err
	} else if n > 0 {
		return s.note(ctx, s.db, actionFinish, []int64{id})
	}
	var one int // one that was done before stays as it is
	err = s.db.QueryRowContext(ctx, `SELECT 1 FROM consultations WHERE id = ?`, id).Scan(&one)
	if errors.Is(err, sql.ErrNoRows) {
		return &catalog.Error{Code: catalog.CodeNotFound, Message: fmt.Sprintf("there is no consultation %d", id)}
	}
	return mysql.ReadError(err)
}
