package search

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/mappings"
)

// shardFacetSize is how many values of a facet each shard contributes, so that counts stay
// right on several shards.
const shardFacetSize = 2000

// Names of aggregations: those under the filter of all choices, the values of one facet,
// those of its values that are chosen, and what the text matches without the pins.
const (
	allChoices   = "all"
	textMatches  = "text"
	facetValues  = "values"
	facetChoices = "chosen"
)

// facetBody counts what a query matches and the values of every facet. It is a search
// apart from the hits: without hits and without scores, Elasticsearch keeps its answer
// until the index changes. The counts of a facet ignore the facet's own choices.
func (q question) facetBody(k catalog.Kind) object {
	chosen := q.Filters
	shared, aggregations := object{}, object{}
	for _, f := range catalog.Facets(k) {
		if len(chosen[f]) == 0 {
			shared[string(f)] = countValues(f)
			continue
		}
		aggregations[string(f)] = object{
			"filter": all(filters(k, chosen, f)),
			"aggs":   object{facetValues: countValues(f), facetChoices: countChosen(f, chosen[f])},
		}
	}
	aggregations[allChoices] = object{"filter": all(filters(k, chosen, "")), "aggs": shared}
	if c := q.curationsOf(k); len(c.pins) > 0 {
		aggregations[textMatches] = object{"filter": all(append(filters(k, chosen, ""), q.textMatch(k)))}
	}
	return object{
		"size": 0, "track_total_hits": false, "timeout": searchTimeout,
		"query": object{"bool": object{"filter": list{live(), q.match(k)}}},
		"aggs":  aggregations,
	}
}

// all is a filter that every clause must pass; without clauses everything passes.
func all(clauses list) object { return object{"bool": object{"filter": clauses}} }

func countValues(f catalog.Facet) object {
	return object{"terms": object{"field": facetFields[f].count, "size": catalog.MaxFacetValues, "shard_size": shardFacetSize}}
}

// countChosen counts the chosen values, which need not be among the most frequent.
func countChosen(f catalog.Facet, values []string) object {
	terms := object{"field": facetFields[f].count, "size": catalog.MaxFilterVals}
	if !namesItem(f) {
		terms["include"] = slices.Sorted(slices.Values(values))
		return object{"terms": terms}
	}
	var ids []string
	for _, v := range values {
		if _, err := strconv.ParseInt(v, 10, 64); err == nil {
			ids = append(ids, v)
		}
	}
	terms["include"] = fmt.Sprintf("(%s) .*", strings.Join(ids, "|"))
	return object{"terms": terms}
}

// namesItem says whether a facet's values are other items.
func namesItem(f catalog.Facet) bool { return f == catalog.FacetOrg || f == catalog.FacetTeacher }

// facetCounts is a filter aggregation: how many documents passed, and what was counted of them.
type facetCounts struct {
	Total  int64
	Counts map[string]buckets
}

type buckets []struct {
	Key   string `json:"key"`
	Count int64  `json:"doc_count"`
}

// UnmarshalJSON tells the document count from the aggregations beside it.
func (c *facetCounts) UnmarshalJSON(raw []byte) error {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(raw, &fields); err != nil {
		return err
	}
	c.Counts = map[string]buckets{}
	for name, field := range fields {
		switch name {
		case "doc_count":
			if err := json.Unmarshal(field, &c.Total); err != nil {
				return err
			}
		case "meta":
		default:
			var terms struct {
				Buckets buckets `json:"buckets"`
			}
			if err := json.Unmarshal(field, &terms); err != nil {
				return err
			}
			c.Counts[name] = terms.Buckets
		}
	}
	return nil
}

// readFacets turns an answer to facetBody into the total and the facets in Go's terms.
func readFacets(k catalog.Kind, answer map[string]facetCounts, chosen map[catalog.Facet][]string) (int64, map[catalog.Facet][]catalog.FacetValue) {
	facets := make(map[catalog.Facet][]catalog.FacetValue, len(catalog.Facets(k)))
	for _, f := range catalog.Facets(k) {
		if len(chosen[f]) == 0 {
			facets[f] = facetValuesOf(f, answer[allChoices].Counts[string(f)], nil)
			continue
		}
		own := answer[string(f)].Counts
		facets[f] = facetValuesOf(f, append(slices.Clone(own[facetValues]), own[facetChoices]...), chosen[f])
	}
	return answer[allChoices].Total, facets
}

// readMatched is how many documents the text matches: all, where nothing is pinned.
func readMatched(answer map[string]facetCounts) int64 {
	if c, ok := answer[textMatches]; ok {
		return c.Total
	}
	return answer[allChoices].Total
}

// facetValuesOf joins buckets and choices. A renamed org may for a moment have buckets
// under both names; they count different documents and are added up. A value that is
// counted twice because it is both frequent and chosen has the same key and is not.
func facetValuesOf(f catalog.Facet, found buckets, chosen []string) []catalog.FacetValue {
	values := []catalog.FacetValue{}
	at, seen := map[string]int{}, map[string]bool{}
	for _, b := range found {
		if seen[b.Key] {
			continue
		}
		seen[b.Key] = true
		value, label := b.Key, facetLabel(f, b.Key)
		if namesItem(f) {
			ref, ok := mappings.ParseFacet(b.Key)
			if !ok {
				continue
			}
			value, label = strconv.FormatInt(ref.ID, 10), ref.Name
		}
		if i, ok := at[value]; ok {
			values[i].Count += b.Count
			continue
		}
		at[value] = len(values)
		values = append(values, catalog.FacetValue{
			Value: value, Label: label, Count: b.Count, Selected: slices.Contains(chosen, value),
		})
	}
	for _, v := range chosen {
		if _, ok := at[v]; !ok {
			at[v] = len(values)
			values = append(values, catalog.FacetValue{Value: v, Label: facetLabel(f, v), Selected: true})
		}
	}
	return values
}

var facetLabels = map[catalog.Facet]map[string]string{
	catalog.FacetLevel: {
		string(catalog.LevelBeginner): "初级", string(catalog.LevelIntermediate): "中级", string(catalog.LevelAdvanced): "高级",
	},
	catalog.FacetOrgCategory: {
		string(catalog.OrgTraining): "培训机构", string(catalog.OrgUniversity): "高校", string(catalog.OrgIndividual): "个人",
	},
	catalog.FacetLanguage: {
		"zh": "中文", "en": "英语", "es": "西班牙语", "fr": "法语", "de": "德语", "ja": "日语", "ko": "韩语",
		"ru": "俄语", "pt": "葡萄牙语", "it": "意大利语", "ar": "阿拉伯语",
	},
}

// facetLabel is how people read a value: its own text where nothing better is known.
func facetLabel(f catalog.Facet, value string) string {
	if label := facetLabels[f][value]; label != "" {
		return label
	}
	return value
}
