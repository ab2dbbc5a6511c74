package search

import (
	"slices"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/elastic"
)

// facetFields says by which field a facet filters and over which it counts. The counted
// field of an org or a teacher holds id and name in one term.
var facetFields = map[catalog.Facet]struct{ filter, count string }{
	catalog.FacetCategory:    {"category", "category"},
	catalog.FacetLevel:       {"level", "level"},
	catalog.FacetTag:         {"tags", "tags"},
	catalog.FacetCity:        {"city", "city"},
	catalog.FacetOrg:         {"org.id", "org.facet"},
	catalog.FacetTeacher:     {"teachers.id", "teachers.facet"},
	catalog.FacetOrgCategory: {"org_category", "org_category"},
	catalog.FacetLanguage:    {"language", "language"},
}

// searchable is a bool query that finds nothing deleted. It leaves out those few rather than
// asking for all others: Elasticsearch would go through the list of these with every search,
// which takes as long as finding what many documents have.
func searchable(clauses object) object {
	without := list{elastic.Deleted()}
	if more, ok := clauses["must_not"].(list); ok {
		without = append(without, more...)
	}
	clauses["must_not"] = without
	return object{"bool": clauses}
}

// filters turns the choices of all facets but one into clauses, in a fixed order.
func filters(k catalog.Kind, chosen map[catalog.Facet][]string, but catalog.Facet) list {
	out := list{}
	for _, f := range catalog.Facets(k) {
		if values := chosen[f]; len(values) > 0 && f != but {
			values = slices.Sorted(slices.Values(values))
			out = append(out, object{"terms": object{facetFields[f].filter: values}})
		}
	}
	return out
}

// isFiltered says whether any value of a facet is chosen.
func (q question) isFiltered() bool {
	for _, values := range q.Filters {
		if len(values) > 0 {
			return true
		}
	}
	return false
}

// hasFacets says whether a kind has every facet that is chosen.
func hasFacets(k catalog.Kind, chosen map[catalog.Facet][]string) bool {
	for f, values := range chosen {
		if len(values) > 0 && !catalog.HasFacet(k, f) {
			return false
		}
	}
	return true
}
