package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/mysql"
	"github.com/xunke/xunke/rankings"
)

var _ rankings.Source = (*RankingSource)(nil)

// RankingSource reads what the boards of rankings are rebuilt from. Its entries have
// version 0, so that whatever the indexer settles outranks them: a change that is newer
// than such a read comes through the binlog, and an entry of the indexer that is older
// than the read is followed by that change.
type RankingSource struct {
	db *sql.DB
}

// NewRankingSource reads from a database.
func NewRankingSource(db *sql.DB) *RankingSource { return &RankingSource{db: db} }

// rankingCards select id, hidden, name, image, students, org id, org name, category,
// level, city and org category of items; the learners of orgs and teachers are those of
// their visible courses.
var rankingCards = map[catalog.Kind]string{
	catalog.KindCourse: `SELECT x.id, x.hidden, x.name, x.image, x.starting_students + x.enrolments,
			o.id, o.name, g.name, x.level, ci.name, o.category
		FROM courses x
		LEFT JOIN orgs o ON o.id = x.org_id AND NOT o.hidden
		LEFT JOIN cities ci ON ci.id = o.city_id
		LEFT JOIN categories g ON g.id = x.category_id`,
	catalog.KindOrg: `SELECT x.id, x.hidden, x.name, x.image,
			(SELECT COALESCE(SUM(c.starting_students + c.enrolments), 0) FROM courses c
			 WHERE c.org_id = x.id AND NOT c.hidden),
			NULL, NULL, NULL, NULL, ci.name, x.category
		FROM orgs x
		LEFT JOIN cities ci ON ci.id = x.city_id`,
	catalog.KindTeacher: `SELECT x.id, x.hidden, x.name, x.image,
			(SELECT COALESCE(SUM(c.starting_students + c.enrolments), 0) FROM course_teachers t
			 JOIN courses c ON c.id = t.course_id AND NOT c.hidden WHERE t.teacher_id = x.id),
			o.id, o.name, NULL, NULL, ci.name, o.category
		FROM teachers x
		LEFT JOIN orgs o ON o.id = x.org_id AND NOT o.hidden
		LEFT JOIN cities ci ON ci.id = o.city_id`,
}

// Entries reads a page of visible items and returns those to which something happened.
func (s *RankingSource) Entries(ctx context.Context, k catalog.Kind, after int64, limit int) (entries []rankings.Entry, next int64, err error) {
	all, err := s.read(ctx, k, " WHERE x.id > ? AND NOT x.hidden ORDER BY x.id LIMIT ?", after, limit)
	if err != nil {
		return nil, 0, err
	}
	if len(all) == limit {
		next = all[limit-1].Key.ID
	}
	for _, e := range all {
		if len(e.History) > 0 {
			entries = append(entries, e)
		}
	}
	return entries, next, nil
}

// Entry reads one item.
func (s *RankingSource) Entry(ctx context.Context, key catalog.Key) (rankings.Entry, error) {
	entries, err := s.read(ctx, key.Kind, " WHERE x.id = ?", key.ID)
	if err != nil {
		return rankings.Entry{}, err
	}
	if len(entries) == 0 {
		return rankings.Entry{}, catalog.NotFound(key.Kind, key.ID)
	}
	return entries[0], nil
}

// read takes cards and histories from one snapshot.
func (s *RankingSource) read(ctx context.Context, k catalog.Kind, where string, args ...any) (entries []rankings.Entry, err error) {
	cards, known := rankingCards[k]
	if !known {
		return nil, fmt.Errorf("read ranking entries: unknown kind %q", k)
	}
	tx, err := s.db.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return nil, fmt.Errorf("read ranking entries: %w", err)
	}
	defer func() {
		if e := tx.Rollback(); err == nil && !errors.Is(e, sql.ErrTxDone) {
			err = e
		}
	}()
	if entries, err = readCards(ctx, tx, k, cards+where, args); err != nil {
		return nil, fmt.Errorf("read ranking cards of %s: %w", k.Plural(), err)
	}
	ids := make([]int64, len(entries))
	for i, e := range entries {
		ids[i] = e.Key.ID
	}
	histories, err := mysql.DailyCounts(ctx, tx, k, ids)
	if err != nil {
		return nil, err
	}
	for i := range entries {
		entries[i].History = histories[entries[i].Key.ID]
	}
	return entries, nil
}

func readCards(ctx context.Context, q mysql.Querier, k catalog.Kind, query string, args []any) (entries []rankings.Entry, err error) {
	err = mysql.EachRow(ctx, q, query, args, func(rows *sql.Rows) error {
		e := rankings.Entry{Key: catalog.Key{Kind: k}}
		var orgID sql.NullInt64
		var orgName, category, level, city, orgCategory sql.NullString
		err := rows.Scan(&e.Key.ID, &e.Deleted, &e.Card.Name, &e.Card.Image, &e.Card.Students,
			&orgID, &orgName, &category, &level, &city, &orgCategory)
		if err != nil {
			return err
		}
		if orgID.Valid {
			e.Card.Org = &catalog.Ref{ID: orgID.Int64, Name: orgName.String}
		}
		e.Card.Category, e.Card.City = category.String, city.String
		e.Card.Level, e.Card.OrgCategory = catalog.Level(level.String), catalog.OrgCategory(orgCategory.String)
		entries = append(entries, e)
		return nil
	})
	return entries, err
}
