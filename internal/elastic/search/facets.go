package search

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/mappings"
)

// manyShardsSize is how many values of a facet each of several shards contributes.
const manyShardsSize = 2000

// shardCounts are how many shards the index of each kind has, as its answers say. The zero
// value knows of none; an index of which nothing is known is taken for one of several.
type shardCounts struct {
	courses, orgs, teachers atomic.Int32
}

func (c *shardCounts) at(k catalog.Kind) *atomic.Int32 {
	switch k {
	case catalog.KindOrg:
		return &c.orgs
	case catalog.KindTeacher:
		return &c.teachers
	default:
		return &c.courses
	}
}

func (c *shardCounts) of(k catalog.Kind) int {
	if n := c.at(k).Load(); n > 0 {
		return int(n)
	}
	return math.MaxInt
}

// learn keeps what an answer says.
func (c *shardCounts) learn(k catalog.Kind, a searchAnswer) {
	if n := c.at(k); a.Shards.Total > 0 && n.Load() != a.Shards.Total {
		n.Store(a.Shards.Total)
	}
}

// Names of aggregations: those under the filter of all choices, the values of one facet,
// those of its values that are chosen, and what the text matches without the pins.
const (
	allChoices   = "all"
	textMatches  = "text"
	facetValues  = "values"
	facetChoices = "chosen"
)

// facetBody counts what a query matches and the values of the facets that are asked for.
// Where it is a search apart from the hits, without hits and without scores, Elasticsearch
// keeps its answer until the index changes. The counts of a facet ignore the facet's own choices;
// where nothing is chosen, all of them count what the query matches.
func (q question) facetBody(k catalog.Kind) object {
	chosen, shards := q.Filters, q.shards.of(k)
	shared, aggregations := object{}, object{}
	for _, f := range q.Counts(k) {
		if len(chosen[f]) == 0 {
			shared[string(f)] = countValues(f, shards)
			continue
		}
		aggregations[string(f)] = object{
			"filter": all(filters(k, chosen, f)),
			"aggs":   object{facetValues: countValues(f, shards), facetChoices: countChosen(f, chosen[f])},
		}
	}
	isNarrowed := len(aggregations) > 0
	if isNarrowed {
		aggregations[allChoices] = object{"filter": all(filters(k, chosen, "")), "aggs": shared}
	} else {
		aggregations = shared
	}
	if c := q.curationsOf(k); len(c.pins) > 0 {
		aggregations[textMatches] = object{"filter": all(append(filters(k, chosen, ""), q.textMatch(k)))}
	}
	body := object{
		"size": 0, "track_total_hits": !isNarrowed, "timeout": searchTimeout,
		"query": searchable(object{"filter": list{q.match(k)}}),
	}
	if len(aggregations) > 0 {
		body["aggs"] = aggregations
	}
	return body
}

// all is a filter that every clause must pass; without clauses everything passes.
func all(clauses list) object { return object{"bool": object{"filter": clauses}} }

// countValues counts the most frequent values. One shard knows them; of several each has to
// tell of many more, or a value that is not among the first of each would count too little.
func countValues(f catalog.Facet, shards int) object {
	terms := object{"field": facetFields[f].count, "size": catalog.MaxFacetValues}
	if shards > 1 {
		terms["shard_size"] = manyShardsSize
	}
	return object{"terms": terms}
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

// facetCounts is an aggregation: that of a filter, which has how many documents passed and
// what was counted of them, or that of values.
type facetCounts struct {
	Total  int64
	Counts map[string]buckets
	Values buckets
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
	if values, ok := fields["buckets"]; ok {
		return json.Unmarshal(values, &c.Values)
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
func (q question) readFacets(k catalog.Kind, a searchAnswer) (int64, map[catalog.Facet][]catalog.FacetValue) {
	counted, chosen := q.Counts(k), q.Filters
	facets := make(map[catalog.Facet][]catalog.FacetValue, len(counted))
	narrowed, isNarrowed := a.Aggregations[allChoices]
	for _, f := range counted {
		switch own := a.Aggregations[string(f)]; {
		case len(chosen[f]) > 0:
			facets[f] = facetValuesOf(f, append(slices.Clone(own.Counts[facetValues]), own.Counts[facetChoices]...), chosen[f])
		case isNarrowed:
			facets[f] = facetValuesOf(f, narrowed.Counts[string(f)], nil)
		default:
			facets[f] = facetValuesOf(f, own.Values, nil)
		}
	}
	if isNarrowed {
		return narrowed.Total, facets
	}
	return a.Hits.Total.Value, facets
}

// readTextTotal is how many documents the text matches: all, where nothing is pinned.
func readTextTotal(a searchAnswer, total int64) int64 {
	if c, ok := a.Aggregations[textMatches]; ok {
		return c.Total
	}
	return total
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
