package search

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/elastic"
)

// pitKeepAlive is how long a point in time is held for the next page.
const pitKeepAlive = "2m"

// openPIT holds the present state of a kind's index, so that a reader who goes on page by
// page sees each item once even while items are written.
func openPIT(ctx context.Context, c *elastic.Client, k catalog.Kind) (string, error) {
	var answer struct {
		ID string `json:"id"`
	}
	if err := c.Do(ctx, http.MethodPost, "/"+c.Alias(k)+"/_pit?keep_alive="+pitKeepAlive, nil, &answer); err != nil {
		return "", fmt.Errorf("open point in time: %w", err)
	}
	return answer.ID, nil
}

// searchAfter turns a cursor's position into the values of a search_after. The values came
// from a signed cursor, but a wrong one must still be the caller's error, not a bad body.
func searchAfter(cursor *catalog.Cursor, keys int) (list, error) {
	if len(cursor.After) != keys {
		return nil, catalog.Invalidf("cursor", "does not belong to this list")
	}
	out := make(list, len(cursor.After))
	for i, raw := range cursor.After {
		var number json.Number
		if err := json.Unmarshal([]byte(raw), &number); err != nil || number == "" || raw[0] == '"' {
			return nil, catalog.Invalidf("cursor", "does not belong to this list")
		}
		out[i] = json.RawMessage(raw)
	}
	return out, nil
}

// nextCursor is the position after the last of the hits, with what was decided about the
// question and the day that orders it: both may come out otherwise when the next page is
// asked for.
func (q question) nextCursor(k catalog.Kind, held view, last rawHit) *catalog.Cursor {
	next := &catalog.Cursor{
		Kind: k, Sort: q.Sort,
		Day: q.today.UTC().Format(time.DateOnly), Matching: q.matching.name, Corrected: q.corrected,
	}
	if held.id != "" {
		next.PIT, next.Held = held.id, held.opened.Unix()
	}
	for _, v := range last.Sort {
		next.After = append(next.After, string(v))
	}
	return next
}

// isPITMissing says whether a search failed because its point in time is no longer held.
func isPITMissing(err error) bool {
	e, ok := errors.AsType[*elastic.StatusError](err)
	return ok && (e.Status == http.StatusNotFound || e.Type == "search_context_missing_exception" || e.Type == "search_phase_execution_exception")
}
