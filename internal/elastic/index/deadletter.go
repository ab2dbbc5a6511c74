package index

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/indexer"
	"github.com/xunke/xunke/internal/elastic"
	"github.com/xunke/xunke/verify"
)

// DeadLetters are the documents that Elasticsearch refused and nobody has dealt with.
type DeadLetters struct{ c *elastic.Client }

var _ verify.Letters = (*DeadLetters)(nil)

// NewDeadLetters makes a DeadLetters.
func NewDeadLetters(c *elastic.Client) *DeadLetters { return &DeadLetters{c: c} }

// deadLetterPage is how many dead letters are read at once.
const deadLetterPage = 500

var (
	keyword = map[string]any{"type": "keyword"}
	long    = map[string]any{"type": "long"}
)

// SaveDeadLetters implements indexer.Writer. A letter's id is its document's, so that the same
// refusal is kept once.
func (w *Writer) SaveDeadLetters(ctx context.Context, letters []indexer.DeadLetter) error {
	if err := ensureIndex(ctx, w.c, w.c.DeadLetters(), map[string]any{
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

// DeadLettersOf implements verify.Letters.
func (d *DeadLetters) DeadLettersOf(ctx context.Context, key catalog.Key) ([]indexer.DeadLetter, error) {
	kept, err := d.Oldest(ctx, key, time.Now().Add(time.Hour)) // whatever the clock of who kept them
	letters := make([]indexer.DeadLetter, len(kept))
	for i, l := range kept {
		letters[i] = l.DeadLetter
	}
	return letters, err
}

// Count counts the documents of these kinds (none: all) that Elasticsearch refused
// and nobody has dealt with. oldest is when the first of them was refused, nil without any.
func (d *DeadLetters) Count(ctx context.Context, kinds ...catalog.Kind) (n int64, oldest *time.Time, err error) {
	query := map[string]any{"match_all": map[string]any{}}
	if len(kinds) > 0 {
		query = map[string]any{"terms": map[string]any{"kind": kinds}}
	}
	var answer struct {
		Hits struct {
			Total struct {
				Value int64 `json:"value"`
			} `json:"total"`
			Hits []struct {
				Source struct {
					At time.Time `json:"at"`
				} `json:"_source"`
			} `json:"hits"`
		} `json:"hits"`
	}
	body := map[string]any{"size": 1, "_source": "at", "sort": "at", "track_total_hits": true, "query": query}
	err = d.c.Do(ctx, "POST", "/"+d.c.DeadLetters()+"/_search?filter_path=hits.total,hits.hits._source", body, &answer)
	if elastic.IsStatus(err, http.StatusNotFound) {
		return 0, nil, nil
	}
	if err != nil {
		return 0, nil, fmt.Errorf("count dead letters: %w", err)
	}
	if len(answer.Hits.Hits) > 0 {
		oldest = &answer.Hits.Hits[0].Source.At
	}
	return answer.Hits.Total.Value, oldest, nil
}

// Oldest returns up to a page of the letters that were kept before a time,
// oldest first: those of one item, of a kind where the id is 0, or all where the kind is
// empty, too.
func (d *DeadLetters) Oldest(ctx context.Context, of catalog.Key, before time.Time) ([]indexer.KeptLetter, error) {
	filter := []any{map[string]any{"range": map[string]any{"at": map[string]any{"lt": before.UTC().Format(time.RFC3339Nano)}}}}
	if of.Kind != "" {
		filter = append(filter, map[string]any{"term": map[string]any{"kind": of.Kind}})
	}
	if of.ID != 0 {
		filter = append(filter, map[string]any{"term": map[string]any{"id": of.ID}})
	}
	body := map[string]any{
		"size": deadLetterPage, "seq_no_primary_term": true, "sort": []any{"at", "id"},
		"query": map[string]any{"bool": map[string]any{"filter": filter}},
	}
	var answer struct {
		Hits struct {
			Hits []struct {
				Source   indexer.DeadLetter `json:"_source"`
				Sequence int64              `json:"_seq_no"`
				Term     int64              `json:"_primary_term"`
			} `json:"hits"`
		} `json:"hits"`
	}
	letters := []indexer.KeptLetter{}
	err := d.c.Do(ctx, "POST", "/"+d.c.DeadLetters()+"/_search", body, &answer)
	if elastic.IsStatus(err, http.StatusNotFound) {
		return letters, nil
	}
	if err != nil {
		return letters, fmt.Errorf("read dead letters: %w", err)
	}
	for _, h := range answer.Hits.Hits {
		letters = append(letters, indexer.KeptLetter{DeadLetter: h.Source, Sequence: h.Sequence, Term: h.Term})
	}
	return letters, nil
}

// Drop forgets letters and returns how many; one that has been replaced since
// it was read stays.
func (d *DeadLetters) Drop(ctx context.Context, letters []indexer.KeptLetter) (dropped int, err error) {
	if len(letters) == 0 {
		return 0, nil
	}
	var body bytes.Buffer
	for _, l := range letters {
		fmt.Fprintf(&body, `{"delete":{"_id":%q,"if_seq_no":%d,"if_primary_term":%d}}`+"\n",
			l.Index+":"+strconv.FormatInt(l.ID, 10), l.Sequence, l.Term)
	}
	var answer struct {
		Items []struct {
			Delete struct {
				Status int `json:"status"`
			} `json:"delete"`
		} `json:"items"`
	}
	if err := d.c.Do(ctx, "POST", "/"+d.c.DeadLetters()+"/_bulk?refresh=true", body.Bytes(), &answer); err != nil {
		return 0, fmt.Errorf("drop dead letters: %w", err)
	}
	for _, item := range answer.Items {
		switch item.Delete.Status {
		case http.StatusOK:
			dropped++
		case http.StatusConflict, http.StatusNotFound:
		default:
			err = catalog.Unavailable("the index of dead letters", fmt.Errorf("status %d", item.Delete.Status))
		}
	}
	return dropped, err
}
