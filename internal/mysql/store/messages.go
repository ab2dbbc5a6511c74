package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/mysql"
	"github.com/xunke/xunke/messages"
	"github.com/xunke/xunke/outbox"
)

// Messages keeps what learners are told. A message is one row however many get it; each of them
// has a row that says so.
type Messages struct{ guarded }

var _ messages.Store = Messages{}

// NewMessages makes a store. It reads where it writes: a replica may not have it yet.
func NewMessages(db *sql.DB) Messages { return Messages{guarded{db: db}} }

// WithGuard has visitors' calls go through a guard.
func (s Messages) WithGuard(g *mysql.Guard) Messages {
	s.guard = g
	return s
}

// List implements messages.Store.
func (s Messages) List(ctx context.Context, account int64, p catalog.Page) (list messages.MessageList, language string, err error) {
	err = s.do(ctx, "list messages", func(ctx context.Context) error {
		list = messages.MessageList{Hits: []messages.Message{}}
		err := s.db.QueryRowContext(ctx, `SELECT a.language, (SELECT COUNT(*) FROM message_recipients WHERE account_id = a.id),
			(SELECT COUNT(*) FROM message_recipients WHERE account_id = a.id AND read_at IS NULL) FROM accounts a WHERE a.id = ?`, account).
			Scan(&language, &list.Total, &list.Unread)
		if errors.Is(err, sql.ErrNoRows) {
			return errNoAccount()
		} else if err != nil {
			return err
		}
		return mysql.EachRow(ctx, s.db, `SELECT m.id, m.kind, m.subject, m.text, m.created_at, r.read_at IS NOT NULL, c.id, c.name FROM message_recipients r
			JOIN messages m ON m.id = r.message_id LEFT JOIN courses c ON c.id = m.course_id AND NOT c.hidden
			WHERE r.account_id = ? ORDER BY r.message_id DESC LIMIT ? OFFSET ?`, []any{account, p.Limit, p.Offset}, func(rows *sql.Rows) error {
			var m messages.Message
			var course nullableRef
			err := rows.Scan(&m.ID, &m.Kind, &m.Subject, &m.Text, &m.SentAt, &m.Read, &course.id, &course.name)
			m.Course = course.ref()
			list.Hits = append(list.Hits, m)
			return err
		})
	})
	return list, language, err
}

// Read implements messages.Store.
func (s Messages) Read(ctx context.Context, account, id int64, now time.Time) error {
	return s.do(ctx, "note that a message was read", func(ctx context.Context) error {
		if id == 0 {
			_, err := s.db.ExecContext(ctx, `UPDATE message_recipients SET read_at = ? WHERE account_id = ? AND read_at IS NULL`, now, account)
			return err
		}
		var read bool
		if err := s.db.QueryRowContext(ctx, `SELECT read_at IS NOT NULL FROM message_recipients WHERE account_id = ? AND message_id = ?`, account, id).Scan(&read); err != nil || read {
			return err
		}
		_, err := s.db.ExecContext(ctx, `UPDATE message_recipients SET read_at = ? WHERE account_id = ? AND message_id = ? AND read_at IS NULL`, now, account, id)
		return err
	})
}

// Delete implements messages.Store.
func (s Messages) Delete(ctx context.Context, account, id int64) error {
	return s.do(ctx, "delete a message", func(ctx context.Context) error {
		if id == 0 {
			_, err := s.db.ExecContext(ctx, `DELETE FROM message_recipients WHERE account_id = ?`, account)
			return err
		}
		return mustChange(s.db.ExecContext(ctx, `DELETE FROM message_recipients WHERE account_id = ? AND message_id = ?`, account, id))
	})
}

// Erase implements messages.Store.
func (s Messages) Erase(ctx context.Context, account int64) error { return s.Delete(ctx, account, 0) }

// addMessage keeps a message that nobody gets yet.
func addMessage(ctx context.Context, tx *sql.Tx, kind messages.Kind, subject, text string, course int64, now time.Time) (int64, error) {
	result, err := tx.ExecContext(ctx, `INSERT INTO messages (kind, subject, text, course_id, created_at) VALUES (?, ?, ?, ?, ?)`, kind, subject, text, course, now)
	if err != nil {
		return 0, err
	}
	return result.LastInsertId()
}

