package catalog

import "time"

// Answer is what a search returns. A kind that was not asked for is nil and absent.
// CorrectedQuery is nil unless the hits are those of the correction.
type Answer struct {
	SearchID       string               `json:"search_id"`
	Query          string               `json:"query"`
	CorrectedQuery *string              `json:"corrected_query"`
	Notices        []Notice             `json:"notices"`
	TookMS         int64                `json:"took_ms"`
	Degraded       bool                 `json:"degraded"`
	Courses        *Section[CourseHit]  `json:"courses,omitempty"`
	Orgs           *Section[OrgHit]     `json:"orgs,omitempty"`
	Teachers       *Section[TeacherHit] `json:"teachers,omitempty"`
	LeftOut        []string             `json:"left_out,omitempty" about:"what of the query the first of courses.near lacks"`
	Plan           any                  `json:"plan,omitempty"` // only with Query.Explain
}

// MaxFacetValues is how many values of a facet an answer has, the most frequent ones; those
// that are chosen come besides.
const MaxFacetValues = 20

// FacetValue is one value of a facet with the number of results that choosing it gives,
// all other filters kept.
type FacetValue struct {
	Value    string `json:"value"`
	Label    string `json:"label"`
	Count    int64  `json:"count"`
	Selected bool   `json:"selected"`
}

// Hit is what the hits of all kinds share. Highlight has "name" and "description"
// fragments in which matches stand between <em> and </em> and everything else is
// escaped for HTML.
type Hit struct {
	ID          int64               `json:"id"`
	Key         *string             `json:"key"`
	Type        Kind                `json:"type"`
	Name        string              `json:"name"`
	URL         string              `json:"url"`
	Image       string              `json:"image"`
	Highlight   map[string][]string `json:"highlight"`
	Score       float64             `json:"score"`
	Pinned      bool                `json:"pinned,omitempty" about:"an admin put it here for this query"`
	Explanation any                 `json:"explanation,omitempty"` // only with Query.Explain
}

// CourseHit is a course in a result list.
type CourseHit struct {
	Hit
	Summary   string    `json:"summary"`
	Org       *Ref      `json:"org"`
	Teachers  []Ref     `json:"teachers"`
	Category  string    `json:"category"`
	Level     Level     `json:"level"`
	Tags      []string  `json:"tags"`
	Language  string    `json:"language"`
	Minutes   int       `json:"minutes"`
	Students  int       `json:"students"`
	Favorites int       `json:"favorites"`
	Rating    *Rating   `json:"rating"`
	Ratings   int       `json:"ratings"`
	CreatedAt time.Time `json:"created_at"`
}

// OrgHit is an org in a result list.
type OrgHit struct {
	Hit
	Category  OrgCategory `json:"category"`
	City      string      `json:"city"`
	Students  int         `json:"students"`
	Courses   int         `json:"courses"`
	Favorites int         `json:"favorites"`
}

// TeacherHit is a teacher in a result list.
type TeacherHit struct {
	Hit
	Org       *Ref   `json:"org"`
	Title     string `json:"title"`
	Students  int    `json:"students"`
	Courses   int    `json:"courses"`
	Favorites int    `json:"favorites"`
}

// Suggestion is one line under the search box. Type is a kind, or "query" for a popular
// query, which has no id.
type Suggestion struct {
	Text      string `json:"text"`
	Type      string `json:"type"`
	ID        int64  `json:"id,omitempty"`
	URL       string `json:"url"`
	Highlight string `json:"highlight"` // Text with <em> marks, the rest escaped
}
