package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/comments"
	"github.com/xunke/xunke/internal/mysql"
)

// Comments keeps what learners say about courses.
type Comments struct{ guarded }

var (
	_ comments.Store      = Comments{}
	_ comments.Moderation = Comments{}
)

// NewComments makes a store. It reads where it writes: a replica may not have it yet.
func NewComments(db *sql.DB) Comments { return Comments{guarded{db: db}} }

// WithGuard has visitors' calls go through a guard.
func (s Comments) WithGuard(g *mysql.Guard) Comments {
	s.guard = g
	return s
}

// Add implements comments.Store. The account's row is locked, so that of two who send the same at
// once, or more than may wait, one waits for the other.
func (s Comments) Add(ctx context.Context, account, course int64, text string, now time.Time) error {
	return s.change(ctx, "keep a comment", func(ctx context.Context, tx *sql.Tx) error {
		var one int
		err := tx.QueryRowContext(ctx, `SELECT 1 FROM accounts WHERE id = ? FOR UPDATE`, account).Scan(&one)
		if errors.Is(err, sql.ErrNoRows) {
			return errNoAccount()
		} else if err != nil {
			return err
		}
		if err := mustBeVisible(ctx, tx, course); err != nil {
			return err
		}
		hash := sha256.Sum256([]byte(text))
		var waiting int
		var said bool
		if err := tx.QueryRowContext(ctx, `SELECT COUNT(*), EXISTS (SELECT 1 FROM comments WHERE account_id = ? AND course_id = ? AND text_hash = ?)
			FROM comments WHERE account_id = ? AND state = 'waiting'`, account, course, hash[:], account).Scan(&waiting, &said); err != nil {
			return err
		}
		switch {
		case said:
			return nil
		case waiting >= comments.MaxWaiting:
			return comments.ErrTooManyWaiting()
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO comments (course_id, account_id, text, text_hash, created_at) VALUES (?, ?, ?, ?, ?)`, course, account, text, hash[:], now)
		return err
	})
}

// mustBeVisible is CodeNotFound for a course that is hidden or not there.
func mustBeVisible(ctx context.Context, from queryRower, course int64) error {
	var one int
	err := from.QueryRowContext(ctx, `SELECT 1 FROM courses WHERE id = ? AND NOT hidden`, course).Scan(&one)
	if errors.Is(err, sql.ErrNoRows) {
		return catalog.NotFound(catalog.KindCourse, course)
	}
	return err
}

// nullableReply is a reply that may not be there.
type nullableReply struct {
	text string
	at   sql.NullTime
}

func (r nullableReply) reply() *comments.Reply {
	if !r.at.Valid {
		return nil
	}
	return &comments.Reply{Text: r.text, At: r.at.Time}
}

// Shown implements comments.Store.
func (s Comments) Shown(ctx context.Context, course int64, p catalog.Page) (list comments.CommentList, err error) {
	err = s.do(ctx, "list comments", func(ctx context.Context) error {
		list = comments.CommentList{Hits: []comments.Comment{}}
		if err := mustBeVisible(ctx, s.db, course); err != nil {
			return err
		}
		if err := s.db.QueryRowContext(ctx, `SELECT COUNT(*) FROM comments WHERE course_id = ? AND state = 'shown'`, course).Scan(&list.Total); err != nil {
			return err
		}
		return mysql.EachRow(ctx, s.db, `SELECT k.id, COALESCE(a.nickname, ''), k.text, r.stars, k.created_at, k.reply, k.replied_at FROM comments k
			LEFT JOIN accounts a ON a.id = k.account_id LEFT JOIN course_ratings r ON r.course_id = k.course_id AND r.learner_id = k.account_id
			WHERE k.course_id = ? AND k.state = 'shown' ORDER BY k.id DESC LIMIT ? OFFSET ?`, []any{course, p.Limit, p.Offset}, func(rows *sql.Rows) error {
			var c comments.Comment
			var r nullableReply
			err := rows.Scan(&c.ID, &c.Nickname, &c.Text, &c.Stars, &c.CreatedAt, &r.text, &r.at)
			c.Reply = r.reply()
			list.Hits = append(list.Hits, c)
			return err
		})
	})
	return list, err
}

const ownColumns = `SELECT k.id, k.course_id, COALESCE(c.name, ''), k.text, k.state, k.created_at, k.reply, k.replied_at
	FROM comments k LEFT JOIN courses c ON c.id = k.course_id AND NOT c.hidden `

func (s Comments) own(ctx context.Context, query string, args ...any) ([]comments.Own, error) {
	list := []comments.Own{}
	err := mysql.EachRow(ctx, s.db, ownColumns+query, args, func(rows *sql.Rows) error {
		var c comments.Own
		var r nullableReply
		err := rows.Scan(&c.ID, &c.Course.ID, &c.Course.Name, &c.Text, &c.State, &c.CreatedAt, &r.text, &r.at)
		c.Reply = r.reply()
		list = append(list, c)
		return err
	})
	return list, err
}

// Own implements comments.Store.
func (s Comments) Own(ctx context.Context, account int64, p catalog.Page) (list comments.OwnList, err error) {
	err = s.do(ctx, "list a learner's comments", func(ctx context.Context) error {
		if err := s.db.QueryRowContext(ctx, `SELECT COUNT(*) FROM comments WHERE account_id = ?`, account).Scan(&list.Total); err != nil {
			return err
		}
		list.Hits, err = s.own(ctx, `WHERE k.account_id = ? ORDER BY k.id DESC LIMIT ? OFFSET ?`, account, p.Limit, p.Offset)
		return err
	})
	return list, err
}

// All implements comments.Store.
func (s Comments) All(ctx context.Context, account int64) (list []comments.Own, err error) {
	err = s.do(ctx, "export a learner's comments", func(ctx context.Context) error {
		list, err = s.own(ctx, `WHERE k.account_id = ? ORDER BY k.id`, account)
		return err
	})
	return list, err
}

// Delete implements comments.Store.
func (s Comments) Delete(ctx context.Context, account, id int64) error {
	return s.do(ctx, "delete a comment", func(ctx context.Context) error {
		return mustChange(s.db.ExecContext(ctx, `DELETE FROM comments WHERE id = ? AND account_id = ?`, id, account))
	})
}

// mustChange is CodeNotFound for a statement that has changed nothing.
func mustChange(result sql.Result, err error) error {
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n > 0 {
		return err
	}
	return errNone()
}

// Erase implements comments.Store. A learner writes a few, and none holds up anybody else.
func (s Comments) Erase(ctx context.Context, account int64) error {
	return s.do(ctx, "erase comments", func(ctx context.Context) error {
		_, err := s.db.ExecContext(ctx, `DELETE FROM comments WHERE account_id = ?`, account)
		return err
	})
}

// In implements comments.Moderation.
func (s Comments) In(ctx context.Context, state comments.State, p catalog.Page) (list comments.OwnList, err error) {
	order := "DESC"
	if state == comments.Waiting {
		order = "ASC"
	}
	err = s.do(ctx, "list comments", func(ctx context.Context) error {
		if err := s.db.QueryRowContext(ctx, `SELECT COUNT(*) FROM comments WHERE state = ?`, state).Scan(&list.Total); err != nil {
			return err
		}
		list.Hits, err = s.own(ctx, `WHERE k.state = ? ORDER BY k.id `+order+` LIMIT ? OFFSET ?`, state, p.Limit, p.Offset)
		return err
	})
	return list, err
}

// Decide implements comments.Moderation.
func (s Comments) Decide(ctx context.Context, id int64, state comments.State, now time.Time) error {
	return s.change(ctx, "decide about a comment", func(ctx context.Context, tx *sql.Tx) error {
		c, err := lockComment(ctx, tx, id)
		if err != nil || c.state == state {
			return err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE comments SET state = ?, decided_at = ? WHERE id = ?`, state, now, id); err != nil {
			return err
		}
		if state == comments.Shown && c.state == comments.Waiting {
			return tell(ctx, tx, c.account, "comment_shown", c.course, now)
		}
		return nil
	})
}

// Reply implements comments.Moderation.
func (s Comments) Reply(ctx context.Context, id int64, text string, now time.Time) error {
	return s.change(ctx, "reply to a comment", func(ctx context.Context, tx *sql.Tx) error {
		c, err := lockComment(ctx, tx, id)
		if err != nil || c.reply == text {
			return err
		}
		if text == "" {
			_, err := tx.ExecContext(ctx, `UPDATE comments SET reply = '', replied_at = NULL WHERE id = ?`, id)
			return err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE comments SET reply = ?, replied_at = ? WHERE id = ?`, text, now, id); err != nil {
			return err
		}
		return tell(ctx, tx, c.account, "comment_reply", c.course, now)
	})
}

type lockedComment struct {
	account, course int64
	state           comments.State
	reply           string
}

func lockComment(ctx context.Context, tx *sql.Tx, id int64) (c lockedComment, err error) {
	err = tx.QueryRowContext(ctx, `SELECT account_id, course_id, state, reply FROM comments WHERE id = ? FOR UPDATE`, id).Scan(&c.account, &c.course, &c.state, &c.reply)
	return c, err
}
