package elastic

import (
	"context"
	"fmt"

	"github.com/xunke/xunke/catalog"
)

// Version is the server's version number, such as 8.19.13. It is the cheapest way to see
// whether the server answers.
func (c *Client) Version(ctx context.Context) (string, error) {
	var root struct {
		Version struct {
			Number string `json:"number"`
		} `json:"version"`
	}
	if err := c.Do(ctx, "GET", "/", nil, &root); err != nil {
		return "", fmt.Errorf("read version of Elasticsearch: %w", err)
	}
	return root.Version.Number, nil
}

// AliasOf lists the indices that a kind's alias points at: one, none before the first
// reindex, several when somebody has meddled.
func (c *Client) AliasOf(ctx context.Context, k catalog.Kind) ([]string, error) {
	var found map[string]any
	err := c.Do(ctx, "GET", "/_alias/"+c.Alias(k), nil, &found)
	if err != nil && !IsStatus(err, 404) {
		return nil, fmt.Errorf("read alias of %s: %w", k.Plural(), err)
	}
	var names []string
	for name := range found {
		if name != "error" && name != "status" {
			names = append(names, name)
		}
	}
	return names, nil
}

// NotDeleted is the clause of documents that searches may find: deleted ones stay in the
// index for a while, marked as deleted.
func NotDeleted() map[string]any {
	return map[string]any{"term": map[string]any{"deleted": false}}
}

// Searchable counts the documents of an index that searches may find, as of its last refresh.
func (c *Client) Searchable(ctx context.Context, index string) (int64, error) {
	var answer struct {
		Count int64 `json:"count"`
	}
	query := map[string]any{"bool": map[string]any{"filter": NotDeleted()}}
	if err := c.Do(ctx, "POST", "/"+index+"/_count", map[string]any{"query": query}, &answer); err != nil {
		return 0, fmt.Errorf("count documents of %s: %w", index, err)
	}
	return answer.Count, nil
}
