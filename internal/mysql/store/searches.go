package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/mysql"
	"github.com/xunke/xunke/searchlog"
)

// Searches reads what was searched for. Its errors are of CodeUnavailable.
type Searches struct{ db *sql.DB }

// NewSearches makes a store.
func NewSearches(db *sql.DB) Searches { return Searches{db: db} }

// longReport is from how long on the days are read in the order of queries, which needs no
// table on the side: a tenth of the time for 90 days of 10,000 queries each.
const longReport = 31 * 24 * time.Hour

// sumOfCounts are the columns of searchlog.Counts, added up.
const sumOfCounts = `COALESCE(SUM(searches), 0), COALESCE(SUM(visitors), 0), COALESCE(SUM(zero_hits), 0),
	COALESCE(SUM(corrected), 0), COALESCE(SUM(relaxed), 0), COALESCE(SUM(clicks), 0), COALESCE(SUM(clicked), 0)`

func countsInto(c *searchlog.Counts) []any {
	return []any{&c.Searches, &c.Visitors, &c.ZeroHits, &c.Corrected, &c.Relaxed, &c.Clicks, &c.Clicked}
}

// Report reads the days from one to another, both included, with at most limit queries
// in each of its lists.
func (s Searches) Report(ctx context.Context, from, to time.Time, limit int) (searchlog.Report, error) {
	report := searchlog.Report{From: catalog.Day(from), To: catalog.Day(to)}
	first, last := report.From.Format(time.DateOnly), report.To.Format(time.DateOnly)
	err := s.db.QueryRowContext(ctx, `SELECT COALESCE(SUM(IF(query = '', searches, 0)), 0), `+sumOfCounts+`
		FROM search_daily_counts WHERE day BETWEEN ? AND ?`, first, last).
		Scan(append([]any{&report.Nameless}, countsInto(&report.Totals)...)...)
	if err != nil {
		return report, reportError(err)
	}
	hint := ""
	if report.To.Sub(report.From) > longReport {
		hint = " FORCE INDEX (search_daily_counts_query)"
	}
	if report.Top, err = s.queries(ctx, first, last, hint, "TRUE", "SUM(searches)", limit); err != nil {
		return report, reportError(err)
	}
	if report.ZeroHits, err = s.queries(ctx, first, last, hint, "zero_hits > 0", "SUM(zero_hits)", limit); err != nil {
		return report, reportError(err)
	}
	if report.Positions, err = s.positions(ctx, first, last); err != nil {
		return report, reportError(err)
	}
	return report, nil
}

func reportError(err error) error {
	return catalog.Unavailable("MySQL", fmt.Errorf("report searches: %w", err))
}

// queries reads the first queries in an order. Those are found first, by what the order
// needs; only for them the newest spelling is looked up.
func (s Searches) queries(ctx context.Context, from, to, hint, where, order string, limit int) ([]searchlog.QueryCounts, error) {
	list := []searchlog.QueryCounts{}
	err := mysql.EachRow(ctx, s.db, `WITH first AS (
			SELECT query, `+order+` AS points FROM search_daily_counts`+hint+`
			WHERE day BETWEEN ? AND ? AND query <> '' AND `+where+`
			GROUP BY query ORDER BY points DESC, query LIMIT ?)
		SELECT SUBSTRING_INDEX(GROUP_CONCAT(spelling ORDER BY day DESC SEPARATOR '\n'), '\n', 1),
			SUBSTRING_INDEX(GROUP_CONCAT(last_total ORDER BY day DESC), ',', 1), `+sumOfCounts+`
		FROM first JOIN search_daily_counts USING (query) WHERE day BETWEEN ? AND ?
		GROUP BY query, points ORDER BY points DESC, query`, []any{from, to, limit, from, to}, func(rows *sql.Rows) error {
		var q searchlog.QueryCounts
		if err := rows.Scan(append([]any{&q.Query, &q.LastTotal}, countsInto(&q.Counts)...)...); err != nil {
			return err
		}
		list = append(list, q)
		return nil
	})
	return list, err
}

var _ searchlog.PopularSource = Searches{}

// Popular implements searchlog.PopularSource: queries that were asked from at least
// searchlog.MinNetworks on each of searchlog.MinNetworkDays, most of the times as they are and
// never with something left out, and that have hits. Of several spellings it is that of the
// day on which most networks asked: one visitor does not choose it.
func (s Searches) Popular(ctx context.Context, since time.Time, limit int) ([]string, error) {
	from := catalog.Day(since).Format(time.DateOnly)
	var list []string
	err := mysql.EachRow(ctx, s.db, `WITH asked AS (
			SELECT query FROM search_daily_counts WHERE day >= ? AND networks >= ? AND query <> ''
			GROUP BY query HAVING COUNT(*) >= ?)
		SELECT SUBSTRING_INDEX(GROUP_CONCAT(spelling ORDER BY networks DESC, day DESC SEPARATOR '\n'), '\n', 1) AS usual
		FROM asked JOIN search_daily_counts USING (query) WHERE day >= ? GROUP BY query
		HAVING 2 * SUM(corrected + relaxed) < SUM(searches) AND SUM(shortened) = 0
			AND SUBSTRING_INDEX(GROUP_CONCAT(last_total ORDER BY day DESC), ',', 1) >= ?
		ORDER BY SUM(networks) DESC, query LIMIT ?`, []any{
		from, searchlog.MinNetworks, searchlog.MinNetworkDays, from, searchlog.MinHits, limit,
	}, func(rows *sql.Rows) error {
		var text string
		if err := rows.Scan(&text); err != nil {
			return err
		}
		list = append(list, text)
		return nil
	})
	if err != nil {
		return nil, catalog.Unavailable("MySQL", fmt.Errorf("read popular queries: %w", err))
	}
	return list, nil
}

func (s Searches) positions(ctx context.Context, from, to string) ([]searchlog.PositionCounts, error) {
	list := []searchlog.PositionCounts{}
	err := mysql.EachRow(ctx, s.db, `SELECT kind, position, SUM(shown), SUM(clicks) FROM search_position_daily_counts
		WHERE day BETWEEN ? AND ? GROUP BY kind, position ORDER BY kind, position`, []any{from, to}, func(rows *sql.Rows) error {
		var p searchlog.PositionCounts
		if err := rows.Scan(&p.Kind, &p.Position, &p.Shown, &p.Clicks); err != nil {
			return err
		}
		list = append(list, p)
		return nil
	})
	return list, err
}
