package elastic

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/reach"
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

// Hint says what to do about the error of a request, by its cause; empty where it does not
// tell.
func Hint(err error) string {
	server := reach.Server{
		Name: "Elasticsearch", Address: "elasticsearch.addresses (XUNKE_ELASTICSEARCH_ADDRESSES)",
		CA:   "elasticsearch.ca (XUNKE_ELASTICSEARCH_CA) to the file of its authority, in PEM",
		Host: "elasticsearch.addresses (XUNKE_ELASTICSEARCH_ADDRESSES) to a name that it has",
		TLS:  "elasticsearch.addresses (XUNKE_ELASTICSEARCH_ADDRESSES) to https://…", Plain: "elasticsearch.addresses (XUNKE_ELASTICSEARCH_ADDRESSES) to http://…",
	}
	switch {
	case IsStatus(err, http.StatusUnauthorized):
		return "Elasticsearch refuses user and password, or the key: set elasticsearch.username and elasticsearch.password, or elasticsearch.api_key (XUNKE_ELASTICSEARCH_…)"
	case IsStatus(err, http.StatusForbidden):
		return "the user or the key may not do that: docs/OPERATIONS.md has the privileges that it needs"
	case IsStatus(err, http.StatusBadRequest) && strings.Contains(err.Error(), "HTTPS"):
		return "it speaks TLS there: set " + server.TLS
	default:
		return server.Hint(err)
	}
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

// Deleted is the clause of documents that no search may find: they stay in the index for a
// while, marked as deleted.
func Deleted() map[string]any {
	return map[string]any{"term": map[string]any{"deleted": true}}
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
