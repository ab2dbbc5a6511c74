package search

import (
	"context"
	"slices"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/plan"
)

// The matchings that are tried when a query finds nothing as it was typed.
var (
	looseMatching = matching{"loose", looseQuery}
	orderMatching = matching{"order", orderQuery}
	mostMatching  = matching{"most", mostQuery}
	aboutMatching = matching{"about", aboutQuery}
)

// fallbacks are what is tried when a query finds nothing as it was typed, most certain
// first: those that come before a correction and those that come after it, which let
// words be missing.
func fallbacks(p plan.Plan) (before, after []matching) {
	before = []matching{looseMatching, orderMatching}
	if p.Question {
		return before, []matching{aboutMatching, mostMatching} // most of a question's words are mere speech
	}
	return before, []matching{mostMatching, aboutMatching}
}

// fallBack asks all fallbacks at once whether they find anything and takes the first that
// does, or a correction in its place between them. Pins that are all that was found stay
// on top of what a fallback finds; what they are pinned to is not corrected. What is near
// is asked in the same round trip, and stands beside what lets words be missing if that is
// little, or if its meaning is known. It stands in the place of what has most words of a sentence: of what somebody asks
// in words of their own those say less than its meaning.
func (s *Searcher) fallBack(ctx context.Context, q question, nothing result) (question, result, nearness, error) {
	before, after := fallbacks(q.plan)
	finds, near, filtered, err := s.find(ctx, q, slices.Concat(before, after))
	if err != nil || filtered {
		return q, nothing, nearness{}, err
	}
	first := func(of []matching) int {
		return slices.IndexFunc(of, func(m matching) bool { return finds[m.name] })
	}
	if i := first(before); i >= 0 {
		q.matching = before[i]
		found, err := s.run(ctx, q)
		return q, found, nearness{}, err
	}
	if !q.Exact && nothing.total() == 0 {
		corrected, found, ok, err := s.correct(ctx, q)
		if err != nil || ok {
			return corrected, found, nearness{}, err
		}
	}
	if i := first(after); i >= 0 {
		q.matching = after[i]
		if q.matching.name == mostMatching.name && q.plan.Question && near.hasMeant() {
			return q, nothing, near, nil
		}
		found, err := s.run(ctx, q)
		if found.matched() >= fewHits && !near.hasMeant() {
			near = nearness{}
		}
		return q, found, near, err
	}
	return q, nothing, near, nil
}

// find says by name which matchings find anything, and what is near. filtered is true where
// the text as it was typed is found without the filters: then they are what leaves nothing,
// and nothing is the answer.
func (s *Searcher) find(ctx context.Context, q question, matchings []matching) (finds map[string]bool, near nearness, filtered bool, err error) {
	var searches []search
	var names []string
	for _, m := range matchings {
		for _, k := range q.kinds {
			searches, names = append(searches, search{kind: k, body: q.countBody(k, m, q.Filters)}), append(names, m.name)
		}
	}
	for _, k := range q.kinds {
		searches, names = append(searches, search{kind: k, body: q.countBody(k, asTyped, nil)}), append(names, asTyped.name)
	}
	nearSearches, readNear := s.nearSearches(ctx, q)
	searches = append(searches, nearSearches...)
	answers, err := s.msearch(ctx, searches)
	if err != nil {
		return nil, nearness{}, false, err
	}
	finds = map[string]bool{}
	for i, name := range names {
		if len(answers[i].Hits.Hits) > 0 {
			finds[name] = true
		}
	}
	if len(nearSearches) > 0 {
		near = readNear(answers[len(names):])
	}
	return finds, near, finds[asTyped.name], nil
}

// countBody asks whether a matching finds anything at all.
func (q question) countBody(k catalog.Kind, m matching, chosen map[catalog.Facet][]string) object {
	q.matching = m
	match := q.curationsOf(k).withoutHidden(q.textMatch(k))
	return object{
		"size": 1, "terminate_after": 1, "track_total_hits": false, "_source": false, "timeout": searchTimeout,
		"query": searchable(object{"filter": append(filters(k, chosen, ""), match)}),
	}
}

// doubtfulHits is how few hits may be mere accidents.
const doubtfulHits = 2

// mayBeDoubtful says whether a query of Latin words has found so little that it may be a
// typing error whose stem happens to be a word.
func (q question) mayBeDoubtful(r result) bool {
	n := r.total()
	return n > 0 && n <= doubtfulHits && q.corrected == nil && !q.Exact && q.matching.name == asTyped.name && q.plan.Only(plan.Word)
}

// showsTyped says whether a hit shows what was typed, or a pin, of which there is no doubt.
func showsTyped(a catalog.Answer) bool {
	for _, part := range a.Parts() {
		if slices.ContainsFunc(part.Hits, func(h *catalog.Hit) bool { return h.Pinned || len(h.Highlight) > 0 }) {
			return true
		}
	}
	return false
}

// showsAll says whether the answer has every hit that was found.
func showsAll(a catalog.Answer, r result) bool {
	var n int64
	for _, part := range a.Parts() {
		n += int64(len(part.Hits))
	}
	return n >= r.total()
}
