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

// fallBack decides about a question of which nothing was found as it was typed, in this order:
//
//  1. The filters are what leaves nothing: then nothing is the answer.
//  2. The first fallback that lets no word be missing and finds anything.
//  3. A correction. Pins that are all that was found are not corrected: they stay on top.
//  4. The first fallback that lets words be missing and finds anything, and beside it what is
//     near, if the former is little or the meaning of the latter is known.
//  5. What is near alone. It also stands in the place of what has most words of a sentence: of
//     what somebody asks in words of their own those say less than its meaning. And it stands
//     there where a word of the query is in no item at all: of skateboard tricks for kids
//     nothing is found, whatever else is for kids.
func (s *Searcher) fallBack(ctx context.Context, q question, nothing result) (question, result, nearness, error) {
	before, after := fallbacks(q.plan)
	tried, err := s.try(ctx, q, before, after)
	if err != nil || tried.isFiltered {
		return q, nothing, nearness{}, err
	}
	if m, ok := tried.first(before); ok {
		q.matching = m
		if m.name == tried.whole {
			return q, tried.result, nearness{}, nil
		}
		found, err := s.run(ctx, q)
		return q, found, nearness{}, err
	}
	later := nearLater{searcher: s, question: q, found: tried.near}
	if !q.Exact && nothing.total() == 0 {
		kept, err := later.keepWords(ctx)
		if err != nil {
			return q, nothing, nearness{}, err
		}
		corrected, found, ok, err := s.correct(ctx, kept)
		if err != nil || ok {
			return corrected, found, nearness{}, err
		}
	}
	near, err := later.get(ctx)
	if err != nil {
		return q, nothing, nearness{}, err
	}
	m, ok := tried.first(after)
	if !ok {
		return q, nothing, near, nil
	}
	q.matching = m
	if m.name == mostMatching.name {
		if is, err := s.isNothing(ctx, q, near); err != nil || is {
			return q, nothing, near, err
		}
	}
	found, err := s.run(ctx, q)
	if found.textTotal() >= fewHits && !near.hasMeant() {
		near = nearness{}
	}
	return q, found, near, err
}

// isNothing says whether what has most of the words of a question is not what it asks for.
func (s *Searcher) isNothing(ctx context.Context, q question, near nearness) (bool, error) {
	if q.plan.Question {
		return near.hasMeant(), nil
	}
	return s.lacksWord(ctx, q)
}

// lacksWord says whether a word that most of the words may do without is in nothing that
// can be found at all, whatever the filters are.
func (s *Searcher) lacksWord(ctx context.Context, q question) (bool, error) {
	q.Filters = nil
	var searches []search
	for _, g := range q.plan.Groups {
		if g.Optional || isRun(g) {
			continue
		}
		word := matching{"word", func(catalog.Kind, plan.Plan) object { return typedQuery(g.Text()) }}
		for _, k := range q.kinds {
			searches = append(searches, search{kind: k, body: q.countBody(k, word, nil)})
		}
	}
	if len(searches) == 0 {
		return false, nil
	}
	answers, err := s.msearch(ctx, searches)
	if err != nil {
		return false, err
	}
	for kinds := range slices.Chunk(answers, len(q.kinds)) {
		if !slices.ContainsFunc(kinds, func(a searchAnswer) bool { return a.Error != nil || len(a.Hits.Hits) > 0 }) {
			return true, nil
		}
	}
	return false, nil
}

// tried is what came of trying fallbacks.
type tried struct {
	finds  map[string]bool // by name, which matchings find anything
	whole  string          // the name of the one of which there is the whole result; empty: none
	result result
	near   *nearness // nil: it was not asked for
	// The text as it was typed is found without the filters: then they are what leaves
	// nothing, and nothing is the answer.
	isFiltered bool
}

// first is the first of some matchings that finds anything.
func (t tried) first(of []matching) (matching, bool) {
	i := slices.IndexFunc(of, func(m matching) bool { return t.finds[m.name] })
	if i < 0 {
		return matching{}, false
	}
	return of[i], true
}

// try asks which matchings find anything, and what is near, in one round trip. Of the first
// that comes before a correction it asks for hits and facets at once: unfinished words are
// found by it, and where it finds nothing, that costs next to nothing, unless the plan is dear.
func (s *Searcher) try(ctx context.Context, q question, before, after []matching) (tried, error) {
	out := tried{finds: map[string]bool{}}
	var searches []search
	eager := q
	if i := slices.IndexFunc(before, q.canMatch); i >= 0 && q.Cursor == nil && !q.isDear() {
		eager.matching = before[i]
		whole, err := eager.searches()
		if err != nil {
			return tried{}, err
		}
		searches, out.whole = whole, before[i].name
	}
	begin := len(searches)
	var names []string
	count := func(m matching, chosen map[catalog.Facet][]string) {
		for _, k := range q.kinds {
			if m.query(k, q.plan) != nil {
				searches, names = append(searches, search{kind: k, body: q.countBody(k, m, chosen)}), append(names, m.name)
			}
		}
	}
	for _, m := range slices.Concat(before, after) {
		if m.name != out.whole {
			count(m, q.Filters)
		}
	}
	if q.isFiltered() {
		count(asTyped, nil)
	}
	end := len(searches)
	var nearSearches []search
	var readNear func([]searchAnswer) nearness
	if !q.isUnfinishedWord() {
		nearSearches, readNear = s.nearSearches(ctx, q)
	}
	if searches = append(searches, nearSearches...); len(searches) == 0 {
		return out, nil
	}
	answers, err := s.msearch(ctx, searches)
	if err != nil {
		return tried{}, err
	}
	if out.whole != "" {
		if out.result, err = collect(eager, answers[:begin]); err != nil {
			return tried{}, err
		}
		out.finds[out.whole] = out.result.textTotal() > 0
	}
	for i, name := range names {
		if len(answers[begin+i].Hits.Hits) > 0 {
			out.finds[name] = true
		}
	}
	if len(nearSearches) > 0 {
		near := readNear(answers[end:])
		out.near = &near
	}
	out.isFiltered = out.finds[asTyped.name]
	return out, nil
}

// isUnfinishedWord says whether the question is one word that may not be typed to its end.
// Nearly always something begins with it, and what is near is looked for only where nothing
// does: its meaning costs more than all else, and half a word has none.
func (q question) isUnfinishedWord() bool {
	if len(q.plan.Groups) != 1 {
		return false
	}
	parts := q.plan.Groups[0].Parts
	return len(parts) == 1 && parts[0].Begins
}

// nearLater is what is near a question, asked for once and not before it is needed: in most
// cases half a word needs nothing near.
type nearLater struct {
	searcher *Searcher
	question question
	found    *nearness // nil: it was not asked for
}

func (n *nearLater) get(ctx context.Context) (nearness, error) {
	if n.found == nil {
		found, err := n.searcher.findNear(ctx, n.question)
		if err != nil {
			return nearness{}, err
		}
		n.found = &found
	}
	return *n.found, nil
}

// keepWords is the question as it is corrected: words that are spelt right stay if there is
// something near them.
func (n *nearLater) keepWords(ctx context.Context) (question, error) {
	q := n.question
	kept, isOther := keepWords(q.plan)
	if !isOther {
		return q, nil
	}
	near, err := n.get(ctx)
	if err == nil && near.any() {
		q.plan = kept
	}
	return q, err
}

// canMatch says whether a matching can find anything of the question's plan.
func (q question) canMatch(m matching) bool {
	return slices.ContainsFunc(q.kinds, func(k catalog.Kind) bool { return m.query(k, q.plan) != nil })
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
