package store

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/mysql"
	"github.com/xunke/xunke/searchlog"
)

var _ searchlog.BlockedSource = Searches{}

// Blocked implements searchlog.BlockedSource.
func (s Searches) Blocked(ctx context.Context) ([]searchlog.BlockedQuery, error) {
	list := []searchlog.BlockedQuery{}
	err := mysql.EachRow(ctx, s.db, `SELECT query, spelling, blocked_at FROM blocked_queries ORDER BY blocked_at DESC, query`, nil, func(rows *sql.Rows) error {
		var b searchlog.BlockedQuery
		if err := rows.Scan(&b.Key, &b.Query, &b.BlockedAt); err != nil {
			return err
		}
		list = append(list, b)
		return nil
	})
	if err != nil {
		return nil, catalog.Unavailable("MySQL", fmt.Errorf("list blocked queries: %w", err))
	}
	return list, nil
}

// Block keeps a query from being suggested, in every spelling. Errors: CodeInvalid,
// CodeUnavailable.
func (s Searches) Block(ctx context.Context, text string) error {
	key, spelling, err := blockedKey(text)
	if err != nil {
		return err
	}
	_, err = s.db.ExecContext(ctx, `INSERT INTO blocked_queries (query, spelling) VALUES (?, ?) ON DUPLICATE KEY UPDATE query = blocked_queries.query`, key, spelling)
	if err != nil {
		return catalog.Unavailable("MySQL", fmt.Errorf("block a query: %w", err))
	}
	return nil
}

// Unblock lets a query be suggested again. Errors: CodeInvalid, CodeNotFound if it is not
// blocked, CodeUnavailable.
func (s Searches) Unblock(ctx context.Context, text string) error {
	key, spelling, err := blockedKey(text)
	if err != nil {
		return err
	}
	result, err := s.db.ExecContext(ctx, `DELETE FROM blocked_queries WHERE query = ?`, key)
	if err != nil {
		return catalog.Unavailable("MySQL", fmt.Errorf("unblock a query: %w", err))
	}
	if n, err := result.RowsAffected(); err != nil || n > 0 {
		return err
	}
	return &catalog.Error{
		Code: catalog.CodeNotFound, Message: fmt.Sprintf("%q is not blocked", spelling), Hint: "xunke queries list shows those that are",
	}
}

func blockedKey(text string) (key, spelling string, err error) {
	key, spelling, _ = searchlog.Normal(text)
	if key == "" {
		return "", "", catalog.Invalidf("query", "%q is no text that could be suggested", text)
	}
	return key, spelling, nil
}
