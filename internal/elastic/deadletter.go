package elastic

import (
	"context"
	"fmt"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/indexer"
	"github.com/xunke/xunke/verify"
)

var _ verify.Letters = (*Client)(nil)

// DeadLettersOf implements verify.Letters.
func (c *Client) DeadLettersOf(ctx context.Context, key catalog.Key) ([]indexer.DeadLetter, error) {
	body := map[string]any{"size": 100, "query": map[string]any{"bool": map[string]any{"filter": []any{
		map[string]any{"term": map[string]any{"kind": key.Kind}}, map[string]any{"term": map[string]any{"id": key.ID}},
	}}}}
	var answer struct {
		Hits struct {
			Hits []struct {
				Source indexer.DeadLetter `json:"_source"`
			} `json:"hits"`
		} `json:"hits"`
	}
	letters := []indexer.DeadLetter{}
	err := c.Do(ctx, "POST", "/"+c.DeadLetters()+"/_search", body, &answer)
	if IsStatus(err, 404) {
		return letters, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read dead letters of %s: %w", key, err)
	}
	for _, h := range answer.Hits.Hits {
		letters = append(letters, h.Source)
	}
	return letters, nil
}
