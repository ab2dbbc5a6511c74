package search

import (
	"strconv"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/curation"
	"github.com/xunke/xunke/internal/plan"
)

// pinPoints is what the last pin scores; each before it scores one more. No document comes
// near: the tiers of the order are worth hundreds, a long question's words some thousands,
// and the greatest boost makes ten times of it. Elasticsearch's scores have 24 bits, so
// whole numbers of this size are exact, and a cursor finds them again.
const pinPoints = 1_000_000.0

// curatedFor is what is curated for the text of a plan, nil for nothing.
func (s *Searcher) curatedFor(p plan.Plan) *curation.Set {
	if s.curations == nil {
		return nil
	}
	return s.curations(p.Exact)
}

// kindCurations is what is curated of one kind, by the ids of documents.
type kindCurations struct {
	pins, hidden []string
	boosts       []boost
}

type boost struct {
	id     string
	factor float64
}

// curationsOf is what is curated of a kind for the question.
func (q question) curationsOf(k catalog.Kind) kindCurations {
	var c kindCurations
	if q.curated == nil {
		return c
	}
	for _, item := range q.curated.Pins {
		if item.Kind == k {
			c.pins = append(c.pins, documentID(item))
		}
	}
	for _, item := range q.curated.Hidden {
		if item.Kind == k {
			c.hidden = append(c.hidden, documentID(item))
		}
	}
	for _, b := range q.curated.Boosts {
		if b.Item.Kind == k {
			c.boosts = append(c.boosts, boost{id: documentID(b.Item), factor: b.Factor})
		}
	}
	return c
}

func documentID(item catalog.Key) string { return strconv.FormatInt(item.ID, 10) }

// match is the question's query for one kind as curated, without filters and without an
// order: what the text matches and the pins, less what is hidden. Hits and facets are
// asked for the same, so that what one counts the other shows.
func (q question) match(k catalog.Kind) object {
	match, c := q.textMatch(k), q.curationsOf(k)
	if len(c.pins) > 0 {
		match = object{"bool": object{"should": list{match, idsQuery(c.pins...)}, "minimum_should_match": 1}}
	}
	return c.withoutHidden(match)
}

// rankedQuery is the question's query for one kind in the order of relevance: what passes the
// filter and matches, pins first. Popularity does not reach the pins.
func (q question) rankedQuery(k catalog.Kind, filter list) object {
	c := q.curationsOf(k)
	scored := withPopularity(searchable(object{"filter": filter, "must": list{c.withBoosts(q.textMatch(k))}}), q.today)
	if len(c.pins) == 0 {
		return c.withoutHidden(scored)
	}
	queries := list{scored}
	for i, id := range c.pins {
		queries = append(queries, constant(pinPoints+float64(len(c.pins)-i-1), idsQuery(id)))
	}
	// The greatest score counts: a pin's own, whatever else it matches.
	return c.withoutHidden(searchable(object{"filter": filter, "must": list{object{"dis_max": object{"queries": queries}}}}))
}

// withBoosts multiplies the scores of boosted documents.
func (c kindCurations) withBoosts(match object) object {
	if len(c.boosts) == 0 {
		return match
	}
	var functions list
	for _, b := range c.boosts {
		functions = append(functions, object{"filter": idsQuery(b.id), "weight": b.factor})
	}
	return object{"function_score": object{
		"query": match, "functions": functions, "score_mode": "first", "boost_mode": "multiply",
	}}
}

// withoutHidden leaves hidden documents out of a query.
func (c kindCurations) withoutHidden(query object) object {
	if len(c.hidden) == 0 {
		return query
	}
	return object{"bool": object{"must": list{query}, "must_not": list{idsQuery(c.hidden...)}}}
}

func idsQuery(ids ...string) object { return object{"ids": object{"values": ids}} }

// explainedSet is what is curated, as an explained answer shows it.
func explainedSet(s *curation.Set) map[string]any {
	pinned, hidden, boosted := []string{}, []string{}, map[string]float64{}
	for _, item := range s.Pins {
		pinned = append(pinned, item.String())
	}
	for _, item := range s.Hidden {
		hidden = append(hidden, item.String())
	}
	for _, b := range s.Boosts {
		boosted[b.Item.String()] = b.Factor
	}
	return map[string]any{"query": s.Query, "pinned": pinned, "hidden": hidden, "boosted": boosted}
}
