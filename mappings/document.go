// Package mappings holds the shapes of what is in Elasticsearch: the strict mappings
// (embedded JSON), their versions, and the Go types of the documents that fit them.
package mappings

import "time"

// Ref is another item inside a document.
type Ref struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
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
	Hot         float64   `json:"hot"`
	Image       string    `json:"image"`
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
	OrgCategory string    `json:"org_category"`
	City        string    `json:"city,omitempty"`
	Students    int64     `json:"students"`
	Courses     int64     `json:"courses"`
	Favorites   int64     `json:"favorites"`
	Hot         float64   `json:"hot"`
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
	Image       string    `json:"image"`
	CreatedAt   time.Time `json:"created_at"`
}

// NameTerms are the forms of one or more names that are computed in Go, because no
// plugin is needed then and queries are folded by the very same code.
type NameTerms struct {
	Exact    []string `json:"exact,omitempty"`    // folded whole names: width, case, accents, traditional → simplified, spacing
	Pinyin   []string `json:"pinyin,omitempty"`   // whole names as pinyin without spaces, each reading
	Initials []string `json:"initials,omitempty"` // whole names as initials, with zh, ch, sh both as one letter and as two
}
