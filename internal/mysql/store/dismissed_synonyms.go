package store

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/mysql"
	"github.com/xunke/xunke/searchlog"
)

var _ searchlog.Dismissals = Synonyms{}

// Dismissed implements searchlog.Dismissals.
func (s Synonyms) Dismissed(ctx context.Context) ([]searchlog.Dismissal, error) {
	list := []searchlog.Dismissal{}
	err := mysql.EachRow(ctx, s.db, `SELECT query, word FROM dismissed_synonyms ORDER BY query, word`, nil, func(rows *sql.Rows) error {
		var d searchlog.Dismissal
		if err := rows.Scan(&d.Query, &d.Word); err != nil {
			return err
		}
		list = append(list, d)
		return nil
	})
	if err != nil {
		return nil, catalog.Unavailable("MySQL", fmt.Errorf("list dismissed synonyms: %w", err))
	}
	return list, nil
}

// Dismiss keeps a word from being proposed for a query again. Errors: CodeInvalid,
// CodeUnavailable.
func (s Synonyms) Dismiss(ctx context.Context, query, word string) error {
	d, err := searchlog.DismissalOf(query, word)
	if err != nil {
		return err
	}
	_, err = s.db.ExecContext(ctx, `INSERT INTO dismissed_synonyms (query, word) VALUES (?, ?)
		ON DUPLICATE KEY UPDATE word = dismissed_synonyms.word`, d.Query, d.Word)
	if err != nil {
		return catalog.Unavailable("MySQL", fmt.Errorf("dismiss a synonym: %w", err))
	}
	return nil
}
