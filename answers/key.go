package answers

import (
	"slices"
	"strconv"

	"github.com/xunke/xunke/catalog"
)

// normal is a query that has the same answer as q and is written in one way: kinds in
// display order, the values of a filter sorted, each once. The text stays as it was typed,
// since answers repeat it. The normal query is what the index is asked, so that nothing
// hangs on the order in which values came.
func normal(q catalog.Query) catalog.Query {
	if !slices.IsSortedFunc(q.Kinds, byPlace) {
		q.Kinds = slices.Clone(q.Kinds)
		slices.SortFunc(q.Kinds, byPlace)
	}
	copied := false
	for f, values := range q.Filters {
		if len(values) < 2 || slices.IsSorted(values) && !hasTwice(values) {
			continue
		}
		if !copied {
			filters := make(map[catalog.Facet][]string, len(q.Filters))
			for f, values := range q.Filters {
				filters[f] = values
			}
			q.Filters, copied = filters, true
		}
		q.Filters[f] = slices.Compact(slices.Sorted(slices.Values(values)))
	}
	return q
}

func byPlace(a, b catalog.Kind) int { return placeOf(a) - placeOf(b) }

// hasTwice says whether a sorted list has a value twice.
func hasTwice(values []string) bool {
	for i := 1; i < len(values); i++ {
		if values[i] == values[i-1] {
			return true
		}
	}
	return false
}

// key is all that decides the answer to a normal query, but for the index: the query, the
// day, which popularity depends on, and what else answers are made with.
func (k *Keeper) key(q catalog.Query) string {
	key := make([]byte, 0, 160)
	key = k.appendCommon(key, 's')
	key = appendText(key, q.Text)
	for _, kind := range q.Kinds {
		key = append(key, string(kind)[0])
	}
	for _, f := range facetOrder {
		for _, v := range q.Filters[f] {
			key = append(appendText(append(key, 'f'), string(f)), '=')
			key = appendText(key, v)
		}
	}
	if q.Facets != nil { // nil asks for some of them, an empty list for none
		key = append(key, 'c')
		for _, f := range slices.Sorted(slices.Values(q.Facets)) {
			key = appendText(key, string(f))
		}
	}
	key = appendText(append(key, 'o'), string(q.Sort))
	key = strconv.AppendInt(append(key, 'p'), int64(q.Page), 10)
	key = strconv.AppendInt(append(key, 'n'), int64(q.PerPage), 10)
	return string(strconv.AppendBool(key, q.Exact))
}

// facetOrder are all facets: courses have every one.
var facetOrder = catalog.Facets(catalog.KindCourse)

func (k *Keeper) suggestKey(text string, limit int) string {
	key := k.appendCommon(make([]byte, 0, 80), 't')
	key = strconv.AppendInt(key, int64(limit), 10)
	return string(appendText(append(key, ':'), text))
}

// appendCommon begins every key.
func (k *Keeper) appendCommon(key []byte, sort byte) []byte {
	key = strconv.AppendInt(append(key, sort), catalog.DayNumber(k.options.Now()), 10)
	return appendText(append(key, ':'), k.options.Revision())
}

// appendText adds a text with its length, so that no two lists of texts look the same.
func appendText(key []byte, text string) []byte {
	key = strconv.AppendInt(key, int64(len(text)), 10)
	return append(append(key, ':'), text...)
}
