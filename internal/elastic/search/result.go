package search

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/xunke/xunke/catalog"
)

// result is what was found of every kind that was asked.
type result struct {
	kinds    []kindResult
	degraded bool
}

type kindResult struct {
	kind      catalog.Kind
	total     int64
	textTotal int64 // of the total, what the text matches: pins need not
	facets    map[catalog.Facet][]catalog.FacetValue
	hits      []rawHit
	held      view // what the hits were read from; without id: the index as it is
}

func (r result) total() int64 {
	var n int64
	for _, k := range r.kinds {
		n += k.total
	}
	return n
}

// textTotal is how much of the total was not found by its pins alone.
func (r result) textTotal() int64 {
	var n int64
	for _, k := range r.kinds {
		n += k.textTotal
	}
	return n
}

// searches are those of a question: for each kind its hits and its facets, by one search or
// by two. collect reads their answers.
func (q question) searches() ([]search, error) {
	var searches []search
	for _, k := range q.kinds {
		hits, err := q.hitsBody(k)
		if err != nil {
			return nil, err
		}
		facets := q.facetBody(k)
		if q.isOneSearch(k) {
			hits["track_total_hits"] = true
			if facets["aggs"] != nil {
				hits["aggs"] = facets["aggs"]
			}
			searches = append(searches, search{kind: k, body: hits})
			continue
		}
		searches = append(searches, search{kind: k, body: hits}, search{kind: k, body: facets})
	}
	return searches, nil
}

// isOneSearch says whether hits and facets of a kind are asked for together. What matches a
// text is found once then, which is the larger part of the work, but Elasticsearch keeps the
// counts of none for another page. Lists have facets of their own: those of all that there is
// are counted without looking at each document, and their hits are the first of an order. So
// have searches in which the two look at different documents.
func (q question) isOneSearch(k catalog.Kind) bool {
	return q.hasText && q.Sort == catalog.SortRelevance && q.Page == 1 && q.Cursor == nil &&
		!q.isFiltered() && len(q.curationsOf(k).pins) == 0
}

// run sends a question in one round trip.
func (s *Searcher) run(ctx context.Context, q question) (result, error) {
	searches, err := q.searches()
	if err != nil || len(searches) == 0 {
		return result{}, err
	}
	var held view
	if q.Cursor != nil {
		if held, err = s.hold(ctx, q); err != nil {
			return result{}, err
		}
		searches[0].body["pit"] = object{"id": held.id, "keep_alive": pitKeepAlive}
	}
	answers, err := s.msearch(ctx, searches)
	if err != nil {
		return result{}, err
	}
	if q.Cursor != nil && answers[0].Error != nil && isPITMissing(answers[0].err()) {
		// It was held too long ago. The position itself still holds.
		s.views.forget(q.kinds[0], held.id)
		held = view{}
		delete(searches[0].body, "pit")
		if answers, err = s.msearch(ctx, searches); err != nil {
			return result{}, err
		}
	}
	out, err := collect(q, answers)
	if held.id != "" && len(out.kinds) > 0 {
		held.id = cmp.Or(answers[0].PIT, held.id)
		out.kinds[0].held = held
	}
	return out, err
}

// hold is the view by which the next page of a cursor sees what its predecessors saw. The
// first cursor of a list has none yet, because most visitors never turn the page; nor has
// one that was read from for too long.
func (s *Searcher) hold(ctx context.Context, q question) (view, error) {
	if held := (view{id: q.Cursor.PIT, opened: time.Unix(q.Cursor.Held, 0)}); !held.hasExpired(s.now()) {
		return held, nil
	}
	k := q.kinds[0]
	return s.views.get(ctx, k, s.now(), func(ctx context.Context) (string, error) { return openPIT(ctx, s.c, k) })
}

// collect reads the answers to searches. It fails only if no kind has answered.
func collect(q question, answers []searchAnswer) (result, error) {
	var out result
	var errs []error
	at := 0
	for _, k := range q.kinds {
		hits, facets := answers[at], answers[at]
		if !q.isOneSearch(k) {
			at++
			facets = answers[at]
		}
		at++
		if err := errors.Join(hits.err(), facets.err()); err != nil {
			errs = append(errs, err)
			out.degraded = true
			out.kinds = append(out.kinds, kindResult{kind: k})
			continue
		}
		q.shards.learn(k, facets)
		total, values := q.readFacets(k, facets)
		out.degraded = out.degraded || hits.partial() || facets.partial()
		out.kinds = append(out.kinds, kindResult{
			kind: k, total: total, textTotal: readTextTotal(facets, total), facets: values, hits: hits.Hits.Hits,
		})
	}
	if len(errs) == len(q.kinds) {
		return result{}, catalog.Unavailable("the search index", errors.Join(errs...))
	}
	return out, nil
}
