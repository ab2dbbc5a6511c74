package search

import (
	"context"
	"fmt"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/eval"
)

// Keys implements eval.Searcher with the search that visitors get; hits of a correction
// count. An item without a key of its own is named by its id.
func (s *Searcher) Keys(ctx context.Context, kinds []catalog.Kind, text string, limit int) (eval.Results, error) {
	a, err := s.Search(ctx, catalog.Query{Text: text, Kinds: kinds, Facets: []catalog.Facet{}, Sort: catalog.SortRelevance, Page: 1, PerPage: limit})
	if err != nil {
		return eval.Results{}, err
	}
	found := eval.Results{Hits: map[catalog.Kind][]string{}, Near: map[catalog.Kind][]string{}}
	for k, part := range a.Parts() {
		found.Hits[k], found.Near[k] = keysOf(part.Hits), keysOf(part.Near)
	}
	return found, nil
}

func keysOf(hits []*catalog.Hit) []string {
	var keys []string
	for _, h := range hits {
		keys = append(keys, keyOf(h.Key, h.ID))
	}
	return keys
}

func keyOf(key *string, id int64) string {
	if key == nil {
		return fmt.Sprintf("#%d", id)
	}
	return *key
}

var _ eval.Searcher = (*Searcher)(nil)
