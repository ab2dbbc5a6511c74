package web

import (
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/web/page"
)

// question is what the address of a search page says. Every link of the page is made
// from it by changing one thing, so none can lose the keyword, a filter or the sort.
type question struct {
	text    string
	kind    catalog.Kind // empty: all kinds
	filters map[catalog.Facet][]string
	sort    catalog.Sort // empty: the default
	page    int          // 0 and 1: the first
	perPage int          // 0: the default
	exact   bool
	open    catalog.Facet // a list that is opened besides those that are open anyway; empty: none
	lang    page.Language // empty: not in the address
}

// url is the address. The order of parameters is fixed, so that one question has one
// address.
func (q question) url() string {
	var b strings.Builder
	add := func(name, value string) {
		if b.Len() > 0 {
			b.WriteByte('&')
		}
		b.WriteString(name)
		b.WriteByte('=')
		b.WriteString(url.QueryEscape(value)) // C++ becomes C%2B%2B, C# C%23
	}
	if q.text != "" {
		add("q", q.text)
	}
	if q.kind != "" {
		add("type", string(q.kind))
	}
	for _, f := range orderedFacets {
		for _, v := range q.filters[f] {
			add(string(f), v)
		}
	}
	if q.sort != "" {
		add("sort", string(q.sort))
	}
	if q.page > 1 {
		add("page", strconv.Itoa(q.page))
	}
	if q.perPage > 0 {
		add("per_page", strconv.Itoa(q.perPage))
	}
	if q.exact {
		add("exact", "true")
	}
	if q.open != "" {
		add("facets", string(q.open))
	}
	if q.lang != "" {
		add("lang", string(q.lang))
	}
	if b.Len() == 0 {
		return "/"
	}
	return "/?" + b.String()
}

// orderedFacets is every facet in display order: those of a course are all of them.
var orderedFacets = catalog.Facets(catalog.KindCourse)

// first is the same question from its first page on.
func (q question) first() question {
	q.page = 0
	return q
}

// withKind asks for another kind. Filters and a sort that it doesn't have are left out.
func (q question) withKind(k catalog.Kind) question {
	q = q.first()
	q.kind = k
	q.filters = maps.Clone(q.filters)
	maps.DeleteFunc(q.filters, func(f catalog.Facet, _ []string) bool { return !kindHas(k, f) })
	if !slices.Contains(sortsOf(k), q.sort) {
		q.sort = ""
	}
	return q
}

// kindHas says whether a kind, or every kind for the empty one, has a facet.
func kindHas(k catalog.Kind, f catalog.Facet) bool {
	if k != "" {
		return catalog.HasFacet(k, f)
	}
	for _, each := range catalog.Kinds() {
		if !catalog.HasFacet(each, f) {
			return false
		}
	}
	return true
}

// sortsOf lists the sorts of a kind, or those of all kinds for the empty one.
func sortsOf(k catalog.Kind) []catalog.Sort {
	if k == "" {
		return []catalog.Sort{catalog.SortRelevance, catalog.SortHot}
	}
	return catalog.Sorts(k)
}

// toggle chooses a value of a facet, or gives it up if it was chosen.
func (q question) toggle(f catalog.Facet, value string) question {
	q = q.first()
	q.filters = maps.Clone(q.filters)
	if q.filters == nil {
		q.filters = map[catalog.Facet][]string{}
	}
	values := slices.Clone(q.filters[f])
	if i := slices.Index(values, value); i >= 0 {
		values = slices.Delete(values, i, i+1)
	} else {
		values = append(values, value)
	}
	q.filters[f] = values
	return q
}

// withoutFilters asks the same of everything.
func (q question) withoutFilters() question {
	q = q.first()
	q.filters = nil
	return q
}

func (q question) withSort(s catalog.Sort) question {
	q = q.first()
	q.sort = s
	if s == catalog.SortRelevance {
		q.sort = "" // the default needs no parameter
	}
	return q
}

func (q question) withPage(n int) question {
	q.page = n
	return q
}

func (q question) withText(text string, exact bool) question {
	q = q.first()
	q.text, q.exact = text, exact
	return q
}

// opening shows the list of a facet that is not counted unless it is asked for.
func (q question) opening(f catalog.Facet) question {
	q.open = f
	return q
}

func (q question) withLanguage(l page.Language) question {
	q.lang = l
	return q
}

// hasFilters says whether any filter is chosen.
func (q question) hasFilters() bool {
	for _, v := range q.filters {
		if len(v) > 0 {
			return true
		}
	}
	return false
}
