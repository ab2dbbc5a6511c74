package search

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/elastic"
)

// Visible tells what searches see of the indices behind the aliases.
type Visible struct{ c *elastic.Client }

// NewVisible makes a Visible. Its requests are small and often, and none of them says
// anything about whether Elasticsearch does its work: the client needs no breaker.
func NewVisible(c *elastic.Client) Visible { return Visible{c} }

// Versions says of each kind what searches see: the index and how often its shards have
// been refreshed. Elasticsearch counts a refresh twice: as one of its own before what it
// brings can be found, and as one for searches after that, once it has let go of what was
// before. Both are part of a version, so it is another one from just before until just
// after searches find more. A kind without an index is absent. Errors: CodeUnavailable.
func (v Visible) Versions(ctx context.Context) (map[catalog.Kind]string, error) {
	var aliases []string
	for _, k := range catalog.Kinds() {
		aliases = append(aliases, v.c.Alias(k))
	}
	var answer struct {
		Shards struct {
			Failed int `json:"failed"`
		} `json:"_shards"`
		Indices map[string]struct {
			UUID  string `json:"uuid"`
			Total struct {
				Refresh struct {
					Internal int64 `json:"total"`
					External int64 `json:"external_total"`
				} `json:"refresh"`
			} `json:"total"`
		} `json:"indices"`
	}
	path := "/" + strings.Join(aliases, ",") + "/_stats/refresh?ignore_unavailable=true" +
		"&filter_path=_shards.failed,indices.*.uuid,indices.*.total.refresh.total,indices.*.total.refresh.external_total"
	if err := v.c.Do(ctx, http.MethodGet, path, nil, &answer); err != nil {
		return nil, fmt.Errorf("read refreshes: %w", err)
	}
	if answer.Shards.Failed > 0 {
		return nil, catalog.Unavailable("Elasticsearch", fmt.Errorf("read refreshes: %d shards failed", answer.Shards.Failed))
	}
	versions := map[catalog.Kind]string{}
	for name, index := range answer.Indices {
		if k, ok := v.c.KindOf(name); ok {
			versions[k] = fmt.Sprintf("%s/%d/%d", index.UUID, index.Total.Refresh.Internal, index.Total.Refresh.External)
		}
	}
	return versions, nil
}
