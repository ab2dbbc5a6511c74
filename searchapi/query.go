package searchapi

import (
	"net/url"
	"slices"
	"strings"

	"github.com/xunke/xunke/catalog"
)

// typeAll asks for every kind.
const typeAll = "all"

// ParseSearch turns the parameters of a search into a query, exactly as
// GET /api/v1/search does, for pages that show the same search. The parameter cursor is
// not among them: a cursor is sealed by one server's key. Notices are for the answer.
// The error is a catalog.Error of CodeInvalid that names every parameter at fault.
func ParseSearch(values url.Values) (catalog.Query, []catalog.Notice, error) {
	declared := slices.DeleteFunc(searchParams(), func(p param) bool { return p.name == cursorName || p.name == explainName })
	a, err := parse(declared, values)
	if err != nil {
		return catalog.Query{}, nil, err
	}
	q, err := searchQuery(a)
	return q, a.notices, err
}

// searchQuery is the query that the parameters of a search ask for. The cursor is left
// to its sealer.
func searchQuery(a args) (catalog.Query, error) {
	q := catalog.Query{
		Text:    a.text("q"),
		Exact:   a.flag("exact"),
		Explain: a.flag("explain"),
		Filters: filters(a),
		Facets:  facetsOf(a),
	}
	var wrong problems
	if asked := a.text("type"); asked == typeAll {
		q.Kinds = slices.DeleteFunc(catalog.Kinds(), func(k catalog.Kind) bool { return !hasAll(k, q.Filters) })
	} else {
		k := catalog.Kind(asked)
		q.Kinds = []catalog.Kind{k}
		for _, f := range facetNames() {
			if len(q.Filters[f]) > 0 && !catalog.HasFacet(k, f) {
				wrong.add(string(f), "%s cannot be filtered by it%s", k.Plural(), otherFilter(k, f))
			}
			if slices.Contains(q.Facets, f) && !catalog.HasFacet(k, f) {
				wrong.add(facetsName, "%s have no facet %s", k.Plural(), f)
			}
		}
	}
	q.Sort = checkSort(a, &wrong)
	checkPages(a, &q, len(q.Kinds), &wrong)
	return q, wrong.err()
}

// listQuery is the query that the parameters of a list of one kind ask for.
func listQuery(k catalog.Kind, a args) (catalog.Query, error) {
	q := catalog.Query{Kinds: []catalog.Kind{k}, Filters: filters(a), Facets: facetsOf(a), Sort: catalog.Sort(a.text("sort"))}
	var wrong problems
	if k == catalog.KindOrg {
		// In a list of orgs, category can only mean the orgs' own.
		if own := a.texts["category"]; len(own) > 0 {
			delete(q.Filters, catalog.FacetCategory)
			if len(q.Filters[catalog.FacetOrgCategory]) > 0 {
				wrong.add("category", "is the same filter as org_category in a list of orgs; give one of them")
			}
			q.Filters[catalog.FacetOrgCategory] = own
		}
	}
	checkPages(a, &q, 1, &wrong)
	return q, wrong.err()
}

func filters(a args) map[catalog.Facet][]string {
	m := map[catalog.Facet][]string{}
	for _, f := range facetNames() {
		if v := a.texts[string(f)]; len(v) > 0 {
			m[f] = v
		}
	}
	return m
}

// facetsOf are the facets that are asked for, nil where the parameter is not given.
func facetsOf(a args) []catalog.Facet {
	if !a.given[facetsName] {
		return nil
	}
	asked := []catalog.Facet{}
	for _, name := range a.texts[facetsName] {
		if name != noFacets {
			asked = append(asked, catalog.Facet(name))
		}
	}
	return asked
}

func hasAll(k catalog.Kind, filters map[catalog.Facet][]string) bool {
	for f := range filters {
		if !catalog.HasFacet(k, f) {
			return false
		}
	}
	return true
}

// otherFilter helps who filters orgs by the category of courses.
func otherFilter(k catalog.Kind, f catalog.Facet) string {
	if k == catalog.KindOrg && f == catalog.FacetCategory {
		return "; their own category is org_category"
	}
	return ""
}

// checkSort: with all kinds together only those sorts make sense that every kind has.
func checkSort(a args, wrong *problems) catalog.Sort {
	s := catalog.Sort(a.text("sort"))
	allowed := sortsOf(a.text("type"))
	if s != "" && !slices.Contains(allowed, s) {
		wrong.add("sort", "%q cannot sort type=%s; choose one of %s", s, a.text("type"), strings.Join(texts(allowed), ", "))
	}
	return s
}

// checkPages fills page and per_page and refuses what the index cannot reach by number.
func checkPages(a args, q *catalog.Query, kinds int, wrong *problems) {
	q.Page, q.PerPage = int(a.number("page")), int(a.number("per_page"))
	switch {
	case a.given[cursorName] && a.given["page"]:
		wrong.add("page", "cannot be combined with cursor, which says where to go on")
	case a.given[cursorName] && kinds != 1:
		wrong.add(cursorName, "pages through one kind only; give type")
	case q.Page*q.PerPage > catalog.MaxWindow:
		wrong.add("page", "page %d × per_page %d is beyond %d%s", q.Page, q.PerPage, catalog.MaxWindow, useCursor)
	}
}
