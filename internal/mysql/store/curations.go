package store

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/curation"
	"github.com/xunke/xunke/internal/mysql"
)

// Curations keeps what admins have decided about the answers to single queries.
type Curations struct{ db *sql.DB }

var _ curation.Source = Curations{}

// NewCurations makes a store.
func NewCurations(db *sql.DB) Curations { return Curations{db: db} }

// Version implements curation.Source.
func (c Curations) Version(ctx context.Context) (string, error) {
	var version string
	err := c.db.QueryRowContext(ctx, `SELECT CONCAT_WS('/', COUNT(*), COALESCE(SUM(CRC32(
		CONCAT_WS('/', id, query_key, query, action, kind, item_id, place, factor, updated_at))), 0)) FROM curations`).Scan(&version)
	if err != nil {
		return "", curationError("read version of curations", err)
	}
	return version, nil
}

// Sets implements curation.Source. What a hand in the table has put beyond MaxItems of a
// query, or beyond the bounds of a factor, is left out.
func (c Curations) Sets(ctx context.Context) (sets map[string]*curation.Set, err error) {
	sets = map[string]*curation.Set{}
	err = mysql.EachRow(ctx, c.db, `SELECT query_key, query, action, kind, item_id, COALESCE(factor, ?)
		FROM curations ORDER BY query_key, place IS NULL, place, id`, []any{curation.DefaultFactor}, func(rows *sql.Rows) error {
		var key, query string
		var action curation.Action
		var b curation.Boosted
		if err := rows.Scan(&key, &query, &action, &b.Item.Kind, &b.Item.ID, &b.Factor); err != nil {
			return err
		}
		set := sets[key]
		if set == nil {
			set = &curation.Set{Query: query}
			sets[key] = set
		}
		switch {
		case set.Len() == curation.MaxItems:
		case action == curation.Pin:
			set.Pins = append(set.Pins, b.Item)
		case action == curation.Hide:
			set.Hidden = append(set.Hidden, b.Item)
		case curation.CheckFactor(b.Factor) == nil:
			set.Boosts = append(set.Boosts, b)
		}
		return nil
	})
	if err != nil {
		return nil, curationError("read curations", err)
	}
	return sets, nil
}

// List returns what is curated, of one query or, if query is empty, of all: by query,
// pins first in their order. Errors: CodeInvalid for a text that is no query.
func (c Curations) List(ctx context.Context, query string) ([]curation.Row, error) {
	condition, args := "TRUE", []any{}
	if query != "" {
		q, err := curation.ParseQuery(query)
		if err != nil {
			return nil, err
		}
		condition, args = "c.query_key = ?", []any{q.Key}
	}
	list := []curation.Row{}
	err := mysql.EachRow(ctx, c.db, `
		SELECT c.id, c.query, c.query_key, c.action, c.kind, c.item_id, COALESCE(c.place, 0), COALESCE(c.factor, 0),
			c.created_at, c.updated_at, COALESCE(k.name, o.name, t.name, ''), COALESCE(k.hidden, o.hidden, t.hidden)
		FROM curations c
		LEFT JOIN courses k ON c.kind = 'course' AND k.id = c.item_id
		LEFT JOIN orgs o ON c.kind = 'org' AND o.id = c.item_id
		LEFT JOIN teachers t ON c.kind = 'teacher' AND t.id = c.item_id
		WHERE `+condition+` ORDER BY c.query_key, c.action, c.place, c.id`, args, func(rows *sql.Rows) error {
		var r curation.Row
		var hidden sql.NullBool
		if err := rows.Scan(&r.ID, &r.Query, &r.QueryKey, &r.Action, &r.Kind, &r.ItemID, &r.Place, &r.Factor,
			&r.CreatedAt, &r.UpdatedAt, &r.Name, &hidden); err != nil {
			return err
		}
		switch {
		case !hidden.Valid:
			r.State = curation.ItemGone
		case hidden.Bool:
			r.State = curation.ItemHidden
		default:
			r.State = curation.ItemVisible
		}
		list = append(list, r)
		return nil
	})
	if err != nil {
		return nil, curationError("list curations", err)
	}
	return list, nil
}

// curationError tells what could not be done, and what to do where the table is missing.
func curationError(what string, err error) error {
	if mysql.IsServerError(err, mysql.ErrnoNoSuchTable) {
		return &catalog.Error{
			Code: catalog.CodeUnavailable, Message: "the schema of MySQL is older than this program", Hint: "run: xunke migrate", Cause: err,
		}
	}
	return fmt.Errorf("%s: %w", what, mysql.ReadError(err))
}
