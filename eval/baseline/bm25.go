// Package baseline holds the searches that the product's own is compared with.
package baseline

import (
	"context"
	"fmt"
	"net/http"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/eval"
	"github.com/xunke/xunke/internal/elastic"
)

// object and list are JSON being built.
type (
	object = map[string]any
	list   = []any
)

// BM25 is the search that one writes first: stock bigrams and one multi_match in which any
// word will do. It is there to be compared with, over indices of its own that hold the same
// documents.
type BM25 struct{ c *elastic.Client }

var _ eval.Searcher = (*BM25)(nil)

// bm25Mapping is the stock analysis for Chinese, Japanese and Korean on every text.
func bm25Mapping() object {
	text := object{"type": "text", "analyzer": "bigram"}
	named := object{"properties": object{"name": text}}
	return object{
		"settings": object{
			"number_of_replicas": 0,
			"analysis": object{"analyzer": object{"bigram": object{
				"type": "custom", "tokenizer": "standard", "filter": list{"cjk_width", "lowercase", "cjk_bigram"},
			}}},
		},
		"mappings": object{"dynamic": false, "properties": object{
			"name": text, "summary": text, "description": text, "org": named, "teachers": named,
		}},
	}
}

// NewBM25 copies the live documents of every kind into plain indices. Call Drop when done.
func NewBM25(ctx context.Context, c *elastic.Client) (*BM25, error) {
	b := &BM25{c: c}
	for _, k := range catalog.Kinds() {
		if err := c.Do(ctx, http.MethodDelete, "/"+b.index(k), nil, nil); err != nil && !elastic.IsStatus(err, http.StatusNotFound) {
			return nil, fmt.Errorf("delete old plain index: %w", err)
		}
		if err := c.Do(ctx, http.MethodPut, "/"+b.index(k), bm25Mapping(), nil); err != nil {
			return nil, fmt.Errorf("create plain index: %w", err)
		}
		copying := object{
			"source": object{
				"index": c.Alias(k), "query": elastic.NotDeleted(),
				"_source": list{"key", "name", "summary", "description", "org.name", "teachers.name"},
			},
			"dest": object{"index": b.index(k)},
		}
		if err := c.Do(ctx, http.MethodPost, "/_reindex?refresh=true", copying, nil); err != nil {
			return nil, fmt.Errorf("fill plain index: %w", err)
		}
	}
	return b, nil
}

// Drop deletes the plain indices.
func (b *BM25) Drop(ctx context.Context) error {
	for _, k := range catalog.Kinds() {
		if err := b.c.Do(ctx, http.MethodDelete, "/"+b.index(k), nil, nil); err != nil && !elastic.IsStatus(err, http.StatusNotFound) {
			return fmt.Errorf("delete plain index: %w", err)
		}
	}
	return nil
}

func (b *BM25) index(k catalog.Kind) string { return b.c.Prefix + "-plain-" + k.Plural() }

// Keys implements eval.Searcher.
func (b *BM25) Keys(ctx context.Context, kinds []catalog.Kind, text string, limit int) (eval.Results, error) {
	keys := map[catalog.Kind][]string{}
	for _, k := range kinds {
		var answer struct {
			Hits struct {
				Hits []struct {
					ID     string `json:"_id"`
					Source struct {
						Key *string `json:"key"`
					} `json:"_source"`
				} `json:"hits"`
			} `json:"hits"`
		}
		body := object{
			"size": limit, "_source": list{"key"},
			"query": object{"multi_match": object{
				"query": text, "fields": list{"name^3", "summary", "description", "org.name", "teachers.name"},
			}},
		}
		if err := b.c.Do(ctx, http.MethodPost, "/"+b.index(k)+"/_search", body, &answer); err != nil {
			return eval.Results{}, fmt.Errorf("search plain index: %w", err)
		}
		for _, hit := range answer.Hits.Hits {
			if hit.Source.Key == nil {
				keys[k] = append(keys[k], "#"+hit.ID)
				continue
			}
			keys[k] = append(keys[k], *hit.Source.Key)
		}
	}
	return eval.Results{Hits: keys}, nil
}
