package oracle

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/mysql"
	"github.com/xunke/xunke/verify"
)

var _ verify.Rows = (*Oracle)(nil)

// Row implements verify.Rows. Texts are strings, times RFC 3339, NULL is nil.
func (o *Oracle) Row(ctx context.Context, key catalog.Key) (map[string]any, error) {
	var row map[string]any
	err := mysql.EachRow(ctx, o.db, "SELECT * FROM "+key.Kind.Plural()+" WHERE id = ?", []any{key.ID}, func(rows *sql.Rows) error {
		columns, err := rows.Columns()
		if err != nil {
			return err
		}
		values := make([]any, len(columns))
		targets := make([]any, len(columns))
		for i := range values {
			targets[i] = &values[i]
		}
		if err := rows.Scan(targets...); err != nil {
			return err
		}
		row = make(map[string]any, len(columns))
		for i, name := range columns {
			switch value := values[i].(type) {
			case []byte:
				row[name] = string(value)
			case time.Time:
				row[name] = value.Format(time.RFC3339Nano)
			default:
				row[name] = value
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read row of %s: %w", key, err)
	}
	return row, nil
}
