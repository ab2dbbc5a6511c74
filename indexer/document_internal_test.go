package indexer

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/mappings"
)

// TestDocumentsFollowFromRows: what rows hold is read elsewhere; all that follows from it is
// made here.
func TestDocumentsFollowFromRows(t *testing.T) {
	zero := time.Date(0, 0, 0, 0, 0, 0, 0, time.UTC) // what sessions without a strict SQL mode store
	s := Snapshot{
		Courses:  map[int64]mappings.Course{1: {ID: 1, Name: "C++", Summary: "List<String>", Description: "<p>一</p><p>a &lt; b</p>", Ratings: 4, CreatedAt: zero}},
		Stars:    map[int64]int64{1: 18},
		Orgs:     map[int64]mappings.Org{1: {ID: 1, Description: "<div>一</div><div>a &lt; b</div>", CreatedAt: zero}},
		Teachers: map[int64]mappings.Teacher{1: {ID: 1, Description: "一<br>a &lt; b", CreatedAt: zero}},
	}
	for _, k := range catalog.Kinds() {
		made, err := build(s, []catalog.Key{{Kind: k, ID: 1}}, 7, catalog.StandardScoring())
		if err != nil {
			t.Fatalf("%s: %v", k, err)
		}
		var d struct {
			Created  time.Time `json:"created_at"`
			Rating   float64   `json:"rating"`
			Weighted float64   `json:"weighted_rating"`

			Summary     string `json:"summary"`
			Description string `json:"description"`
		}
		if err := json.Unmarshal(made[0].body, &d); err != nil || !d.Created.IsZero() {
			t.Errorf("%s was created at %v: %v", k, d.Created, err)
		}
		if d.Description != "一\na < b" || k == catalog.KindCourse && d.Summary != "List<String>" {
			t.Errorf("%s is described by %q, in short %q", k, d.Description, d.Summary)
		}
		if k == catalog.KindCourse && (d.Rating != 4.5 || d.Weighted != catalog.WeightedRating(4, 18)) {
			t.Errorf("rated %v, weighted %v", d.Rating, d.Weighted)
		}
	}
}

// TestVectorsAreApartByWriting: the vector of a text in Hanzi and that of another are in fields of
// their own.
func TestVectorsAreApartByWriting(t *testing.T) {
	for name, want := range map[string]string{"C++": "vector_other", "C++ 入门": "vector"} {
		c := mappings.Course{ID: 1, Name: name, Vector: make([]int8, mappings.VectorDimensions), VectorModel: "m@1"}
		c.VectorText = mappings.PassageHash(mappings.Passage(name, "", nil, ""))
		document, _ := buildCourse(c, 0)
		raw, err := json.Marshal(document)
		if err != nil {
			t.Fatal(err)
		}
		var fields map[string]json.RawMessage
		if err := json.Unmarshal(raw, &fields); err != nil {
			t.Fatal(err)
		}
		for _, field := range []string{"vector", "vector_other"} {
			if has := fields[field] != nil; has != (field == want) {
				t.Errorf("%s has %s: %t", name, field, has)
			}
		}
	}
}
