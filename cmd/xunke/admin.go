package main

import (
	"context"
	"database/sql"
	"slices"
	"strings"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/curation"
	"github.com/xunke/xunke/internal/hanzi"
	"github.com/xunke/xunke/internal/mysql/store"
	"github.com/xunke/xunke/internal/synonym"
	"github.com/xunke/xunke/searchlog"
	"github.com/xunke/xunke/web"
)

var _ web.Curator = (*curator)(nil)

// curator is what admins do on pages.
type curator struct {
	searches  store.Searches
	synonyms  store.Synonyms
	live      synonym.Live
	curations store.Curations
}

func newCurator(db *sql.DB, live synonym.Live) *curator {
	return &curator{
		searches: store.NewSearches(db), synonyms: store.NewSynonyms(db), live: live, curations: store.NewCurations(db),
	}
}

// Report implements web.Curator.
func (c *curator) Report(ctx context.Context, from, to time.Time, limit int) (searchlog.Report, error) {
	return c.searches.Report(ctx, from, to, limit)
}

// Synonyms implements web.Curator.
func (c *curator) Synonyms(query string) []string { return c.live.Lookup(hanzi.Fold(query)) }

// Pinned implements web.Curator.
func (c *curator) Pinned(ctx context.Context, queries []string) (map[string]int, error) {
	rows, err := c.curations.List(ctx, "")
	if err != nil {
		return nil, err
	}
	byKey := map[string]int{}
	for _, row := range rows {
		if row.Action == curation.Pin {
			byKey[row.QueryKey]++
		}
	}
	pinned := map[string]int{}
	for _, query := range queries {
		if q, err := curation.ParseQuery(query); err == nil {
			pinned[query] = byKey[q.Key]
		}
	}
	return pinned, nil
}

// AddSynonym implements web.Curator. A comma in one of the texts would begin another name.
func (c *curator) AddSynonym(ctx context.Context, query, word string) error {
	plain := strings.NewReplacer(",", " ", "，", " ", "、", " ", "=>", " ")
	rule, err := synonym.Parse(plain.Replace(query) + ", " + plain.Replace(word))
	if err != nil {
		return err
	}
	_, err = c.synonyms.Add(ctx, []synonym.Rule{rule})
	return err
}

// Pin implements web.Curator. What was pinned before stays, behind the new one.
func (c *curator) Pin(ctx context.Context, query string, item catalog.Key) error {
	rows, err := c.curations.List(ctx, query)
	if err != nil {
		return err
	}
	items := []catalog.Key{item}
	for _, row := range rows {
		if row.Action == curation.Pin && row.State == store.ItemVisible && !slices.Contains(items, row.Item()) {
			items = append(items, row.Item())
		}
	}
	return c.curations.SetPins(ctx, query, items)
}
