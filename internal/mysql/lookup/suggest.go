package lookup

import (
	"context"
	"database/sql"
	"fmt"
	"html"
	"strings"

	"github.com/xunke/xunke/catalog"
)

// Suggest implements standby.Rows: names that begin with what was typed, which the indexes
// on names answer without a scan.
func (s *Searcher) Suggest(ctx context.Context, text string, limit int) ([]catalog.Suggestion, error) {
	found := []catalog.Suggestion{}
	w := words{typed: strings.TrimSpace(text)}
	if w.typed == "" {
		return found, nil
	}
	named := map[string]bool{}
	for _, k := range catalog.Kinds() {
		names := sqlOf(limited+"id, name FROM "+k.Plural()+" WHERE NOT hidden AND ").append(w.begins("name")).
			and(" ORDER BY name LIMIT ?", limit)
		err := s.each(ctx, names, func(rows *sql.Rows) error {
			one := catalog.Suggestion{Type: string(k)}
			if err := rows.Scan(&one.ID, &one.Text); err != nil {
				return err
			}
			if named[one.Text] || len(found) == limit {
				return nil
			}
			named[one.Text] = true
			one.URL, one.Highlight = catalog.ItemURL(k, one.ID), html.EscapeString(one.Text)
			found = append(found, one)
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("suggest %s out of MySQL: %w", k.Plural(), err)
		}
	}
	return found, nil
}
