package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/mysql"
	"github.com/xunke/xunke/internal/synonym"
)

// Synonyms keeps the rules of what else words may be called.
type Synonyms struct{ db *sql.DB }

var _ synonym.Source = Synonyms{}

// NewSynonyms makes a store.
func NewSynonyms(db *sql.DB) Synonyms { return Synonyms{db: db} }

// SynonymRow is a rule as it is kept.
type SynonymRow struct {
	ID      int64  `json:"id"`
	Rule    string `json:"rule"`
	Shipped bool   `json:"shipped"`
}

// Version implements synonym.Source.
func (s Synonyms) Version(ctx context.Context) (string, error) {
	var version string
	err := s.db.QueryRowContext(ctx, `SELECT CONCAT_WS('/', COUNT(*), COALESCE(SUM(removed), 0),
		COALESCE(SUM(CRC32(CONCAT(id, name, removed, updated_at))), 0)) FROM synonyms`).Scan(&version)
	if err != nil {
		return "", catalog.Unavailable("MySQL", fmt.Errorf("read version of synonyms: %w", err))
	}
	return version, nil
}

// Rules implements synonym.Source, with those of admins before those that ship, since a
// search looks for a few names only. A row that is no rule, which only a hand in the table can
// have written, is left out.
func (s Synonyms) Rules(ctx context.Context) ([]synonym.Rule, error) {
	rows, err := s.List(ctx)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(rows, func(a, b SynonymRow) int {
		switch {
		case a.Shipped == b.Shipped:
			return 0
		case b.Shipped:
			return -1
		default:
			return 1
		}
	})
	rules := make([]synonym.Rule, 0, len(rows))
	for _, row := range rows {
		if rule, err := synonym.Parse(row.Rule); err == nil {
			rules = append(rules, rule)
		}
	}
	return rules, nil
}

// List returns the rules in force, oldest first.
func (s Synonyms) List(ctx context.Context) ([]SynonymRow, error) {
	list := []SynonymRow{}
	err := mysql.EachRow(ctx, s.db, "SELECT id, name, shipped FROM synonyms WHERE NOT removed ORDER BY id", nil, func(rows *sql.Rows) error {
		var row SynonymRow
		if err := rows.Scan(&row.ID, &row.Rule, &row.Shipped); err != nil {
			return err
		}
		list = append(list, row)
		return nil
	})
	if err != nil {
		return nil, catalog.Unavailable("MySQL", fmt.Errorf("list synonyms: %w", err))
	}
	return list, nil
}

// Add puts rules in force and returns how many were not before.
func (s Synonyms) Add(ctx context.Context, rules []synonym.Rule) (added int64, err error) {
	return s.insert(ctx, rules, false)
}

// Ship adds the rules that come with the program, but none that was removed. It is called
// at every start.
func (s Synonyms) Ship(ctx context.Context, rules []synonym.Rule) (added int64, err error) {
	return s.insert(ctx, rules, true)
}

func (s Synonyms) insert(ctx context.Context, rules []synonym.Rule, shipped bool) (added int64, err error) {
	statement := "INSERT INTO synonyms (name, shipped) VALUES (?, FALSE) ON DUPLICATE KEY UPDATE removed = FALSE"
	if shipped {
		statement = "INSERT IGNORE INTO synonyms (name, shipped) VALUES (?, TRUE)"
	}
	err = mysql.Transact(ctx, s.db, sql.LevelDefault, func(tx *sql.Tx) error {
		added = 0
		for _, rule := range rules {
			result, err := tx.ExecContext(ctx, statement, rule.String())
			if err != nil {
				return fmt.Errorf("add synonym %q: %w", rule, err)
			}
			n, err := result.RowsAffected()
			if err != nil {
				return fmt.Errorf("add synonym %q: %w", rule, err)
			}
			added += min(n, 1) // an updated row counts twice
		}
		return nil
	})
	if err != nil {
		return 0, catalog.Unavailable("MySQL", fmt.Errorf("add synonyms: %w", err))
	}
	return added, nil
}

// Remove takes a rule out of force. CodeNotFound if it is not in force.
func (s Synonyms) Remove(ctx context.Context, rule synonym.Rule) error {
	result, err := s.db.ExecContext(ctx, "UPDATE synonyms SET removed = TRUE WHERE name = ? AND NOT removed", rule.String())
	if err != nil {
		return catalog.Unavailable("MySQL", fmt.Errorf("remove synonym: %w", err))
	}
	if n, err := result.RowsAffected(); err != nil {
		return fmt.Errorf("remove synonym: %w", err)
	} else if n == 0 {
		return &catalog.Error{
			Code: catalog.CodeNotFound, Message: fmt.Sprintf("there is no rule %q", rule),
			Hint: "xunke synonyms list shows the rules as they must be written",
		}
	}
	return nil
}
