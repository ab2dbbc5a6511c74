package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/mysql"
)

const (
	// alternativesRounds is how often the ways take turns: three say how much they vary.
	alternativesRounds = 3
	// alternativesQueries is how many different queries there are at most: so many that few
	// are asked again, and no cache of whole answers helps any way.
	alternativesQueries = 20_000
	// alternativesPage is how many courses a page has.
	alternativesPage = 10
)

// alternativesFigures are searches of courses by Xunke beside what one would pick instead,
// by the same queries in the same run.
type alternativesFigures struct {
	Clients int            `json:"clients"`
	Queries int            `json:"queries"` // different ones
	Rounds  int            `json:"rounds"`
	Ways    []roundFigures `json:"ways"` // the first is the naive body
}

// roundFigures sum up what a way reached in each round.
type roundFigures struct {
	Name      string `json:"name"`
	PerSecond spread `json:"requests_per_second"`
	P50       spread `json:"p50_ms"`
	P99       spread `json:"p99_ms"`
	Ratio     spread `json:"ratio_requests"` // requests a second, to the naive body of the same round
}

// spread is the least, the median and the greatest of some figures.
type spread struct {
	Least  float64 `json:"least"`
	Median float64 `json:"median"`
	Most   float64 `json:"most"`
}

func spreadOf(of []float64) spread {
	if len(of) == 0 {
		return spread{}
	}
	sorted := slices.Sorted(slices.Values(of))
	return spread{Least: sorted[0], Median: sorted[len(sorted)/2], Most: sorted[len(sorted)-1]}
}

func (i *installation) alternatives(ctx context.Context, clients int, each time.Duration) (_ *alternativesFigures, err error) {
	queries, err := i.pieces(ctx, alternativesQueries)
	if err != nil {
		return nil, err
	}
	table, err := i.copyForFullText(ctx)
	if err != nil {
		return nil, err
	}
	base, api, err := i.startAPI(ctx)
	if err != nil {
		return nil, err
	}
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: clients}}
	defer client.CloseIdleConnections()
	ways := []way{
		{"naive body, straight to Elasticsearch", i.naive},
		{"Xunke, /api/v1/search", func(ctx context.Context, query string) error {
			return fetch(ctx, client, base+"/api/v1/search?type=course&q="+url.QueryEscape(query), whole)
		}},
		{"MySQL FULLTEXT with ngrams, count and page", func(ctx context.Context, query string) error {
			return i.countAndPage(ctx, table, fullTextCondition, `"`+strings.ReplaceAll(query, `"`, " ")+`"`)
		}},
		{"MySQL LIKE, count and page", func(ctx context.Context, query string) error {
			return i.countAndPage(ctx, "courses", likeCondition, "%"+mysql.EscapeLike(query)+"%")
		}},
	}
	rates := make([]roundRates, len(ways))
	asked := make([]int, len(ways))
	for round := range alternativesRounds {
		for n, w := range ways {
			say("round %d of %d, %s with %d clients: %s", round+1, alternativesRounds, each, clients, w.name)
			began := time.Now()
			took, err := measureInTurn(ctx, w, queries, asked[n], clients, each)
			if err != nil {
				return nil, err
			}
			asked[n] += len(took)
			rates[n].add(float64(len(took))/time.Since(began).Seconds(), quantilesOf(took))
		}
	}
	out := &alternativesFigures{Clients: clients, Queries: len(queries), Rounds: alternativesRounds}
	for n, w := range ways {
		out.Ways = append(out.Ways, rates[n].sumUp(w.name, rates[0]))
	}
	return out, api.stop(ctx)
}

// roundRates is what one way reached, a figure for each round.
type roundRates struct{ perSecond, p50, p99 []float64 }

func (r *roundRates) add(perSecond float64, latency quantiles) {
	r.perSecond, r.p50, r.p99 = append(r.perSecond, perSecond), append(r.p50, latency.P50), append(r.p99, latency.P99)
}

func (r *roundRates) sumUp(name string, first roundRates) roundFigures {
	var ratios []float64
	for round, perSecond := range r.perSecond {
		ratios = append(ratios, ratio(perSecond, first.perSecond[round]))
	}
	return roundFigures{Name: name, PerSecond: spreadOf(r.perSecond), P50: spreadOf(r.p50), P99: spreadOf(r.p99), Ratio: spreadOf(ratios)}
}

