package index

import (
	"context"
	"errors"
	"fmt"

	"github.com/xunke/xunke/indexer"
	"github.com/xunke/xunke/internal/elastic"
)

// Lister reads what is in the indices.
type Lister struct{ c *elastic.Client }

var _ indexer.Lister = (*Lister)(nil)

// NewLister makes a lister.
func NewLister(c *elastic.Client) *Lister { return &Lister{c: c} }

// IDs implements indexer.Lister.
func (l *Lister) IDs(ctx context.Context, index string, after int64, limit int) ([]int64, error) {
	body := map[string]any{
		"size": limit, "query": map[string]any{"bool": map[string]any{"filter": elastic.NotDeleted()}}, "sort": []any{map[string]any{"id": "asc"}},
		"_source": false, "track_total_hits": false, "search_after": []any{after},
	}
	var answer struct {
		Hits struct {
			Hits []struct {
				Sort []int64 `json:"sort"`
			} `json:"hits"`
		} `json:"hits"`
	}
	if err := l.c.Do(ctx, "POST", "/"+index+"/_search?filter_path=hits.hits.sort", body, &answer); err != nil {
		return nil, fmt.Errorf("list documents of %s: %w", index, err)
	}
	ids := make([]int64, 0, len(answer.Hits.Hits))
	for _, h := range answer.Hits.Hits {
		if len(h.Sort) != 1 {
			return nil, errors.New("list documents: a hit has no sort value")
		}
		ids = append(ids, h.Sort[0])
	}
	return ids, nil
}

// Refresh implements indexer.Lister.
func (l *Lister) Refresh(ctx context.Context, index string) error {
	if err := l.c.Do(ctx, "POST", "/"+index+"/_refresh", nil, nil); err != nil {
		return fmt.Errorf("refresh %s: %w", index, err)
	}
	return nil
}

// Count implements indexer.Lister.
func (l *Lister) Count(ctx context.Context, index string) (int64, error) {
	if err := l.Refresh(ctx, index); err != nil {
		return 0, err
	}
	return l.c.Searchable(ctx, index)
}

// Sample implements indexer.Lister.
func (l *Lister) Sample(ctx context.Context, index string, ids []int64) (map[int64]indexer.Stored, error) {
	names := make([]string, len(ids))
	for i, id := range ids {
		names[i] = fmt.Sprint(id)
	}
	var answer struct {
		Docs []struct {
			ID      int64 `json:"_id,string"`
			Found   bool  `json:"found"`
			Version int64 `json:"_version"`
			indexedSource
		} `json:"docs"`
	}
	if err := l.c.Do(ctx, "POST", "/"+index+"/_mget", map[string]any{"ids": names}, &answer); err != nil {
		return nil, fmt.Errorf("get documents of %s: %w", index, err)
	}
	stored := make(map[int64]indexer.Stored, len(ids))
	for _, d := range answer.Docs {
		if d.Found {
			stored[d.ID] = indexer.Stored{Version: d.Version, Source: d.Source}
		}
	}
	return stored, nil
}
