package index

import (
	"context"
	"fmt"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/indexer/binlog"
	"github.com/xunke/xunke/internal/elastic"
)

// Sentinel looks for the row that mysql.Sentinel writes. Its document is in the index of
// courses and marked as deleted, so that nothing else finds it.
type Sentinel struct{ c *elastic.Client }

// NewSentinel makes a Sentinel.
func NewSentinel(c *elastic.Client) *Sentinel { return &Sentinel{c: c} }

// Finds says whether a search of courses, as visitors' searches go, finds the row as it was
// written at this time.
func (s *Sentinel) Finds(ctx context.Context, at time.Time) (bool, error) {
	term := func(field string, value any) any { return map[string]any{"term": map[string]any{field: value}} }
	body := map[string]any{
		"size": 1, "_source": false, "track_total_hits": false,
		"query": map[string]any{"bool": map[string]any{"filter": []any{
			term("deleted", true), term("id", binlog.SentinelID), term("created_at", at.UnixMilli()),
		}}},
	}
	var found struct {
		Hits struct {
			Hits []struct{} `json:"hits"`
		} `json:"hits"`
	}
	path := "/" + s.c.Alias(catalog.KindCourse) + "/_search?request_cache=false&filter_path=hits.hits._id"
	if err := s.c.Do(ctx, "POST", path, body, &found); err != nil {
		return false, fmt.Errorf("look for the sentinel: %w", err)
	}
	return len(found.Hits.Hits) > 0, nil
}
