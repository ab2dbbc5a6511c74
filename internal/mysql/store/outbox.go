package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/mysql"
	"github.com/xunke/xunke/outbox"
)

// Outbox keeps jobs that are done after a request.
type Outbox struct{ db *sql.DB }

var _ outbox.Store = Outbox{}

// NewOutbox makes a store.
func NewOutbox(db *sql.DB) Outbox { return Outbox{db} }

// addJobs writes jobs, in the transaction that causes them.
func addJobs(ctx context.Context, to execer, jobs ...outbox.Job) error {
	for _, j := range jobs {
		_, err := to.ExecContext(ctx, `INSERT INTO outbox_jobs (kind, payload, created_at, due_at) VALUES (?, ?, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))`,
			j.Kind, string(j.Payload))
		if err != nil {
			return fmt.Errorf("write a job of %s: %w", j.Kind, mysql.ReadError(err))
		}
	}
	return nil
}

// Take implements outbox.Store. SKIP LOCKED lets each of many workers find jobs of its own.
func (s Outbox) Take(ctx context.Context, n int, lease time.Duration) (jobs []outbox.Job, err error) {
	err = mysql.Transact(ctx, s.db, sql.LevelReadCommitted, func(tx *sql.Tx) error {
		jobs = nil
		err := mysql.EachRow(ctx, tx, `SELECT id, kind, payload, attempts + 1 FROM outbox_jobs
			WHERE state = 'waiting' AND due_at <= UTC_TIMESTAMP(6) ORDER BY due_at LIMIT ? FOR UPDATE SKIP LOCKED`, []any{n}, func(rows *sql.Rows) error {
			var j outbox.Job
			var payload []byte
			if err := rows.Scan(&j.ID, &j.Kind, &payload, &j.Attempts); err != nil {
				return err
			}
			j.Payload = payload
			jobs = append(jobs, j)
			return nil
		})
		if err != nil || len(jobs) == 0 {
			return err
		}
		ids := make([]int64, len(jobs))
		for i, j := range jobs {
			ids[i] = j.ID
		}
		marks, args := mysql.Placeholders(ids)
		_, err = tx.ExecContext(ctx, `UPDATE outbox_jobs SET attempts = attempts + 1, due_at = UTC_TIMESTAMP(6) + INTERVAL ? SECOND WHERE id IN (`+marks+`)`,
			append([]any{lease.Seconds()}, args...)...)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("take jobs: %w", mysql.ReadError(err))
	}
	return jobs, nil
}

// Finish implements outbox.Store.
func (s Outbox) Finish(ctx context.Context, j outbox.Job) error {
	return s.change(ctx, "finish", `DELETE FROM outbox_jobs WHERE id = ? AND attempts = ? AND state = 'waiting'`, j.ID, j.Attempts)
}

// Retry implements outbox.Store.
func (s Outbox) Retry(ctx context.Context, j outbox.Job, after time.Duration, reason string) error {
	return s.change(ctx, "put off", `UPDATE outbox_jobs SET due_at = UTC_TIMESTAMP(6) + INTERVAL ? SECOND, reason = LEFT(?, 500)
		WHERE id = ? AND attempts = ? AND state = 'waiting'`, after.Seconds(), reason, j.ID, j.Attempts)
}

// Bury implements outbox.Store.
func (s Outbox) Bury(ctx context.Context, j outbox.Job, reason string) error {
	return s.change(ctx, "bury", `UPDATE outbox_jobs SET state = 'dead', reason = LEFT(?, 500) WHERE id = ? AND attempts = ? AND state = 'waiting'`,
		reason, j.ID, j.Attempts)
}

func (s Outbox) change(ctx context.Context, what, statement string, args ...any) error {
	if _, err := s.db.ExecContext(ctx, statement, args...); err != nil {
		return fmt.Errorf("%s a job: %w", what, mysql.ReadError(err))
	}
	return nil
}

// Backlog implements outbox.Store.
func (s Outbox) Backlog(ctx context.Context) (b outbox.Backlog, err error) {
	var overdue float64
	err = s.db.QueryRowContext(ctx, `SELECT COUNT(IF(state = 'waiting', 1, NULL)), COUNT(IF(state = 'dead', 1, NULL)),
		COALESCE(GREATEST(0, TIMESTAMPDIFF(MICROSECOND, MIN(IF(state = 'waiting', due_at, NULL)), UTC_TIMESTAMP(6))), 0) / 1e6 FROM outbox_jobs`).
		Scan(&b.Waiting, &b.Dead, &overdue)
	if err != nil {
		return b, fmt.Errorf("count jobs: %w", mysql.ReadError(err))
	}
	b.Overdue = time.Duration(overdue * float64(time.Second))
	return b, nil
}

// JobRow is a job as commands show it. The payload is that of outbox.Mask.
type JobRow struct {
	ID        int64     `json:"id"`
	Kind      string    `json:"kind"`
	State     string    `json:"state"`
	Attempts  int       `json:"attempts"`
	CreatedAt time.Time `json:"created_at"`
	DueAt     time.Time `json:"due_at"`
	Reason    string    `json:"reason"`
	Payload   jsonText  `json:"payload"`
}

// jsonText is JSON that is printed as it is.
type jsonText []byte

// MarshalJSON implements json.Marshaler.
func (t jsonText) MarshalJSON() ([]byte, error) { return t, nil }

// List returns jobs, those that are due first; dead says which.
func (s Outbox) List(ctx context.Context, dead bool, limit int) ([]JobRow, error) {
	state := "waiting"
	if dead {
		state = "dead"
	}
	return s.rows(ctx, `WHERE state = ? ORDER BY due_at, id LIMIT ?`, state, limit)
}

// Job returns one job; CodeNotFound.
func (s Outbox) Job(ctx context.Context, id int64) (JobRow, error) {
	list, err := s.rows(ctx, `WHERE id = ?`, id)
	if err == nil && len(list) == 0 {
		err = noJob(id)
	}
	if err != nil {
		return JobRow{}, err
	}
	return list[0], nil
}

func noJob(id int64) error {
	return &catalog.Error{Code: catalog.CodeNotFound, Message: fmt.Sprintf("there is no job %d: what is done is gone", id)}
}

func (s Outbox) rows(ctx context.Context, end string, args ...any) ([]JobRow, error) {
	list := []JobRow{}
	err := mysql.EachRow(ctx, s.db, `SELECT id, kind, state, attempts, created_at, due_at, reason, payload FROM outbox_jobs `+end, args, func(rows *sql.Rows) error {
		var r JobRow
		var payload []byte
		if err := rows.Scan(&r.ID, &r.Kind, &r.State, &r.Attempts, &r.CreatedAt, &r.DueAt, &r.Reason, &payload); err != nil {
			return err
		}
		r.Payload = jsonText(outbox.Mask(payload))
		list = append(list, r)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list jobs: %w", mysql.ReadError(err))
	}
	return list, nil
}

// Revive has jobs tried again at once, dead or not; without an id all that are dead. It
// returns how many; CodeNotFound for an id that is not there.
func (s Outbox) Revive(ctx context.Context, id int64) (int64, error) {
	return s.settle(ctx, id, `UPDATE outbox_jobs SET state = 'waiting', attempts = 0, due_at = UTC_TIMESTAMP(6)`)
}

// Drop forgets jobs; without an id all that are dead. It returns how many; CodeNotFound for
// an id that is not there.
func (s Outbox) Drop(ctx context.Context, id int64) (int64, error) {
	return s.settle(ctx, id, `DELETE FROM outbox_jobs`)
}

func (s Outbox) settle(ctx context.Context, id int64, statement string) (int64, error) {
	where, args := " WHERE state = 'dead'", []any{}
	if id != 0 {
		where, args = " WHERE id = ?", []any{id}
	}
	result, err := s.db.ExecContext(ctx, statement+where, args...)
	if err != nil {
		return 0, fmt.Errorf("change jobs: %w", mysql.ReadError(err))
	}
	n, err := result.RowsAffected()
	if err == nil && n == 0 && id != 0 {
		err = noJob(id)
	}
	return n, err
}
