package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/mysql"
)

// addCappedViews notes views of one kind that are in no ranking.
func addCappedViews(ctx context.Context, tx *sql.Tx, k catalog.Kind, views viewCounts) error {
	rows := views.sortedDays(k)
	if len(rows) == 0 {
		return nil
	}
	args := make([]any, 0, 4*len(rows))
	for _, r := range rows {
		args = append(args, r.day.Format(time.DateOnly), k, r.id, views[k][r])
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO uncounted_daily_views (day, kind, item_id, views) VALUES `+mysql.RowMarks(4, len(rows))+`
		AS new ON DUPLICATE KEY UPDATE views = uncounted_daily_views.views + new.views`, args...)
	if err != nil {
		return fmt.Errorf("note uncounted views of %s: %w", k.Plural(), err)
	}
	return nil
}

// ReadCappedViews lists views that are in no ranking, of at most limit items. Errors:
// CodeUnavailable.
func (s *RankingSource) ReadCappedViews(ctx context.Context, from, to time.Time, limit int) (u catalog.CappedViews, err error) {
	u.From, u.To, u.Items = catalog.Day(from), catalog.Day(to), []catalog.CappedItem{}
	first, last := u.From.Format(time.DateOnly), u.To.Format(time.DateOnly)
	err = s.db.QueryRowContext(ctx, `SELECT COALESCE(SUM(views), 0) FROM uncounted_daily_views WHERE day BETWEEN ? AND ?`, first, last).Scan(&u.Views)
	if err != nil {
		return u, catalog.Unavailable("MySQL", fmt.Errorf("sum uncounted views: %w", err))
	}
	err = mysql.EachRow(ctx, s.db, `SELECT u.kind, u.item_id, COALESCE(c.name, o.name, t.name, ''), SUM(u.views) AS views,
			COALESCE(SUM(cd.views), 0) + COALESCE(SUM(od.views), 0) + COALESCE(SUM(td.views), 0)
		FROM uncounted_daily_views u
		LEFT JOIN courses c ON u.kind = 'course' AND c.id = u.item_id
		LEFT JOIN orgs o ON u.kind = 'org' AND o.id = u.item_id
		LEFT JOIN teachers t ON u.kind = 'teacher' AND t.id = u.item_id
		LEFT JOIN course_daily_counts cd ON u.kind = 'course' AND cd.course_id = u.item_id AND cd.day = u.day
		LEFT JOIN org_daily_counts od ON u.kind = 'org' AND od.org_id = u.item_id AND od.day = u.day
		LEFT JOIN teacher_daily_counts td ON u.kind = 'teacher' AND td.teacher_id = u.item_id AND td.day = u.day
		WHERE u.day BETWEEN ? AND ? GROUP BY u.kind, u.item_id, c.name, o.name, t.name ORDER BY views DESC, u.kind, u.item_id LIMIT ?`, []any{first, last, limit}, func(rows *sql.Rows) error {
		var i catalog.CappedItem
		err := rows.Scan(&i.Kind, &i.ID, &i.Name, &i.Views, &i.Counted)
		u.Items = append(u.Items, i)
		return err
	})
	if err != nil {
		return u, catalog.Unavailable("MySQL", fmt.Errorf("list uncounted views: %w", err))
	}
	return u, nil
}
