package catalog

import "slices"

// Facet names a property that results can be filtered by and counted over. Its text is
// the API's parameter name.
type Facet string

// The facets. City and OrgCategory of a course or a teacher are those of their org.
const (
	FacetCategory    Facet = "category"
	FacetLevel       Facet = "level"
	FacetTag         Facet = "tag"
	FacetCity        Facet = "city"
	FacetOrg         Facet = "org_id"
	FacetTeacher     Facet = "teacher_id"
	FacetOrgCategory Facet = "org_category"
	FacetLanguage    Facet = "language"
)

// Facets returns the facets that a kind has, in display order.
func Facets(k Kind) []Facet {
	switch k {
	case KindCourse:
		return []Facet{FacetCategory, FacetLevel, FacetTag, FacetCity, FacetOrg, FacetTeacher, FacetOrgCategory, FacetLanguage}
	case KindOrg:
		return []Facet{FacetOrgCategory, FacetCity}
	case KindTeacher:
		return []Facet{FacetOrg, FacetCity, FacetOrgCategory}
	default:
		return nil
	}
}

// HasFacet says whether a kind has a facet.
func HasFacet(k Kind, f Facet) bool {
	for _, have := range Facets(k) {
		if have == f {
			return true
		}
	}
	return false
}

// IsCostly says whether counting a facet takes Elasticsearch as long as counting all others:
// nearly every result brings a value of its own. Such a facet is counted where it is asked for.
func (f Facet) IsCostly() bool { return f == FacetOrg || f == FacetTeacher }

// Sort is the order of results.
type Sort string

// The sorts. Everything but relevance is descending; ties break by id.
const (
	SortRelevance Sort = "relevance"
	SortHot       Sort = "hot"
	SortStudents  Sort = "students"
	SortRating    Sort = "rating"
	SortNewest    Sort = "newest"
	SortCourses   Sort = "courses"
)

// Sorts returns the sorts that a kind has; the first is the default.
func Sorts(k Kind) []Sort {
	switch k {
	case KindCourse:
		return []Sort{SortRelevance, SortHot, SortStudents, SortRating, SortNewest}
	case KindOrg:
		return []Sort{SortRelevance, SortHot, SortStudents, SortCourses}
	case KindTeacher:
		return []Sort{SortRelevance, SortHot}
	default:
		return nil
	}
}

// Limits of a query.
const (
	MaxQueryRunes = 256    // longer text is cut, with a notice
	MaxPerPage    = 100    // hits on a page
	MaxWindow     = 10_000 // page × per_page; beyond it a cursor is needed
	MaxSuggest    = 20     // suggestions in one answer
	MaxRanking    = 100    // items in one ranking
	MaxFilterVals = 50     // values of one facet in one query
)

// Query is one validated question of a visitor. Its zero Text asks for everything,
// in the order of Sort (relevance then means hot).
type Query struct {
	Text    string             // as typed, valid UTF-8, at most MaxQueryRunes runes
	Kinds   []Kind             // asked for; a kind without one of the filters is left out of the answer's hits
	Filters map[Facet][]string // OR inside a facet, AND between facets
	Facets  []Facet            // to count beside the chosen ones; nil: those that are not costly
	Sort    Sort
	Page    int     // from 1
	PerPage int     // 1 to MaxPerPage
	Cursor  *Cursor // deep paging of one kind; overrides Page
	Exact   bool    // search for what was typed: no correction
	Explain bool    // admins: show the plan and each hit's explanation
}

// Counts returns the facets of a kind that the query has counted, in display order: those that
// it asks for, and those of which something is chosen.
func (q Query) Counts(k Kind) []Facet {
	return slices.DeleteFunc(Facets(k), func(f Facet) bool {
		if q.Facets == nil {
			return f.IsCostly() && len(q.Filters[f]) == 0
		}
		return !slices.Contains(q.Facets, f) && len(q.Filters[f]) == 0
	})
}

// Cursor is a decoded position in a result list: where the previous page ended.
// After holds the sort values of the last hit as raw JSON texts.
type Cursor struct {
	Kind  Kind     `json:"k"`
	Sort  Sort     `json:"s"`
	PIT   string   `json:"p,omitempty"` // Elasticsearch's point in time, when one is held
	Held  int64    `json:"h,omitempty"` // since when it is held, in Unix seconds
	After []string `json:"a"`

	// What was decided for the first page, so that no later one decides otherwise.
	Day       string  `json:"d,omitempty"` // the UTC day whose popularity orders the list
	Matching  string  `json:"m,omitempty"` // how the text is matched; "": nothing is decided
	Corrected *string `json:"x,omitempty"` // what is searched for, if not what was typed
}
