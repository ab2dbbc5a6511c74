package index

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"github.com/xunke/xunke/internal/elastic"
	"github.com/xunke/xunke/verify"
)

var _ verify.Index = (*Lister)(nil)

// scanKeepAlive is how long a scan may take for one page, reader and all.
const scanKeepAlive = "5m"

type scanAnswer struct {
	PIT      string `json:"pit_id"`
	TimedOut bool   `json:"timed_out"`
	Hits     struct {
		Hits []struct {
			ID      string            `json:"_id"`
			Version int64             `json:"_version"`
			Sort    []json.RawMessage `json:"sort"`
			indexedSource
		} `json:"hits"`
	} `json:"hits"`
}

// Scan implements verify.Index. It refreshes and then reads from a point in time, which
// gives documents with the same id, or with none, a place in the order as well: without
// one a page that ends between two of them would lose the second. Documents are found by
// not being marked as deleted, so one that lacks the mark is found, too.
func (l *Lister) Scan(ctx context.Context, index string, size int, each func([]verify.Hit) error) (err error) {
	if err := l.Refresh(ctx, index); err != nil {
		return err
	}
	var opened struct {
		ID string `json:"id"`
	}
	if err := l.c.Do(ctx, "POST", "/"+index+"/_pit?keep_alive="+scanKeepAlive, nil, &opened); err != nil {
		return fmt.Errorf("open point in time of %s: %w", index, err)
	}
	pit := opened.ID
	defer func() {
		// The point in time is given back even when ctx has ended; it would expire anyway.
		closing := l.c.Do(context.WithoutCancel(ctx), "DELETE", "/_pit", map[string]any{"id": pit}, nil)
		if closing != nil && !elastic.IsStatus(closing, 404) && err == nil {
			err = fmt.Errorf("close point in time of %s: %w", index, closing)
		}
	}()
	body := map[string]any{
		"size": size, "track_total_hits": false, "version": true,
		"query": map[string]any{"bool": map[string]any{"must_not": map[string]any{"term": map[string]any{"deleted": true}}}},
		"sort":  []any{map[string]any{"id": map[string]any{"order": "asc", "missing": "_last"}}, map[string]any{"_shard_doc": "asc"}},
	}
	for {
		body["pit"] = map[string]any{"id": pit, "keep_alive": scanKeepAlive}
		var answer scanAnswer
		err := l.c.Do(ctx, "POST", "/_search?allow_partial_search_results=false"+
			"&filter_path=pit_id,timed_out,hits.hits._id,hits.hits._version,hits.hits._source,hits.hits.sort", body, &answer)
		if err != nil {
			return fmt.Errorf("scan %s: %w", index, err)
		}
		if answer.TimedOut {
			return fmt.Errorf("scan %s: the search timed out", index)
		}
		if answer.PIT != "" {
			pit = answer.PIT
		}
		page, last, err := answer.page()
		if err != nil {
			return fmt.Errorf("scan %s: %w", index, err)
		}
		if len(page) == 0 {
			return nil
		}
		if err := each(page); err != nil {
			return err
		}
		if len(page) < size {
			return nil
		}
		body["search_after"] = last
	}
}

// page is the hits of an answer and the sort values of the last.
func (a *scanAnswer) page() (hits []verify.Hit, last []json.RawMessage, err error) {
	hits = make([]verify.Hit, len(a.Hits.Hits))
	for i, h := range a.Hits.Hits {
		if len(h.Sort) != 2 {
			return nil, nil, errors.New("a hit has not two sort values")
		}
		id, err := strconv.ParseInt(string(h.Sort[0]), 10, 64)
		if err != nil {
			return nil, nil, fmt.Errorf("document %q sorts as %s", h.ID, h.Sort[0])
		}
		hits[i] = verify.Hit{Name: h.ID, ID: id, Version: h.Version, Source: h.Source}
		last = h.Sort
	}
	return hits, last, nil
}
