// Package index writes what the indexer makes into Elasticsearch and reads it again: bulk
// writes with an outcome for each document, indices and aliases of generations, the
// indexer's state, dead letters, and scans of whole indices.
package index

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strconv"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/indexer"
	"github.com/xunke/xunke/internal/elastic"
)

// Writer writes documents for the indexer by synchronous bulk requests.
type Writer struct{ c *elastic.Client }

var _ indexer.Writer = (*Writer)(nil)

// NewWriter makes a writer.
func NewWriter(c *elastic.Client) *Writer { return &Writer{c: c} }

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

// bulkBytes bounds a request of several documents. Rows may have megabytes of text, and
// Elasticsearch refuses a request that is over http.max_content_length (100 MB) or over its
// indexing pressure (a tenth of its heap), however often it is sent. Its manual names some
// megabytes as a good size.
const bulkBytes = 8 << 20

// Write implements indexer.Writer. Versions are external_gte: an equal version is
// written again, a lower one is a conflict, which means that something newer is there.
func (w *Writer) Write(ctx context.Context, index string, documents []indexer.Document) ([]indexer.Outcome, error) {
	outcomes := make([]indexer.Outcome, 0, len(documents))
	for len(documents) > 0 {
		n, size := 1, len(documents[0].Body)
		for n < len(documents) && size+len(documents[n].Body) <= bulkBytes {
			size += len(documents[n].Body)
			n++
		}
		some, err := w.send(ctx, index, documents[:n])
		if err != nil {
			return nil, err
		}
		outcomes, documents = append(outcomes, some...), documents[n:]
	}
	return outcomes, nil
}

// send writes documents in one request, or, where Elasticsearch never takes so large a
// one, by halves. A document that is too large alone is refused.
func (w *Writer) send(ctx context.Context, index string, documents []indexer.Document) ([]indexer.Outcome, error) {
	var body bytes.Buffer
	for _, d := range documents {
		fmt.Fprintf(&body, `{"index":{"_id":"%d","version":%d,"version_type":"external_gte"}}`+"\n", d.ID, d.Version)
		body.Write(d.Body)
		body.WriteByte('\n')
	}
	path := "/" + w.c.WriteAlias(index) + "/_bulk?require_alias=true&filter_path=items.*.status,items.*.error"
	var answer bulkAnswer
	err := w.c.Do(ctx, "POST", path, body.Bytes(), &answer)
	if why := tooLarge(err); why != "" {
		if len(documents) == 1 {
			return []indexer.Outcome{{Status: http.StatusRequestEntityTooLarge, Reason: fmt.Sprintf("a document of %d bytes is too large: %s", body.Len(), why)}}, nil
		}
		half := len(documents) / 2
		first, err := w.send(ctx, index, documents[:half])
		if err != nil {
			return nil, err
		}
		second, err := w.send(ctx, index, documents[half:])
		return append(first, second...), err
	}
	if err != nil {
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

// pressure is what a 429 of the indexing pressure says of the request and of the limit.
var pressure = regexp.MustCompile(`(?:coordinating|primary|replica)_operation_bytes=(\d+), max_\w+_bytes=(\d+)`)

// tooLarge says why a request is never taken, "" if it may be taken at another time.
func tooLarge(err error) string {
	status, ok := errors.AsType[*elastic.StatusError](err)
	if !ok {
		return ""
	}
	if status.Status == http.StatusRequestEntityTooLarge {
		return "it is over http.max_content_length"
	}
	if found := pressure.FindStringSubmatch(status.Reason); found != nil {
		size, _ := strconv.ParseInt(found[1], 10, 64)
		limit, _ := strconv.ParseInt(found[2], 10, 64)
		if size > limit {
			return fmt.Sprintf("it is over the indexing pressure of %d bytes", limit)
		}
	}
	return ""
}

// writeError tells what a retry can heal from what it cannot.
func writeError(index string, err error) error {
	status, ok := errors.AsType[*elastic.StatusError](err)
	if !ok {
		return err
	}
	if status.Status == 404 {
		return fmt.Errorf("write to %s: %w", index, indexer.ErrIndexGone)
	}
	// 429, 403 (a block while disks are full) and 5xx pass.
	return catalog.Unavailable("Elasticsearch", err)
}
