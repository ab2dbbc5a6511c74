package search

import (
	"context"
	"slices"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/plan"
)

// The ways that are tried when a query finds nothing as it is, most certain first.
var (
	looseWay = way{"loose", looseQuery}
	orderWay = way{"order", orderQuery}
	mostWay  = way{"most", mostQuery}
	aboutWay = way{"about", aboutQuery}
)

// afterCorrection is how many of the ways come before a correction.
const afterCorrection = 2

// looseQuery takes a Latin query for initials, for pinyin that says little, or for the
// beginning of a word. A beginning is not stemmed: it is not a word yet.
func looseQuery(k catalog.Kind, p plan.Plan) object {
	var queries list
	for _, initials := range p.Initials {
		queries = append(queries,
			constant(pinyinExactPoints, term("name_terms.initials", initials)),
			constant(pinyinBeginPoints, prefix("name_terms.initials", initials)),
			constant(pinyinInsidePoints, prefix("name_terms.initials_inside", initials)))
	}
	for _, syllables := range p.Loose {
		queries = append(queries,
			constant(pinyinExactPoints, phrase("name_terms.pinyin", "^ "+syllables+" $")),
			constant(pinyinBeginPoints, phrasePrefix("name_terms.pinyin", "^ "+syllables)),
			constant(pinyinInsidePoints, phrasePrefix("name_terms.pinyin", syllables)))
	}
	if k == catalog.KindCourse && !p.Empty() {
		if last := p.Groups[len(p.Groups)-1]; last.Parts[len(last.Parts)-1].Begins {
			queries = append(queries, object{"match_bool_prefix": object{"name": object{"query": p.Text, "operator": "and", "analyzer": "plain"}}}, unfinished(p))
		}
	}
	return anyOf(queries)
}

// unfinished finds names that have a word that begins with the last part, where all others
// are in whatever field: 王伟 pyth.
func unfinished(p plan.Plan) object {
	last := len(p.Groups) - 1
	must := list{object{"match_phrase_prefix": object{"name": object{"query": p.Groups[last].Text(), "analyzer": "plain"}}}}
	for _, g := range p.Groups[:last] {
		must = append(must, typedQuery(g.Text()))
	}
	return object{"bool": object{"must": must}}
}

// orderQuery finds names that have all of a Hanzi query's characters and most of its
// pairs, in another order: 外科学口腔 for 口腔外科学.
func orderQuery(_ catalog.Kind, p plan.Plan) object {
	var must list
	for _, g := range p.Groups {
		if g.Optional {
			continue
		}
		for _, part := range g.Parts {
			if part.Script != plan.Hanzi || len([]rune(part.Text)) < 4 {
				must = append(must, typedQuery(part.Text))
				continue
			}
			must = append(must, object{"bool": object{
				"filter": list{object{"match": object{"name": object{"query": part.Text, "operator": "and", "analyzer": "plain"}}}},
				"must":   list{object{"match": object{"name": object{"query": part.Text, "minimum_should_match": part.Terms() / 2}}}},
			}})
		}
	}
	if must == nil || !p.Only(plan.Hanzi) {
		return nil
	}
	return object{"bool": object{"must": must, "boost": 1 / float64(p.Terms())}}
}

// aboutQuery looks for what a sentence is about: all of it anywhere, or, if it is a
// question, half of it in names or among people, where words are not said by the way.
func aboutQuery(_ catalog.Kind, p plan.Plan) object {
	if len(p.About) == 0 {
		return nil
	}
	var everywhere, named list
	for _, topic := range p.About {
		pairs, may := topic.Terms(), 0
		if p.Question {
			may = pairs * 2 / 5
		}
		ways := list{pairsAnywhere(topic.Text(), pairs-may)}
		for _, s := range topic.Synonyms {
			ways = append(ways, constant(synonymPoints, typedQuery(s)))
		}
		inName := constant(nameWordsPoints, matchAll("name", topic.Text()))
		everywhere = append(everywhere, object{"bool": object{"must": list{anyOf(ways)}, "should": list{inName}}})
		named = append(named, inName, constant(personPoints, matchAll("context", topic.Text())))
	}
	queries := list{object{"bool": object{"must": everywhere}}}
	if p.Question && len(p.About) > 1 {
		var half list
		for i := 0; i < len(named); i += 2 {
			half = append(half, object{"dis_max": object{"queries": named[i : i+2]}})
		}
		queries = append(queries, object{"bool": object{"should": half, "minimum_should_match": (len(half) + 1) / 2}})
	}
	return anyOf(queries)
}

