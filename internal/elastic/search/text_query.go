package search

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/hanzi"
	"github.com/xunke/xunke/internal/plan"
)

// object and list are JSON being built.
type (
	object = map[string]any
	list   = []any
)

// textFields are the analysed fields of every kind, all with the same search analyzer, so
// that a cross_fields query may find one word in the name and the next among the people.
var textFields = []string{"name^3", "context^2", "body"}

// Points by which the tiers of the order stand apart. What a tier adds is more than what
// the tiers below it, the words' own scores (a mean, so 30 at most) and the popularity
// multiplier (1.3 at most) can make up for.
const (
	exactPoints        = 300.0 // the name is the query
	phrasePoints       = 60.0  // the name has the query as a phrase
	nameWordsPoints    = 30.0  // the name has all words of the query
	personPoints       = 15.0  // the org or a teacher has exactly this name
	swappedPoints      = 20.0  // the name has the query's two halves the other way round
	beginPoints        = 6.0   // the name begins with the query
	literalPoints      = 20.0  // the name has the words as they were typed, not only their stems
	typedPoints        = 10.0  // what was typed is there, not only what may stand for it
	synonymPoints      = 5.0   // the name has what may stand for it
	pinyinExactPoints  = 60.0  // the whole name sounds like the query
	pinyinBeginPoints  = 20.0  // the beginning of the name does
	pinyinInsidePoints = 8.0   // some of the name does
)

// textQuery finds the documents in which every group of a plan matches, in whatever
// field, and those whose name is the query in any form that it may be typed in, whatever
// words it has; and orders them: exact name, phrase in the name, all words in the name, the
// rest.
func textQuery(k catalog.Kind, p plan.Plan) object {
	if p.Empty() {
		return object{"bool": object{"filter": list{term("name_terms.exact", p.Exact)}}}
	}
	must, should := list{}, list{}
	for _, g := range p.Groups {
		clause := groupQuery(k, g)
		if g.Optional {
			should = append(should, clause)
		} else {
			must = append(must, clause)
		}
	}
	words := object{"bool": object{"must": must, "should": should, "boost": 1 / float64(p.Terms())}}
	if len(p.Groups) > 1 && len(p.Pinyin) > 0 {
		words = object{"dis_max": object{"queries": append(list{words}, pinyinQueries(k, p.Pinyin)...)}}
	}
	if k == catalog.KindTeacher && len(p.Loose) == 1 && hanzi.IsSyllable(p.Loose[0]) && len(p.Loose[0]) > 2 {
		words = object{"dis_max": object{"queries": list{words, constant(1, phrase("name_terms.pinyin", "^ "+p.Loose[0]))}}}
	}
	words = object{"dis_max": object{"queries": list{words, constant(1, term("name_terms.exact", p.Exact))}}}
	tiers := nameTiers(k, p)
	if swapped := swappedQuery(p); swapped != nil {
		words = object{"dis_max": object{"queries": list{words, swapped}}}
		tiers = append(tiers, swapped)
	}
	return object{"bool": object{"must": list{words}, "should": tiers}}
}

// swappedQuery finds names that have the halves of one run of Hanzi the other way round:
// 英语语法 for 语法英语. Such a name has all of its characters and all of its pairs but
// the one where the halves meet. All but the first and the last are in two pairs, of which
// one is there, and need not be looked for. It is nil for what is not one such run.
func swappedQuery(p plan.Plan) object {
	if !p.Only(plan.Hanzi) || len(p.Groups) != 1 || len(p.Groups[0].Parts) != 1 || p.Terms() < 3 {
		return nil
	}
	run := []rune(p.Groups[0].Parts[0].Text)
	ends := string(run[0]) + " " + string(run[len(run)-1])
	return constant(swappedPoints, object{"bool": object{"filter": list{
		object{"match": object{"name": object{"query": ends, "operator": "and", "analyzer": "plain"}}},
		object{"match": object{"name": object{"query": p.Text, "minimum_should_match": p.Terms() - 1}}},
	}}})
}

