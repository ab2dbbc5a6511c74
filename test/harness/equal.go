package harness

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/indexer"
)

// equalPage is how many rows are compared at a time.
const equalPage = 1000

// MustBeEqual waits until the documents that searches see are those of the rows, field by
// field, and then has `xunke verify` compare everything in its own way.
func (w *World) MustBeEqual() {
	w.T.Helper()
	for _, k := range catalog.Kinds() {
		w.Eventually(fmt.Sprintf("the %s are as in MySQL", k.Plural()), func() (bool, string) {
			difference, err := w.Difference(w.T.Context(), k)
			if err != nil {
				return false, err.Error()
			}
			return difference == "", difference
		})
	}
	if r := w.Run("verify"); r.Status != 0 {
		w.T.Fatalf("verify: %s", r)
	}
}

// WaitUntilIndexed waits until the indexer says that everything committed is in the index. Nothing
// may be on its way after that: what differs then stays different.
func (w *World) WaitUntilIndexed() {
	w.T.Helper()
	executed := One[string](w, `SELECT @@GLOBAL.gtid_executed`)
	w.Eventually("everything is acknowledged", func() (bool, string) {
		s := w.State()
		lacks := One[string](w, `SELECT GTID_SUBTRACT(?, ?)`, executed, s.Acked)
		for _, k := range catalog.Kinds() {
			if s.Serving(k) == nil {
				return false, fmt.Sprintf("no index of %s serves; the last error is %q", k.Plural(), s.LastError)
			}
		}
		building := slices.ContainsFunc(s.Live, func(g indexer.Gen) bool { return g.Stage == indexer.StageBuilding })
		return lacks == "" && len(s.FanOut) == 0 && s.Parents.Len() == 0 && !building,
			fmt.Sprintf("%q is not acknowledged, %d fan-outs and the sums of %d wait, an index is being built: %v; the last error is %q",
				lacks, len(s.FanOut), s.Parents.Len(), building, s.LastError)
	})
	for _, k := range catalog.Kinds() {
		if err := w.Client.Do(w.T.Context(), "POST", "/"+w.Client.Alias(k)+"/_refresh", nil, nil); err != nil {
			w.T.Fatalf("refresh the %s: %v", k.Plural(), err)
		}
	}
}

// EqualNow compares what is searched with what MySQL says, without waiting for anything,
// and reports what differs.
func (w *World) EqualNow() bool {
	w.T.Helper()
	equal := true
	for _, k := range catalog.Kinds() {
		difference, err := w.Difference(w.T.Context(), k)
		if err != nil {
			w.T.Fatal(err)
		}
		if difference != "" {
			w.T.Errorf("the %s are not as in MySQL: %s", k.Plural(), difference)
			equal = false
		}
	}
	return equal
}

// Difference compares the documents of one kind, every field of them, with what MySQL
// says. It is "" when all are equal.
func (w *World) Difference(ctx context.Context, k catalog.Kind) (string, error) {
	var first string
	wrong := 0
	note := func(format string, args ...any) {
		if wrong++; wrong == 1 {
			first = fmt.Sprintf(format, args...)
		}
	}
	for after := int64(0); after < math.MaxInt64; {
		rows, last, err := w.rows(ctx, k, after, equalPage)
		if err != nil {
			return "", err
		}
		documents, err := w.documents(ctx, k, after, last)
		if err != nil {
			return "", err
		}
		for _, id := range slices.Sorted(maps.Keys(rows)) {
			if found, ok := documents[id]; !ok {
				note("%d is missing (%v)", id, rows[id]["name"])
			} else if field := differs(rows[id], found); field != "" {
				note("%s of %d is %v and should be %v", field, id, found[field], rows[id][field])
			}
			delete(documents, id)
		}
		for _, id := range slices.Sorted(maps.Keys(documents)) {
			note("%d has no visible row (%v)", id, documents[id]["name"])
		}
		after = last
	}
	if wrong == 0 {
		return "", nil
	}
	return fmt.Sprintf("%d differences, the first: %s", wrong, first), nil
}

// differs names the first field in which a document is not what it should be.
func differs(want, have map[string]any) string {
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if x, ok := want[name].(float64); ok && name == "hot" {
			if y, ok := have[name].(float64); !ok || math.Abs(x-y) > 1e-9*math.Max(1, x) {
				return name
			}
		} else if !reflect.DeepEqual(want[name], have[name]) {
			return name
		}
	}
	for _, name := range slices.Sorted(maps.Keys(have)) {
		if _, ok := want[name]; !ok && have[name] != nil {
			return name
		}
	}
	return ""
}

// FoundName is the name under which a search finds an item, "" when it finds none.
func (w *World) FoundName(ctx context.Context, k catalog.Kind, id int64) (string, error) {
	documents, err := w.documents(ctx, k, id-1, id)
	name, _ := documents[id]["name"].(string)
	return name, err
}

// documents reads what a search behind the alias of a kind sees of ids after one up to
// another.
func (w *World) documents(ctx context.Context, k catalog.Kind, after, last int64) (map[int64]map[string]any, error) {
	const page = 2000
	documents := map[int64]map[string]any{}
	for {
		body := map[string]any{
			"size": page, "sort": []any{map[string]any{"id": "asc"}}, "search_after": []any{after}, "track_total_hits": false,
			"query": map[string]any{"bool": map[string]any{"filter": []any{
				map[string]any{"term": map[string]any{"deleted": false}},
				map[string]any{"range": map[string]any{"id": map[string]any{"lte": last}}},
			}}},
		}
		var found struct {
			Hits struct {
				Hits []struct {
					Source json.RawMessage `json:"_source"`
					Sort   []int64         `json:"sort"`
				} `json:"hits"`
			} `json:"hits"`
		}
		if err := w.Client.Do(ctx, "POST", "/"+w.Client.Alias(k)+"/_search", body, &found); err != nil {
			return nil, fmt.Errorf("read the documents: %w", err)
		}
		for _, h := range found.Hits.Hits {
			var fields map[string]any
			if err := json.Unmarshal(h.Source, &fields); err != nil {
				return nil, fmt.Errorf("read a document: %w", err)
			}
			after = h.Sort[0]
			documents[after] = fields
		}
		if len(found.Hits.Hits) < page {
			return documents, nil
		}
	}
}
