package searchapi

import (
	"slices"

	"github.com/xunke/xunke/catalog"
)

// OpenAPI 3.1 has no rules between parameters. Where some exclude others, all that a call
// takes are one object (style form, explode: each property is a parameter), since JSON
// Schema can say of an object which properties go together.

// describeTogether is the parameter object of parameters with rules.
func describeTogether(params []param, rules []any) map[string]any {
	properties := map[string]any{}
	for _, p := range params {
		schema := p.valueSchema()
		schema["description"] = p.sentence()
		properties[p.name] = schema
	}
	return map[string]any{
		"name": "query", "in": inQuery, "style": "form", "explode": true,
		"description": "每个属性是一个参数。Each property is a parameter of its own.",
		"schema":      map[string]any{"type": "object", "properties": properties, "additionalProperties": false, "allOf": rules},
	}
}

// require is a rule by which a field is there.
func require(fields ...string) map[string]any { return map[string]any{"required": fields} }

// notTogether is a rule by which two fields exclude each other.
func notTogether(one, other string) map[string]any { return map[string]any{"not": require(one, other)} }

// pageRules are those of a list: a cursor instead of a page, and a page within the window.
func pageRules() []any {
	var within []any
	for _, perPage := range []int{1, 2, 5, 10, 20, 50, catalog.MaxPerPage} {
		rule := map[string]any{"properties": map[string]any{
			"per_page": map[string]any{"maximum": perPage}, "page": map[string]any{"maximum": catalog.MaxWindow / perPage},
		}}
		if perPage < 10 { // a page that is not told is one of ten
			rule["required"] = []string{"per_page"}
		}
		within = append(within, rule)
	}
	return []any{notTogether("page", cursorName), map[string]any{"anyOf": within}}
}

// searchRules are those of a search, which depend on the kinds that it is for.
func searchRules() []any {
	kinds := []any{map[string]any{
		"properties": map[string]any{
			"type": map[string]any{"const": typeAll}, "sort": map[string]any{"enum": texts(sortsOf(typeAll))},
		},
		"not": require(cursorName),
	}}
	for _, k := range catalog.Kinds() {
		properties := map[string]any{
			"type": map[string]any{"const": k}, "sort": map[string]any{"enum": texts(sortsOf(string(k)))},
			facetsName: map[string]any{"items": map[string]any{"enum": append(slices.Clone(facetsParam(k).choices), "")}},
		}
		for _, f := range facetNames() {
			if !catalog.HasFacet(k, f) {
				properties[string(f)] = map[string]any{"items": map[string]any{"const": ""}} // nothing is chosen
			}
		}
		kinds = append(kinds, map[string]any{"properties": properties, "required": []string{"type"}})
	}
	return append(pageRules(), map[string]any{"anyOf": kinds})
}

// sortsOf are the orders that a type of search has: all kinds together have those that
// every kind has.
func sortsOf(asked string) []catalog.Sort {
	if asked != typeAll {
		return catalog.Sorts(catalog.Kind(asked))
	}
	common := slices.Clone(catalog.Sorts(catalog.KindCourse))
	for _, k := range catalog.Kinds() {
		common = slices.DeleteFunc(common, func(s catalog.Sort) bool { return !slices.Contains(catalog.Sorts(k), s) })
	}
	return common
}