// tell sends one learner a message of the site about a course.
func tell(ctx context.Context, tx *sql.Tx, account int64, kind messages.Kind, course int64, now time.Time) error {
	id, err := addMessage(ctx, tx, kind, "", "", course, now)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO message_recipients (account_id, message_id) SELECT id, ? FROM accounts WHERE id = ?`, id, account)
	return err
}

// Send implements messages.Store.
func (s Messages) Send(ctx context.Context, m messages.Message, to messages.Audience, job func(message int64) (outbox.Job, error), now time.Time) error {
	return s.change(ctx, "send a message", func(ctx context.Context, tx *sql.Tx) error {
		if to.Course != 0 {
			if err := mustBeVisible(ctx, tx, to.Course); err != nil {
				return err
			}
		}
		if to.Account != 0 {
			if err := lockAccount(ctx, tx, to.Account); catalog.CodeOf(err) == catalog.CodeLogin {
				return errNone()
			} else if err != nil {
				return err
			}
		}
		id, err := addMessage(ctx, tx, m.Kind, m.Subject, m.Text, to.Course, now)
		if err != nil {
			return err
		}
		j, err := job(id)
		if err != nil {
			return err
		}
		return addJobs(ctx, tx, j)
	})
}

// fanOutRows is how many get a message in one transaction.
const fanOutRows = 5000

// FanOut implements messages.Store. Accounts are locked for reading, so that none is told anything
// that is deleted at the same time.
func (s Messages) FanOut(ctx context.Context, message int64, to messages.Audience, after int64) (last int64, err error) {
	from, args := `accounts a WHERE a.id > ?`, []any{after}
	switch {
	case to.Account != 0:
		from, args = from+` AND a.id = ?`, append(args, to.Account)
	case to.Course != 0:
		from, args = `enrolments e JOIN accounts a ON a.id = e.learner_id WHERE a.id > ? AND e.course_id = ?`, append(args, to.Course)
	case to.Likes != 0:
		from, args = `favorites f JOIN accounts a ON a.id = f.account_id WHERE a.id > ? AND f.kind = 'course' AND f.item_id = ?`, append(args, to.Likes)
	case !to.All:
		return 0, outbox.Permanent(fmt.Errorf("message %d has no audience", message))
	}
	err = s.change(ctx, "give a message to its audience", func(ctx context.Context, tx *sql.Tx) error {
		last = 0
		var ids []any
		err := mysql.EachRow(ctx, tx, `SELECT a.id FROM `+from+` ORDER BY a.id LIMIT ? FOR SHARE OF a`, append(args, fanOutRows), func(rows *sql.Rows) error {
			var id int64
			err := rows.Scan(&id)
			ids = append(ids, id, message)
			return err
		})
		if err != nil || len(ids) == 0 {
			return err
		}
		if len(ids) == 2*fanOutRows {
			last = ids[len(ids)-2].(int64)
		}
		_, err = tx.ExecContext(ctx, `INSERT IGNORE INTO message_recipients (account_id, message_id) VALUES `+mysql.RowMarks(2, len(ids)/2), ids...)
		return err
	})
	return last, err
}

// Queue implements messages.Store.
func (s Messages) Queue(ctx context.Context, job outbox.Job) error {
	return s.do(ctx, "queue a job", func(ctx context.Context) error { return addJobs(ctx, s.db, job) })
}

// announceRows is how many new lessons are looked at in one transaction.
const announceRows = 10_000

// Announce implements messages.Store. A transaction that adds lessons may commit after a later one, whose
// ids are higher: announced is what was there when somebody looked before, half a minute ago or more.
func (s Messages) Announce(ctx context.Context, job func(message, course int64) (outbox.Job, error), now time.Time) error {
	return s.change(ctx, "announce new lessons", func(ctx context.Context, tx *sql.Tx) error {
		var last, seen int64
		var again bool
		if err := tx.QueryRowContext(ctx, `SELECT last_id, seen_id, seen_at <= UTC_TIMESTAMP(3) - INTERVAL 30 SECOND FROM announced_lessons WHERE one = 1 FOR UPDATE`).
			Scan(&last, &seen, &again); err != nil || !again {
			return err
		}
		liked, last, err := newLessons(ctx, tx, last, seen)
		if err != nil {
			return err
		}
		for _, course := range liked {
			id, err := addMessage(ctx, tx, messages.NewLessons, "", "", course, now)
			if err != nil {
				return err
			}
			j, err := job(id, course)
			if err != nil {
				return err
			}
			if err := addJobs(ctx, tx, j); err != nil {
				return err
			}
		}
		_, err = tx.ExecContext(ctx, `UPDATE announced_lessons SET last_id = ?, seen_id = (SELECT COALESCE(MAX(id), 0) FROM lessons), seen_at = UTC_TIMESTAMP(3) WHERE one = 1`, last)
		return err
	})
}

// newLessons are the visible courses that somebody likes and that have lessons after one id, up to
// another, and the last lesson that was looked at.
func newLessons(ctx context.Context, tx *sql.Tx, after, upTo int64) (liked []int64, last int64, err error) {
	last = after
	err = mysql.EachRow(ctx, tx, `SELECT l.course_id, MAX(l.id), MAX(NOT c.hidden AND EXISTS (SELECT 1 FROM favorites f WHERE f.kind = 'course' AND f.item_id = l.course_id))
		FROM (SELECT id, course_id FROM lessons WHERE id > ? AND id <= ? ORDER BY id LIMIT ?) l
		JOIN courses c ON c.id = l.course_id GROUP BY l.course_id ORDER BY l.course_id`, []any{after, upTo, announceRows}, func(rows *sql.Rows) error {
		var course, newest int64
		var isLiked bool
		err := rows.Scan(&course, &newest, &isLiked)
		last = max(last, newest)
		if isLiked {
			liked = append(liked, course)
		}
		return err
	})
	return liked, last, err
}
