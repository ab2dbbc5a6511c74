package elastic

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/indexer"
)

// Writer writes documents for the indexer by synchronous bulk requests.
type Writer struct{ c *Client }

var _ indexer.Writer = (*Writer)(nil)

// NewWriter makes a writer.
func NewWriter(c *Client) *Writer { return &Writer{c: c} }

type bulkAnswer struct {
	Items []struct {
		Index struct {
			Status int `json:"status"`
			Error  *struct {
				Type     string `json:"type"`
				Reason   string `json:"reason"`
				CausedBy *struct {
					Reason string `json:"reason"`
				} `json:"caused_by"`
			} `json:"error"`
		} `json:"index"`
	} `json:"items"`
}

// Write implements indexer.Writer. Versions are external_gte: an equal version is
// written again, a lower one is a conflict, which means that something newer is there.
func (w *Writer) Write(ctx context.Context, index string, documents []indexer.Document) ([]indexer.Outcome, error) {
	var body bytes.Buffer
	for _, d := range documents {
		fmt.Fprintf(&body, `{"index":{"_id":"%d","version":%d,"version_type":"external_gte"}}`+"\n", d.ID, d.Version)
		body.Write(d.Body)
		body.WriteByte('\n')
	}
	path := "/" + w.c.WriteAlias(index) + "/_bulk?require_alias=true&filter_path=items.*.status,items.*.error"
	var answer bulkAnswer
	if err := w.c.Do(ctx, "POST", path, body.Bytes(), &answer); err != nil {
		return nil, writeError(index, err)
	}
	if len(answer.Items) != len(documents) {
		return nil, catalog.Unavailable("Elasticsearch", fmt.Errorf("bulk of %d documents got %d outcomes", len(documents), len(answer.Items)))
	}
	outcomes := make([]indexer.Outcome, len(documents))
	for i, item := range answer.Items {
		outcomes[i].Status = item.Index.Status
		if e := item.Index.Error; e != nil {
			if e.Type == "index_not_found_exception" {
				return nil, fmt.Errorf("write to %s: %w", index, indexer.ErrIndexGone)
			}
			outcomes[i].Reason = e.Type + ": " + e.Reason
			if e.CausedBy != nil {
				outcomes[i].Reason += ": " + e.CausedBy.Reason
			}
		}
	}
	return outcomes, nil
}

// writeError tells what a retry can heal from what it cannot.
func writeError(index string, err error) error {
	status, ok := errors.AsType[*StatusError](err)
	if !ok {
		return err
	}
	if status.Status == 404 {
		return fmt.Errorf("write to %s: %w", index, indexer.ErrIndexGone)
	}
	// 429, 403 (a block while disks are full) and 5xx pass.
	return catalog.Unavailable("Elasticsearch", err)
}

// Bury implements indexer.Writer. A letter's id is its document's, so that the same
// refusal is kept once.
func (w *Writer) Bury(ctx context.Context, letters []indexer.DeadLetter) error {
	if err := w.c.ensureIndex(ctx, w.c.DeadLetters(), map[string]any{
		"kind": keyword, "id": long, "index": keyword, "gtid": keyword,
		"reason": map[string]any{"type": "text"}, "at": map[string]any{"type": "date"},
	}); err != nil {
		return err
	}
	var body bytes.Buffer
	for _, l := range letters {
		raw, err := json.Marshal(l)
		if err != nil {
			return fmt.Errorf("encode dead letter: %w", err)
		}
		fmt.Fprintf(&body, `{"index":{"_id":%q}}`+"\n%s\n", l.Index+":"+strconv.FormatInt(l.ID, 10), raw)
	}
	var answer struct {
		Errors bool `json:"errors"`
	}
	if err := w.c.Do(ctx, "POST", "/"+w.c.DeadLetters()+"/_bulk?refresh=true&filter_path=errors", body.Bytes(), &answer); err != nil {
		return fmt.Errorf("keep dead letters: %w", err)
	}
	if answer.Errors {
		return catalog.Unavailable("the index of dead letters", nil)
	}
	return nil
}

var (
	keyword = map[string]any{"type": "keyword"}
	long    = map[string]any{"type": "long"}
)

// ensureIndex makes a small strict index of the indexer's own unless it is there.
func (c *Client) ensureIndex(ctx context.Context, name string, properties map[string]any) error {
	err := c.Do(ctx, "HEAD", "/"+name, nil, nil)
	if err == nil || !IsStatus(err, 404) {
		return err
	}
	err = c.Do(ctx, "PUT", "/"+name, map[string]any{
		"settings": map[string]any{"number_of_shards": 1, "auto_expand_replicas": "0-1"},
		"mappings": map[string]any{"dynamic": "strict", "properties": properties},
	}, nil)
	if status, ok := errors.AsType[*StatusError](err); ok && status.Type == "resource_already_exists_exception" {
		return nil
	}
	return err
}
