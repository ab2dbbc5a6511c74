package elastic

import (
	"context"
	"fmt"
	"net/http"

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
	if a.Courses != nil {
		for _, h := range a.Courses.Hits {
			keys[h.Type] = append(keys[h.Type], keyOf(h.Key, h.ID))
		}
	}
	if a.Orgs != nil {
		for _, h := range a.Orgs.Hits {
			keys[h.Type] = append(keys[h.Type], keyOf(h.Key, h.ID))
		}
	}
	if a.Teachers != nil {
		for _, h := range a.Teachers.Hits {
			keys[h.Type] = append(keys[h.Type], keyOf(h.Key, h.ID))
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

// Plain is the search that one writes first: stock bigrams and one multi_match. It is
// there to be compared with, over indices of its own that hold the same documents.
type Plain struct{ c *Client }

var _ eval.Searcher = (*Plain)(nil)

// plainMapping is the stock analysis for Chinese, Japanese and Korean on every text.
func plainMapping() object {
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

// NewPlain copies the live documents of every kind into plain indices. Call Drop when done.
func NewPlain(ctx context.Context, c *Client) (*Plain, error) {
	p := &Plain{c: c}
	for _, k := range catalog.Kinds() {
		if err := c.Do(ctx, http.MethodDelete, "/"+p.index(k), nil, nil); err != nil && !IsStatus(err, http.StatusNotFound) {
			return nil, fmt.Errorf("delete old plain index: %w", err)
		}
		if err := c.Do(ctx, http.MethodPut, "/"+p.index(k), plainMapping(), nil); err != nil {
			return nil, fmt.Errorf("create plain index: %w", err)
		}
		copying := object{
			"source": object{
				"index": c.Alias(k), "query": live(),
				"_source": list{"key", "name", "summary", "description", "org.name", "teachers.name"},
			},
			"dest": object{"index": p.index(k)},
		}
		if err := c.Do(ctx, http.MethodPost, "/_reindex?refresh=true", copying, nil); err != nil {
			return nil, fmt.Errorf("fill plain index: %w", err)
		}
	}
	return p, nil
}

// Drop deletes the plain indices.
func (p *Plain) Drop(ctx context.Context) error {
	for _, k := range catalog.Kinds() {
		if err := p.c.Do(ctx, http.MethodDelete, "/"+p.index(k), nil, nil); err != nil && !IsStatus(err, http.StatusNotFound) {
			return fmt.Errorf("delete plain index: %w", err)
		}
	}
	return nil
}

func (p *Plain) index(k catalog.Kind) string { return p.c.Prefix + "-plain-" + k.Plural() }

// Keys implements eval.Searcher.
func (p *Plain) Keys(ctx context.Context, kinds []catalog.Kind, text string, limit int) (map[catalog.Kind][]string, error) {
	keys := map[catalog.Kind][]string{}
	for _, k := range kinds {
		var answer searchAnswer
		body := object{
			"size": limit, "_source": list{"key"},
			"query": object{"multi_match": object{
				"query": text, "fields": list{"name^3", "summary", "description", "org.name", "teachers.name"},
			}},
		}
		if err := p.c.Do(ctx, http.MethodPost, "/"+p.index(k)+"/_search", body, &answer); err != nil {
			return nil, fmt.Errorf("search plain index: %w", err)
		}
		for _, raw := range answer.Hits.Hits {
			d, err := decode[struct {
				Key *string `json:"key"`
			}](raw)
			if err != nil {
				return nil, err
			}
			keys[k] = append(keys[k], keyOf(d.Key, 0))
		}
	}
	return keys, nil
}
