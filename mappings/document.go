// Package mappings holds the shapes of what is in Elasticsearch: the strict mappings
// (embedded JSON), their versions, and the Go types of the documents that fit them.
package mappings

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

// Ref is another item inside a document. Its JSON has a third field, facet, from which
// one aggregation gets both the values of a facet and their labels.
type Ref struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

// MarshalJSON adds the facet to the id and the name.
func (r Ref) MarshalJSON() ([]byte, error) {
	type plain Ref
	return json.Marshal(struct {
		plain
		Facet string `json:"facet"`
	}{plain(r), r.Facet()})
}

// Facet is the id and the name in one term: "42 北京大学". Names alone would not do, as
// two teachers may share one, nor ids alone, as people are to read the facet.
func (r Ref) Facet() string { return strconv.FormatInt(r.ID, 10) + " " + r.Name }

// ParseFacet is the inverse of Ref.Facet. It reports false for anything else.
func ParseFacet(term string) (Ref, bool) {
	id, name, ok := strings.Cut(term, " ")
	if !ok {
		return Ref{}, false
	}
	n, err := strconv.ParseInt(id, 10, 64)
	return Ref{ID: n, Name: name}, err == nil
}

// Course is a document of the courses index: everything that a search, a list, a facet
// or a card needs, so that no answer has to ask MySQL.
type Course struct {
	Deleted     bool      `json:"deleted"`
	ID          int64     `json:"id"`
	Key         *string   `json:"key"`
	Name        string    `json:"name"`
	NameTerms   NameTerms `json:"name_terms"`
	Summary     string    `json:"summary"`
	Description string    `json:"description"`
	Lessons     []string  `json:"lessons"`
	Org         *Ref      `json:"org"`
	OrgCategory string    `json:"org_category,omitempty"`
	City        string    `json:"city,omitempty"`
	Teachers    []Ref     `json:"teachers"`
	People      NameTerms `json:"people"` // pinyin and keys of org and teachers together
	Category    string    `json:"category,omitempty"`
	Level       string    `json:"level,omitempty"`
	Tags        []string  `json:"tags"`
	Language    string    `json:"language,omitempty"`
	Minutes     int64     `json:"minutes"`
	Students    int64     `json:"students"`
	Favorites   int64     `json:"favorites"`
	Rating      *float64  `json:"rating"` // catalog.MeanRating
	Ratings     int64     `json:"ratings"`
	Weighted    float64   `json:"weighted_rating"` // catalog.WeightedRating
	Hot         float64   `json:"hot"`
	Recent      []int64   `json:"recent"` // catalog.Scoring.Recent
	Image       string    `json:"image"`
	Vector      []int8    `json:"vector,omitempty"`       // of Passage, where IsHanzi
	VectorOther []int8    `json:"vector_other,omitempty"` // of Passage, in other writings
	VectorModel string    `json:"vector_model,omitempty"` // that made it
	VectorText  string    `json:"vector_text,omitempty"`  // PassageHash of what it was made of
	CreatedAt   time.Time `json:"created_at"`
}

// Org is a document of the orgs index. Students and Courses count visible courses.
type Org struct {
	Deleted     bool      `json:"deleted"`
	ID          int64     `json:"id"`
	Key         *string   `json:"key"`
	Name        string    `json:"name"`
	NameTerms   NameTerms `json:"name_terms"`
	Description string    `json:"description"`
	OrgCategory string    `json:"org_category,omitempty"`
	City        string    `json:"city,omitempty"`
	Students    int64     `json:"students"`
	Courses     int64     `json:"courses"`
	Favorites   int64     `json:"favorites"`
	Hot         float64   `json:"hot"`
	Recent      []int64   `json:"recent"` // catalog.Scoring.Recent
	Image       string    `json:"image"`
	CreatedAt   time.Time `json:"created_at"`
}

// Teacher is a document of the teachers index. OrgCategory and City are the org's.
type Teacher struct {
	Deleted     bool      `json:"deleted"`
	ID          int64     `json:"id"`
	Key         *string   `json:"key"`
	Name        string    `json:"name"`
	NameTerms   NameTerms `json:"name_terms"`
	Title       string    `json:"title"`
	Description string    `json:"description"`
	Org         *Ref      `json:"org"`
	OrgCategory string    `json:"org_category,omitempty"`
	City        string    `json:"city,omitempty"`
	Students    int64     `json:"students"`
	Courses     int64     `json:"courses"`
	Favorites   int64     `json:"favorites"`
	Hot         float64   `json:"hot"`
	Recent      []int64   `json:"recent"` // catalog.Scoring.Recent
	Image       string    `json:"image"`
	CreatedAt   time.Time `json:"created_at"`
}