// groupQuery matches one group: what was typed, or its pinyin, or a synonym.
func groupQuery(k catalog.Kind, g plan.Group) object {
	typed := typedQuery(g.Text())
	var others list
	for _, part := range g.Parts {
		others = append(others, pinyinQueries(k, part.Pinyin)...)
		if part.Begins && k != catalog.KindCourse {
			others = append(others, object{"prefix": object{"name": object{"value": part.Text}}})
		}
	}
	for _, s := range g.Synonyms {
		others = append(others, object{"bool": object{
			"filter": list{typedQuery(s)},
			"should": list{constant(synonymPoints, matchAll("name", s))},
		}})
	}
	if others != nil {
		// All that matches gets the points; to look for the text once more would cost as much again.
		typed = object{"bool": object{"must": list{typed}, "should": list{object{"match_all": object{"boost": typedPoints}}}}}
	}
	if len(g.Parts) == 1 && isJoinable(g.Parts[0]) {
		// Names that match as typed, too ("Python 3" for python3), get no points for it: they would
		// come before those that spell the word as it was typed.
		others = append(others, constant(nameWordsPoints, object{"bool": object{
			"filter":   list{term("name_terms.joined", g.Parts[0].Text)},
			"must_not": list{typedQuery(g.Text())},
		}}))
	}
	if others == nil {
		return typed
	}
	return object{"dis_max": object{"queries": append(list{typed}, others...)}}
}

// isJoinable says whether a part may be several words of a name, typed as one: tcpip.
func isJoinable(p plan.Part) bool {
	return (p.Script == plan.Word || p.Script == plan.Term) && utf8.RuneCountInString(p.Text) > 1 && !strings.ContainsFunc(p.Text, isSign)
}

func isSign(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) }

// nameTiers are the optional clauses that make the order.
func nameTiers(k catalog.Kind, p plan.Plan) list {
	tiers := list{
		constant(exactPoints, term("name_terms.exact", p.Exact)),
		constant(phrasePoints, object{"match_phrase": object{"name": object{"query": p.Text, "slop": seams(p)}}}),
		constant(nameWordsPoints, matchAll("name", p.Text)),
		constant(beginPoints, prefix("name_terms.exact", p.Exact)),
	}
	if !p.Only(plan.Hanzi) {
		tiers = append(tiers, constant(literalPoints, object{"match": object{"name": object{"query": p.Text, "operator": "and", "analyzer": "plain"}}}))
	}
	if k == catalog.KindCourse {
		tiers = append(tiers, constant(personPoints, object{"terms": object{"people.exact": peopleKeys(p)}}))
	}
	for _, syllables := range p.Pinyin {
		tiers = append(tiers,
			constant(pinyinExactPoints, phrase("name_terms.pinyin", "^ "+syllables+" $")),
			constant(pinyinBeginPoints, phrase("name_terms.pinyin", "^ "+syllables)))
	}
	return tiers
}

// seams is how many runs of Hanzi are followed by something else. Names are indexed by
// pairs and by single characters, and so the last character of a run has a position of its
// own between the last pair and what follows, which a query, made of pairs, does not have.
func seams(p plan.Plan) int {
	n, after := 0, false
	for _, g := range p.Groups {
		for _, part := range g.Parts {
			if after {
				n++
			}
			after = part.Script == plan.Hanzi
		}
	}
	return n
}

// peopleKeys are the texts that may be the whole name of an org or a teacher: the query
// itself and each of its groups.
func peopleKeys(p plan.Plan) []string {
	keys := []string{p.Exact}
	for _, g := range p.Groups {
		if key := hanzi.Fold(g.Text()); key != p.Exact && key != "" {
			keys = append(keys, key)
		}
	}
	return keys
}

// pinyinQueries match each reading of a word: anywhere in the name, and at the beginning
// of the names of a course's people.
func pinyinQueries(k catalog.Kind, readings []string) list {
	var queries list
	for _, syllables := range readings {
		queries = append(queries, constant(pinyinInsidePoints, phrase("name_terms.pinyin", syllables)))
		if k == catalog.KindCourse && strings.Contains(syllables, " ") {
			queries = append(queries, constant(1, phrase("people.pinyin", "^ "+syllables)))
		}
	}
	return queries
}

// typedQuery wants every term of a text, each in any of the fields.
func typedQuery(text string) object {
	return object{"multi_match": object{
		"query": text, "type": "cross_fields", "operator": "and", "fields": textFields,
	}}
}

func term(field string, value any) object { return object{"term": object{field: value}} }

func prefix(field, value string) object {
	return object{"prefix": object{field: object{"value": value}}}
}

func phrase(field, text string) object { return object{"match_phrase": object{field: text}} }

func matchAll(field, text string) object {
	return object{"match": object{field: object{"query": text, "operator": "and"}}}
}

// constant gives every document that matches the same points.
func constant(points float64, query object) object {
	return object{"constant_score": object{"filter": query, "boost": points}}
}