// mostQuery lets little be missing: one or two pairs of a long run of Hanzi, which is
// where two words of different fields meet, and two fifths of three or more parts.
func mostQuery(_ catalog.Kind, p plan.Plan) object {
	var should list
	runs := false
	for _, g := range p.Groups {
		if g.Optional {
			continue
		}
		text := g.Text()
		if pairs := g.Terms(); pairs >= 3 && len(g.Parts) == 1 {
			should, runs = append(should, pairsAnywhere(text, pairs-missing(pairs))), true
		} else {
			should = append(should, typedQuery(text))
		}
	}
	need := len(should)
	if need >= 3 {
		need = (need*3 + 4) / 5 // 2 of 3, 3 of 4 or 5, 4 of 6
	}
	if need == len(should) && !runs {
		return nil
	}
	return object{"bool": object{"should": should, "minimum_should_match": need, "boost": 1 / float64(p.Terms())}}
}

// missing is how many of a run's pairs may be absent.
func missing(pairs int) int {
	if pairs < 6 {
		return 1
	}
	return 2
}

// doubtfulHits is how few hits may be mere accidents.
const doubtfulHits = 2

// doubtful says whether a query of Latin words has found so little, and nothing of it
// shows what was typed, that it may be a typing error whose stem happens to be a word. A
// query that shows a pin is none.
func (q question) doubtful(f found, a catalog.Answer) bool {
	if n := f.total(); n == 0 || n > doubtfulHits || q.corrected != nil || q.Exact || q.way.name != textWay.name || !q.plan.Only(plan.Word) {
		return false
	}
	for _, part := range a.Parts() {
		if slices.ContainsFunc(part.Hits, func(h *catalog.Hit) bool { return h.Pinned || len(h.Highlight) > 0 }) {
			return false
		}
	}
	return true
}

// fallBack tries the other ways at once and takes the first that finds anything. Pins that
// are all that was found stay on top of what a way finds; what they are pinned to is not
// corrected.
func (s *Searcher) fallBack(ctx context.Context, q question, nothing found) (question, found, error) {
	ways := []way{looseWay, orderWay, mostWay, aboutWay}
	if q.plan.Question {
		ways = []way{looseWay, orderWay, aboutWay, mostWay} // most of the words are mere speech
	}
	var searches []search
	for _, w := range ways {
		for _, k := range q.kinds {
			searches = append(searches, search{kind: k, body: q.countBody(k, w, q.Filters)})
		}
	}
	// Where the filters are what leaves nothing, nothing is the answer.
	for _, k := range q.kinds {
		searches = append(searches, search{kind: k, body: q.countBody(k, textWay, nil)})
	}
	answers, err := s.msearch(ctx, searches)
	if err != nil {
		return q, nothing, err
	}
	finds := func(i int) bool {
		for _, a := range answers[i*len(q.kinds) : (i+1)*len(q.kinds)] {
			if len(a.Hits.Hits) > 0 {
				return true
			}
		}
		return false
	}
	if finds(len(ways)) {
		return q, nothing, nil
	}
	for i, w := range ways {
		if i == afterCorrection && !q.Exact && nothing.total() == 0 {
			corrected, found, ok, err := s.correct(ctx, q)
			if err != nil || ok {
				return corrected, found, err
			}
		}
		if finds(i) {
			q.way = w
			found, err := s.ask(ctx, q)
			return q, found, err
		}
	}
	return q, nothing, nil
}

// countBody asks whether a way finds anything at all.
func (q question) countBody(k catalog.Kind, w way, chosen map[catalog.Facet][]string) object {
	q.way = w
	match := q.curationsOf(k).withoutHidden(q.textMatch(k))
	return object{
		"size": 1, "terminate_after": 1, "track_total_hits": false, "_source": false, "timeout": searchTimeout,
		"query": object{"bool": object{"filter": append(append(list{live()}, filters(k, chosen, "")...), match)}},
	}
}

// pairsAnywhere wants a number of a text's terms, each in any of the fields.
func pairsAnywhere(text string, need int) object {
	return object{"multi_match": object{
		"query": text, "type": "cross_fields", "fields": textFields, "minimum_should_match": need,
	}}
}

func phrasePrefix(field, text string) object {
	return object{"match_phrase_prefix": object{field: text}}
}

// anyOf is nil without queries.
func anyOf(queries list) object {
	if len(queries) == 0 {
		return nil
	}
	return object{"dis_max": object{"queries": queries}}
}