// naive sends the body that one writes first for a page of hits with facets, ranked by
// relevance, popularity and age.
func (i *installation) naive(ctx context.Context, query string) error {
	body := plainBody(query, true)
	body["query"] = map[string]any{"function_score": map[string]any{
		"query": body["query"],
		"functions": []any{
			map[string]any{"field_value_factor": map[string]any{"field": "students", "modifier": "log1p", "factor": 0.1, "missing": 0}},
			map[string]any{"gauss": map[string]any{"created_at": map[string]any{"origin": "2024-01-01", "scale": "180d", "decay": 0.5}}, "weight": 0.5},
		},
		"score_mode": "sum", "boost_mode": "multiply",
	}}
	body["highlight"] = map[string]any{"fields": map[string]any{
		"name": map[string]any{"number_of_fragments": 0}, "body": map[string]any{"fragment_size": 120, "number_of_fragments": 1},
	}}
	return i.client.Do(ctx, "POST", "/"+i.client.Alias(catalog.KindCourse)+"/_search?request_cache=false", body, nil)
}

const (
	likeCondition     = `CONCAT_WS('\n', name, summary, description) COLLATE utf8mb4_general_ci LIKE ?`
	fullTextCondition = `MATCH (name, summary, description) AGAINST (? IN BOOLEAN MODE)`
)

// countAndPage is what a list page asks of MySQL: how many there are, and the ten that
// most have taken.
func (i *installation) countAndPage(ctx context.Context, table, condition, text string) error {
	var total int64
	if err := i.db.QueryRowContext(ctx, `SELECT COUNT(*) FROM `+table+` WHERE NOT hidden AND `+condition, text).Scan(&total); err != nil {
		return fmt.Errorf("count courses: %w", err)
	}
	return mysql.EachRow(ctx, i.db, `SELECT id, name, summary, image, starting_students + enrolments FROM `+table+
		` WHERE NOT hidden AND `+condition+` ORDER BY starting_students + enrolments DESC, id LIMIT ?`, []any{text, alternativesPage},
		func(rows *sql.Rows) error {
			var id, students int64
			var name, summary, image string
			return rows.Scan(&id, &name, &summary, &image, &students)
		})
}

// copyForFullText makes a table of the courses' rows with a full-text index. Nothing of it
// is on the binlog: the indexer has nothing to do with it.
func (i *installation) copyForFullText(ctx context.Context) (table string, err error) {
	conn, err := i.root.Conn(ctx)
	if err != nil {
		return "", fmt.Errorf("connect to MySQL: %w", err)
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	table = "courses_fulltext"
	say("making a full-text index of the courses in MySQL")
	for _, statement := range []string{
		"SET SESSION sql_log_bin = 0",
		"USE " + i.name,
		"CREATE TABLE " + table + " LIKE courses",
		"INSERT INTO " + table + " SELECT * FROM courses",
		"ALTER TABLE " + table + " ADD FULLTEXT KEY everything (name, summary, description) WITH PARSER ngram",
		"SET SESSION sql_log_bin = 1",
	} {
		if _, err := conn.ExecContext(ctx, statement); err != nil {
			return "", fmt.Errorf("make a full-text index, %s: %w", statement, err)
		}
	}
	return table, nil
}

// pieces are the first two to six letters of course names, each piece once, in an order
// that has nothing to do with the catalogue's.
func (i *installation) pieces(ctx context.Context, most int) ([]string, error) {
	var all []string
	known := map[string]bool{}
	err := mysql.EachRow(ctx, i.db, `SELECT name FROM courses WHERE NOT hidden ORDER BY RAND(?), id LIMIT ?`, []any{searchSeed, 4 * most}, func(rows *sql.Rows) error {
		var name string
		if err := rows.Scan(&name); err != nil {
			return err
		}
		letters := []rune(name)
		piece := strings.TrimSpace(string(letters[:min(2+len(all)%5, len(letters))]))
		if piece != "" && !known[piece] && len(all) < most {
			known[piece] = true
			all = append(all, piece)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("choose pieces of names: %w", err)
	}
	return all, nil
}

// measureInTurn asks the queries from the one at first on, from several clients, for a
// while. What is under way at the end is waited for and counts.
func measureInTurn(ctx context.Context, w way, queries []string, first, clients int, each time.Duration) ([]time.Duration, error) {
	var next atomic.Int64
	next.Store(int64(first))
	inTurn := way{w.name, func(ctx context.Context, _ string) error {
		query := queries[int(next.Add(1)-1)%len(queries)]
		if err := w.ask(ctx, query); err != nil {
			return fmt.Errorf("%q: %w", query, err)
		}
		return nil
	}}
	return measure(ctx, inTurn, queries, clients, each)
}

func (a *alternativesFigures) print(line line) {
	if a == nil {
		return
	}
	line("\nsearches of courses beside what one would pick instead, %d clients, %d queries, %d rounds: median (least to most)", a.Clients, a.Queries, a.Rounds)
	for _, w := range a.Ways {
		line("  %-44s %8.1f requests/s (%.1f to %.1f), × %.3g  p50 %.0f ms, p99 %.0f ms",
			w.Name, w.PerSecond.Median, w.PerSecond.Least, w.PerSecond.Most, w.Ratio.Median, w.P50.Median, w.P99.Median)
	}
}
