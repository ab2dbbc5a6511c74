package search

import (
	"strings"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/plan"
)

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
	if joined := joinedText(p); joined != "" {
		queries = append(queries, typedQuery(joined))
	}
	if k == catalog.KindCourse && !p.Empty() {
		if last := p.Groups[len(p.Groups)-1]; last.Parts[len(last.Parts)-1].Begins {
			queries = append(queries, object{"match_bool_prefix": object{"name": object{"query": p.Text, "operator": "and", "analyzer": "plain"}}}, unfinishedQuery(p))
		}
	}
	return anyOf(queries)
}

// unfinishedQuery finds names that have a word that begins with the last part, where all others
// are in whatever field: 王伟 pyth.
func unfinishedQuery(p plan.Plan) object {
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

// aboutQuery looks for all that a sentence is about, anywhere. Of a question's long runs
// some pairs may be absent, as where words meet that are said by the way.
func aboutQuery(_ catalog.Kind, p plan.Plan) object {
	if len(p.About) == 0 {
		return nil
	}
	var must list
	for _, topic := range p.About {
		pairs, may := topic.Terms(), 0
		if p.Question {
			may = pairs * 2 / 5
		}
		ways := list{pairsAnywhere(topic.Text(), pairs-may)}
		for _, s := range topic.Synonyms {
			ways = append(ways, constant(synonymPoints, typedQuery(s)))
		}
		must = append(must, object{"bool": object{
			"must": list{anyOf(ways)}, "should": list{constant(nameWordsPoints, matchAll("name", topic.Text()))},
		}})
	}
	return object{"bool": object{"must": must}}
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
		if pairs := g.Terms(); isRun(g) {
			should, runs = append(should, pairsAnywhere(text, pairs-absentPairs(pairs))), true
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

// isRun says whether a group is a run of Hanzi so long that pairs of it may be missing.
func isRun(g plan.Group) bool { return g.Terms() >= 3 && len(g.Parts) == 1 }

// absentPairs is how many of a run's pairs may be absent.
func absentPairs(pairs int) int {
	if pairs < 6 {
		return 1
	}
	return 2
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

// joinedText is the plan's text with neighbouring Latin words as one, for names that have
// them so: photoshop for "photo shop". It is "" where there are none.
func joinedText(p plan.Plan) string {
	var b strings.Builder
	joined, before := false, false
	for _, g := range p.Groups {
		for _, part := range g.Parts {
			latin := part.Script != plan.Hanzi && !strings.ContainsFunc(part.Text, isSign)
			switch {
			case latin && before:
				joined = true
			case b.Len() > 0:
				b.WriteByte(' ')
			}
			b.WriteString(part.Text)
			before = latin
		}
	}
	if !joined {
		return ""
	}
	return b.String()
}
