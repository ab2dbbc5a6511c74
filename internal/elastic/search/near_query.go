package search

import (
	"strconv"
	"strings"

	"github.com/xunke/xunke/internal/plan"
)

// characterWeight is what one Hanzi of a name is worth beside a word.
const characterWeight = 0.5

// nearQuery finds what has any of the groups and orders it by how much of the query's
// information it has: a word counts by how rare it is, in the name three times as much as
// in the body. What may stand for a group counts in its place. The groups that a document
// has are told by their numbers as names of queries.
//
// Single Hanzi of the name count as well, since compounds are often shortened: 茶 is all
// that 一杯茶 and 茶道 share. A query of one short word is that word or nothing, so that a
// name that is not there gives no strangers.
func nearQuery(groups []plan.Group) object {
	should := list{}
	for i, g := range groups {
		queries := list{}
		if g.Terms() > 1 || len([]rune(g.Text())) > 1 {
			queries = append(queries, anywhere(g.Text(), anyOrAll(g), 1))
		}
		for _, s := range g.Synonyms {
			queries = append(queries, anywhere(s, "and", min(1, float64(g.Terms())/float64(terms(s)))))
		}
		if len(queries) > 0 {
			should = append(should, object{"dis_max": object{"queries": queries, "_name": strconv.Itoa(i)}})
		}
	}
	if characters := plan.Characters(groups); len(characters) > 0 {
		need := max(1, (len(characters)+2)/4)
		if len(groups) == 1 && len([]rune(groups[0].Text())) <= shortRunes {
			need = len(characters)
		}
		should = append(should, object{"match": object{"name": object{
			"query": strings.Join(characters, " "), "analyzer": "plain", "minimum_should_match": need, "boost": characterWeight,
		}}})
	}
	if len(should) == 0 {
		return nil
	}
	return object{"bool": object{"should": should}}
}

// anyOrAll is whether any term of a group will do: not of several words that rules know as one, since
// "things" alone says nothing of who wants to stop "putting things off".
func anyOrAll(g plan.Group) string {
	if len(g.Synonyms) > 0 && len(g.Parts) > 1 {
		return "and"
	}
	return "or"
}

// shortRunes is the length up to which a query of one run of Hanzi is one word, or a
// person's name.
const shortRunes = 3

// anywhere wants any or all terms of a text, each in any of the fields.
func anywhere(text, operator string, boost float64) object {
	return object{"multi_match": object{"query": text, "type": "cross_fields", "operator": operator, "fields": textFields, "boost": boost}}
}

// terms is the number of index terms of a text: what stands for a word counts no more than
// the word would, however long it is.
func terms(text string) int {
	n := 0
	for _, part := range plan.Parts(text) {
		n += part.Terms()
	}
	return max(n, 1)
}
