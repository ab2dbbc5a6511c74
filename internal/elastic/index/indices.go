package index

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/indexer"
	"github.com/xunke/xunke/internal/elastic"
	"github.com/xunke/xunke/mappings"
)

// Indices makes and swaps the indices of generations.
type Indices struct {
	c       *elastic.Client
	options mappings.Options // of a finished index
}

var _ indexer.Indices = (*Indices)(nil)

// NewIndices makes an Indices whose finished indices have these settings.
func NewIndices(c *elastic.Client, options mappings.Options) *Indices {
	return &Indices{c: c, options: options}
}

// Create implements indexer.Indices.
func (i *Indices) Create(ctx context.Context, k catalog.Kind, generation int) (indexer.Gen, error) {
	version, err := mappings.Version(k)
	if err != nil {
		return indexer.Gen{}, err
	}
	fields, err := mappings.Fields(k)
	if err != nil {
		return indexer.Gen{}, err
	}
	body, err := mappings.Body(k, mappings.Options{Shards: i.options.Shards})
	if err != nil {
		return indexer.Gen{}, err
	}
	index := i.c.Index(k, version, generation)
	if err := i.c.Do(ctx, "PUT", "/"+index, body, nil); err != nil {
		return indexer.Gen{}, fmt.Errorf("create index %s: %w", index, err)
	}
	if err := i.c.Do(ctx, "PUT", "/"+index+"/_alias/"+i.c.WriteAlias(index), nil, nil); err != nil {
		return indexer.Gen{}, fmt.Errorf("create write alias of %s: %w", index, err)
	}
	return indexer.Gen{
		Index: index, Kind: k, Mapping: version, Fields: fields,
		Stage: indexer.StageBuilding, Created: time.Now().UTC(),
	}, nil
}

// mergePolicy is how the segments of a finished index are merged: from four of an order of size on,
// not from ten. Every refresh that shows something adds a segment, and a search looks for each of
// its words in every one of them. While an index is being filled it keeps the standard: nobody
// searches it, and each document would be written again more often.
var mergePolicy = map[string]any{"segments_per_tier": segmentsPerTier, "max_merge_at_once": segmentsPerTier, "floor_segment": "4mb"}

const segmentsPerTier = 4

// Finish implements indexer.Indices.
func (i *Indices) Finish(ctx context.Context, index string) error {
	settings := map[string]any{"index": map[string]any{
		"refresh_interval":   mappings.RefreshInterval(i.options.Refresh),
		"number_of_replicas": i.options.Replicas,
		"merge.policy":       mergePolicy,
	}}
	if err := i.c.Do(ctx, "PUT", "/"+index+"/_settings", settings, nil); err != nil {
		return fmt.Errorf("restore settings of %s: %w", index, err)
	}
	if err := i.c.Do(ctx, "POST", "/"+index+"/_refresh", nil, nil); err != nil {
		return fmt.Errorf("refresh %s: %w", index, err)
	}
	// Yellow is enough to be searched; copies may take hours on a cluster that is short
	// of nodes and must not hold up a reindex for ever.
	var health struct {
		TimedOut bool   `json:"timed_out"`
		Status   string `json:"status"`
	}
	if err := i.c.Do(ctx, "GET", "/_cluster/health/"+index+"?wait_for_status=yellow&timeout=60s", nil, &health); err != nil {
		return fmt.Errorf("wait for %s: %w", index, err)
	}
	if health.TimedOut {
		return catalog.Unavailable("index "+index, fmt.Errorf("it is %s after 60 s", health.Status))
	}
	return nil
}

// Swap implements indexer.Indices. Elasticsearch applies the actions of one request at
// once: no search sees a kind with no index or with two.
func (i *Indices) Swap(ctx context.Context, to map[catalog.Kind]string) error {
	var actions []any
	for _, k := range catalog.Kinds() {
		index, ok := to[k]
		if !ok {
			continue
		}
		actions = append(actions,
			map[string]any{"remove": map[string]any{"index": i.c.Alias(k) + "-v*", "alias": i.c.Alias(k), "must_exist": false}},
			map[string]any{"add": map[string]any{"index": index, "alias": i.c.Alias(k)}})
	}
	if err := i.c.Do(ctx, "POST", "/_aliases", map[string]any{"actions": actions}, nil); err != nil {
		return fmt.Errorf("swap aliases: %w", err)
	}
	return nil
}

// Delete implements indexer.Indices.
func (i *Indices) Delete(ctx context.Context, index string) error {
	if err := i.c.Do(ctx, "DELETE", "/"+index, nil, nil); err != nil && !elastic.IsStatus(err, 404) {
		return fmt.Errorf("delete index %s: %w", index, err)
	}
	return nil
}

// List implements indexer.Indices.
func (i *Indices) List(ctx context.Context) ([]string, error) {
	var found map[string]any
	var patterns []string
	for _, k := range catalog.Kinds() {
		patterns = append(patterns, i.c.Alias(k)+"-v*")
	}
	if err := i.c.Do(ctx, "GET", "/"+strings.Join(patterns, ",")+"?filter_path=*.aliases", nil, &found); err != nil {
		return nil, fmt.Errorf("list indices: %w", err)
	}
	names := make([]string, 0, len(found))
	for name := range found {
		names = append(names, name)
	}
	slices.Sort(names)
	return names, nil
}

// Serving implements indexer.Indices.
func (i *Indices) Serving(ctx context.Context) (map[catalog.Kind]string, error) {
	serving := map[catalog.Kind]string{}
	for _, k := range catalog.Kinds() {
		var found map[string]any
		err := i.c.Do(ctx, "GET", "/_alias/"+i.c.Alias(k), nil, &found)
		if elastic.IsStatus(err, 404) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("read alias of %s: %w", k.Plural(), err)
		}
		for name := range found {
			serving[k] = name
		}
	}
	return serving, nil
}
