package index_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/elastic/index"
	"github.com/xunke/xunke/internal/testenv"
	"github.com/xunke/xunke/mappings"
)

// TestFewSegments: what visitors search keeps few segments though every refresh adds one; an
// index that is being filled need not.
func TestFewSegments(t *testing.T) {
	client := testenv.Elasticsearch(t, testenv.Config(t))
	indices := index.NewIndices(client, mappings.Options{Shards: 1, Refresh: time.Hour})
	gen, err := indices.Create(t.Context(), catalog.KindOrg, 1)
	if err != nil {
		t.Fatal(err)
	}
	// refresh makes another segment, and tells how many there are once nothing is being merged.
	refresh := func(id int) int {
		path := fmt.Sprintf("/%s/_doc/%d?refresh=true", gen.Index, id)
		if err := client.Do(t.Context(), "PUT", path, map[string]any{"id": id, "deleted": false}, nil); err != nil {
			t.Fatal(err)
		}
		for {
			var stats struct {
				All struct {
					Primaries struct {
						Merges   struct{ Current int }
						Segments struct{ Count int }
					}
				} `json:"_all"`
			}
			if err := client.Do(t.Context(), "GET", "/"+gen.Index+"/_stats/merge,segments", nil, &stats); err != nil {
				t.Fatal(err)
			}
			if p := stats.All.Primaries; p.Merges.Current == 0 {
				return p.Segments.Count
			}
			<-time.After(10 * time.Millisecond)
		}
	}
	most := 0
	for id := range 9 {
		most = max(most, refresh(id))
	}
	if most != 9 {
		t.Errorf("nine refreshes of an index that is being filled have left %d segments", most)
	}
	if err := indices.Finish(t.Context(), gen.Index); err != nil {
		t.Fatal(err)
	}
	most = 0
	for id := 9; id < 40; id++ {
		if n := refresh(id); id > 15 { // by then those from before are merged
			most = max(most, n)
		}
	}
	if most > 8 {
		t.Errorf("refreshes of a finished index have left up to %d segments", most)
	}
}
