package search

import (
	"context"
	"fmt"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/eval"
)

// Keys implements eval.Searcher with the search that visitors get; hits of a correction
// count. An item without a key of its own is named by its id.
func (s *Searcher) Keys(ctx context.Context, kinds []catalog.Kind, text string, limit int) (map[catalog.Kind][]string, error) {
	a, err := s.Search(ctx, catalog.Query{Text: text, Kinds: kinds, Sort: catalog.SortRelevance, Page: 1, PerPage: limit})
	if err != nil {
		return nil, err
	}
	keys := map[catalog.Kind][]string{}
	for k, part := range a.Parts() {
		for _, h := range part.Hits {
			keys[k] = append(keys[k], keyOf(h.Key, h.ID))
		}
	}
	return keys, nil
}

func keyOf(key *string, id int64) string {
	if key == nil {
		return fmt.Sprintf("#%d", id)
	}
	return *key
}

var _ eval.Searcher = (*Searcher)(nil)
