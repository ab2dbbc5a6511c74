package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/mappings"
)

// rawInFlight is how many raw bulk requests are on their way: two saturate Elasticsearch.
const rawInFlight = 2

// bodies is a file of bulk requests that are ready to be sent.
type bodies struct {
	path      string
	sizes     []int // bytes of each request
	documents int
}

// rawFigures are one load of the bodies into a fresh index.
type rawFigures struct {
	Documents int     `json:"documents"`
	Seconds   float64 `json:"seconds"`
	Refresh   float64 `json:"refresh_seconds"` // afterwards, until all can be searched
	PerSecond float64 `json:"documents_per_second"`
}

// bodiesOf writes down the documents that serve a kind as bulk requests.
func (i *installation) bodiesOf(ctx context.Context, k catalog.Kind) (_ *bodies, err error) {
	out := &bodies{path: filepath.Join(i.dir, "bodies.ndjson")}
	file, err := os.Create(out.path)
	if err != nil {
		return nil, fmt.Errorf("make a file of bulk requests: %w", err)
	}
	w := bufio.NewWriterSize(file, 1<<20)
	defer func() { err = errors.Join(err, w.Flush(), file.Close()) }()
	for after := int64(0); ; {
		var found struct {
			Hits struct {
				Hits []struct {
					ID     string          `json:"_id"`
					Source json.RawMessage `json:"_source"`
					Sort   []int64         `json:"sort"`
				} `json:"hits"`
			} `json:"hits"`
		}
		err := i.client.Do(ctx, "POST", "/"+i.client.Alias(k)+"/_search?filter_path=hits.hits._id,hits.hits._source,hits.hits.sort", map[string]any{
			"size": batchSize, "query": map[string]any{"term": map[string]any{"deleted": false}}, "track_total_hits": false,
			"sort": []any{map[string]any{"id": "asc"}}, "search_after": []any{after},
		}, &found)
		if err != nil {
			return nil, fmt.Errorf("read documents: %w", err)
		}
		hits := found.Hits.Hits
		if len(hits) == 0 {
			return out, nil
		}
		size := 0
		for _, h := range hits {
			n, err := fmt.Fprintf(w, `{"index":{"_id":%q}}`+"\n%s\n", h.ID, h.Source)
			if err != nil {
				return nil, fmt.Errorf("write bulk requests: %w", err)
			}
			size += n
		}
		out.sizes = append(out.sizes, size)
		out.documents += len(hits)
		after = hits[len(hits)-1].Sort[0]
	}
}

// raw loads the bodies into a fresh index with the mapping and the settings that a reindex
// uses, with nothing else to do: what Elasticsearch takes at best. The index is deleted.
func (i *installation) raw(ctx context.Context, k catalog.Kind, b *bodies) (_ rawFigures, err error) {
	out := rawFigures{Documents: b.documents}
	index := i.name + "-raw"
	body, err := mappings.Body(k, mappings.Options{Shards: 1})
	if err != nil {
		return out, err
	}
	if err := i.client.Do(ctx, "PUT", "/"+index, body, nil); err != nil {
		return out, fmt.Errorf("create index %s: %w", index, err)
	}
	defer func() { err = errors.Join(err, i.client.Do(context.WithoutCancel(ctx), "DELETE", "/"+index, nil, nil)) }()

	began := time.Now()
	if err := i.load(ctx, index, b); err != nil {
		return out, err
	}
	out.Seconds = time.Since(began).Seconds()
	began = time.Now()
	if err := i.client.Do(ctx, "POST", "/"+index+"/_refresh", nil, nil); err != nil {
		return out, fmt.Errorf("refresh %s: %w", index, err)
	}
	out.Refresh = time.Since(began).Seconds()
	out.PerSecond = ratio(float64(b.documents), out.Seconds+out.Refresh)
	var count struct {
		Count int `json:"count"`
	}
	if err := i.client.Do(ctx, "GET", "/"+index+"/_count", nil, &count); err != nil {
		return out, fmt.Errorf("count %s: %w", index, err)
	}
	if count.Count != b.documents {
		return out, fmt.Errorf("the raw index has %d documents of %d", count.Count, b.documents)
	}
	return out, nil
}

// load sends the bodies, rawInFlight at a time, and holds no more than that in memory.
func (i *installation) load(ctx context.Context, index string, b *bodies) (err error) {
	file, err := os.Open(b.path)
	if err != nil {
		return fmt.Errorf("open the bulk requests: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(rawInFlight)
	for _, size := range b.sizes {
		request := make([]byte, size)
		if _, err := io.ReadFull(file, request); err != nil {
			return errors.Join(fmt.Errorf("read the bulk requests: %w", err), group.Wait())
		}
		if ctx.Err() != nil {
			break
		}
		group.Go(func() error {
			var answer struct {
				Errors bool `json:"errors"`
			}
			if err := i.client.Do(ctx, "POST", "/"+index+"/_bulk?filter_path=errors", request, &answer); err != nil {
				return fmt.Errorf("load: %w", err)
			}
			if answer.Errors {
				return errors.New("load: Elasticsearch refused some documents")
			}
			return nil
		})
	}
	return group.Wait()
}
