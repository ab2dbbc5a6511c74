package curation

import (
	"context"
	"slices"
	"strings"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/hanzi"
	"github.com/xunke/xunke/internal/synonym"
)

// Store keeps curations. Errors: CodeInvalid, CodeUnavailable.
type Store interface {
	// List returns what is curated for a query, or for all where it is empty; pins in
	// their order.
	List(ctx context.Context, query string) ([]Row, error)
	// SetPins makes items the pins of a query, in place of those it has.
	SetPins(ctx context.Context, query string, items []catalog.Key) error
}

// Synonyms keeps rules of synonyms. Errors: CodeInvalid, CodeUnavailable.
type Synonyms interface {
	// Add adds those that are not there yet, and returns how many.
	Add(ctx context.Context, rules []synonym.Rule) (added int64, err error)
}

// Curator answers queries better, one at a time: what admins do on pages.
type Curator struct {
	Curations Store
	Rules     Synonyms
	Lookup    func(folded string) []string // the synonyms in force of a folded text
}

// Synonyms returns what else is searched for with a query.
func (c *Curator) Synonyms(query string) []string { return c.Lookup(hanzi.Fold(query)) }

// CountPins returns how many items are pinned for each of some queries.
func (c *Curator) CountPins(ctx context.Context, queries []string) (map[string]int, error) {
	rows, err := c.Curations.List(ctx, "")
	if err != nil {
		return nil, err
	}
	byKey := map[string]int{}
	for _, row := range rows {
		if row.Action == Pin {
			byKey[row.QueryKey]++
		}
	}
	pinned := map[string]int{}
	for _, query := range queries {
		if q, err := ParseQuery(query); err == nil {
			pinned[query] = byKey[q.Key]
		}
	}
	return pinned, nil
}

// AddSynonym makes each of two texts stand for the other. A comma in one of them would begin
// another name, and is read as a space.
func (c *Curator) AddSynonym(ctx context.Context, query, word string) error {
	plain := strings.NewReplacer(",", " ", "，", " ", "、", " ", "=>", " ")
	rule, err := synonym.Parse(plain.Replace(query) + ", " + plain.Replace(word))
	if err != nil {
		return err
	}
	_, err = c.Rules.Add(ctx, []synonym.Rule{rule})
	return err
}

// Pin pins an item for a query. What was pinned before stays, behind the new one.
func (c *Curator) Pin(ctx context.Context, query string, item catalog.Key) error {
	rows, err := c.Curations.List(ctx, query)
	if err != nil {
		return err
	}
	items := []catalog.Key{item}
	for _, row := range rows {
		if row.Action == Pin && row.State == ItemVisible && !slices.Contains(items, row.Item()) {
			items = append(items, row.Item())
		}
	}
	return c.Curations.SetPins(ctx, query, items)
}
