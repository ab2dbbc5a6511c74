package search

import (
	"time"

	"github.com/xunke/xunke/catalog"
)

// The popularity multiplier is 1 + popularityWeight · log10(1 + students) +
// freshnessWeight · 2^(−age/freshnessHalfLife): 1.3 at a million learners. It decides
// between equals and never lifts a document over a better match.
const (
	popularityWeight  = 0.04
	freshnessWeight   = 0.04
	freshnessHalfLife = "730d"
)

// withPopularity multiplies the scores of a query with popularity and freshness. The day is a
// parameter so that the same question gives the same body, which can be cached.
func withPopularity(query object, today time.Time) object {
	return object{"function_score": object{
		"query": query,
		"functions": list{
			object{"weight": 1},
			object{
				"field_value_factor": object{"field": "students", "modifier": "log1p", "missing": 0},
				"weight":             popularityWeight,
			},
			object{
				"exp": object{"created_at": object{
					"origin": today.UTC().Format(time.DateOnly), "scale": freshnessHalfLife, "decay": 0.5,
				}},
				"weight": freshnessWeight,
			},
		},
		"score_mode": "sum",
		"boost_mode": "multiply",
	}}
}

// sortKeys is the order of a list. It ends with the id, so that no two documents are
// equal and search_after can go on anywhere. Without text relevance is what is hot.
func sortKeys(s catalog.Sort, hasText bool) list {
	if s == catalog.SortRelevance && !hasText {
		s = catalog.SortHot
	}
	key := func(field, order string) object { return object{field: object{"order": order}} }
	switch s {
	case catalog.SortHot:
		return list{key("hot", "desc"), key("students", "desc"), key("id", "asc")}
	case catalog.SortStudents:
		return list{key("students", "desc"), key("id", "asc")}
	case catalog.SortRating:
		// An index of an older mapping has no ratings until it is made anew.
		rated := func(field, as string) object {
			return object{field: object{"order": "desc", "missing": 0, "unmapped_type": as}}
		}
		return list{rated("weighted_rating", "double"), rated("ratings", "long"), key("id", "asc")}
	case catalog.SortCourses:
		return list{key("courses", "desc"), key("id", "asc")}
	case catalog.SortNewest:
		return list{key("created_at", "desc"), key("id", "desc")}
	default:
		return list{key("_score", "desc"), key("id", "asc")}
	}
}
