package search

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"

	"github.com/xunke/xunke/catalog"
)

// search is one of the searches of an _msearch.
type search struct {
	kind catalog.Kind
	body object
}

// msearch sends several searches in one round trip. Each answer may be an error of its own.
// No search goes without a time-out: Elasticsearch would go on with it for nobody.
func (s *Searcher) msearch(ctx context.Context, searches []search) ([]searchAnswer, error) {
	var body bytes.Buffer
	enc := json.NewEncoder(&body)
	enc.SetEscapeHTML(false)
	for _, one := range searches {
		header := object{"index": s.c.Alias(one.kind)}
		if one.body["pit"] != nil {
			header = object{} // a point in time brings its index along
		}
		if one.body["timeout"] == nil {
			one.body["timeout"] = searchTimeout
		}
		for _, line := range []any{header, one.body} {
			if err := enc.Encode(line); err != nil {
				return nil, fmt.Errorf("encode search: %w", err)
			}
		}
	}
	var answer struct {
		Responses []searchAnswer `json:"responses"`
	}
	path := "/_msearch"
	if s.oneByOne {
		path += "?max_concurrent_searches=1"
	}
	if err := s.c.Do(ctx, http.MethodPost, path, body.Bytes(), &answer); err != nil {
		return nil, fmt.Errorf("search: %w", err)
	}
	if len(answer.Responses) != len(searches) {
		return nil, catalog.Unavailable("Elasticsearch", fmt.Errorf("%d searches got %d answers", len(searches), len(answer.Responses)))
	}
	if slices.ContainsFunc(answer.Responses, func(a searchAnswer) bool { return a.Error != nil || a.partial() }) {
		catalog.MarkPassing(ctx) // also where what is lacking stands beside the hits and nobody is told
	}
	return answer.Responses, nil
}
