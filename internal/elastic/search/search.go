// Package search answers queries out of the indices behind the aliases: bodies of queries
// as pure functions of a plan, and what is read out of the answers.
package search

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/curation"
	"github.com/xunke/xunke/internal/elastic"
	"github.com/xunke/xunke/internal/plan"
)

// Elasticsearch gives up a search after searchTimeout and answers with what it has; the
// deadline of the whole question is for an Elasticsearch that does not answer at all.
const (
	searchTimeout  = "2s"
	searchDeadline = 5 * time.Second
)

// Searcher answers queries out of the indices behind the aliases. It is safe for
// concurrent use.
type Searcher struct {
	c         *elastic.Client
	synonyms  plan.Synonyms
	curations curation.Lookup                        // nil: nothing is curated
	queries   func(typed string, limit int) []string // nil: none
	scoring   catalog.Scoring
	now       func() time.Time
}

// NewSearcher makes a searcher. synonyms may be nil; it is asked with every query.
func NewSearcher(c *elastic.Client, synonyms plan.Synonyms) *Searcher {
	return &Searcher{c: c, synonyms: synonyms, scoring: catalog.StandardScoring(), now: time.Now}
}

// WithCurations is the searcher with answers as admins have curated them. The lookup is
// asked with every query that has a text.
func (s *Searcher) WithCurations(lookup curation.Lookup) *Searcher {
	out := *s
	out.curations = lookup
	return &out
}

// WithQueries is the searcher with whole queries among its suggestions: those that
// complete what is typed, best first. It is asked with every key and must be quick.
func (s *Searcher) WithQueries(queries func(typed string, limit int) []string) *Searcher {
	out := *s
	out.queries = queries
	return &out
}

// Search answers a validated query over one or more kinds. Most queries take one round
// trip; one that finds nothing takes up to two more, to find what was meant.
// Errors: CodeInvalid for a cursor that belongs to another list, CodeUnavailable when
// Elasticsearch or an alias does not answer. A kind that fails while others answer makes
// the answer degraded.
func (s *Searcher) Search(ctx context.Context, q catalog.Query) (catalog.Answer, error) {
	started := s.now()
	ctx, cancel := context.WithTimeout(ctx, searchDeadline)
	defer cancel()

	question := s.newQuestion(q)
	found, err := s.ask(ctx, question)
	if err != nil {
		return catalog.Answer{}, err
	}
	if question.hasText && !question.plan.Empty() && found.matched() == 0 {
		if question, found, err = s.fallBack(ctx, question, found); err != nil {
			return catalog.Answer{}, err
		}
	}
	answer, err := question.answer(found)
	if err != nil {
		return catalog.Answer{}, err
	}
	if question.doubtful(found, answer) {
		corrected, better, ok, err := s.correct(ctx, question)
		if err != nil {
			return catalog.Answer{}, err
		}
		if ok {
			if answer, err = corrected.answer(better); err != nil {
				return catalog.Answer{}, err
			}
		}
	}
	answer.TookMS = s.now().Sub(started).Milliseconds()
	return answer, nil
}

// Ready says whether every alias exists and its index can be searched.
func (s *Searcher) Ready(ctx context.Context) error {
	var searches []search
	for _, k := range catalog.Kinds() {
		searches = append(searches, search{kind: k, body: object{"size": 0, "terminate_after": 1, "track_total_hits": false}})
	}
	answers, err := s.msearch(ctx, searches)
	if err != nil {
		return err
	}
	var errs []error
	for i, a := range answers {
		if err := a.err(); err != nil {
			errs = append(errs, catalog.Unavailable("alias "+s.c.Alias(searches[i].kind), err))
		}
	}
	return errors.Join(errs...)
}

// way is how a plan is matched.
type way struct {
	name  string
	query func(k catalog.Kind, p plan.Plan) object // unscored by popularity; nil: the kind cannot match
}

var textWay = way{"text", textQuery}

// question is a query with all that has been decided about it.
type question struct {
	catalog.Query
	plan      plan.Plan
	way       way
	hasText   bool
	today     time.Time
	kinds     []catalog.Kind // those asked for that have all the filters
	corrected *string        // what the plan is made of, if not of what was typed
	curated   *curation.Set  // nil: nothing is curated
}

func (s *Searcher) newQuestion(q catalog.Query) question {
	out := question{Query: q, way: textWay, today: s.now(), hasText: strings.TrimSpace(q.Text) != ""}
	if out.hasText {
		out.plan = plan.Make(q.Text, s.synonyms)
		out.curated = s.curatedFor(out.plan)
	}
	for _, k := range catalog.Kinds() {
		for _, asked := range q.Kinds {
			if asked == k && answers(k, q.Filters) {
				out.kinds = append(out.kinds, k)
			}
		}
	}
	return out
}

// textMatch is the question's query for one kind, without filters and curations.
func (q question) textMatch(k catalog.Kind) object {
	if !q.hasText {
		return object{"match_all": object{}}
	}
	if query := q.way.query(k, q.plan); query != nil {
		return query
	}
	return object{"match_none": object{}}
}

// hitsBody asks for a page of hits of one kind.
func (q question) hitsBody(k catalog.Kind) (object, error) {
	scored := q.hasText && q.Sort == catalog.SortRelevance
	filter := append(list{live()}, filters(k, q.Filters, "")...)
	var query object
	if scored {
		query = q.ranked(k, filter)
	} else {
		query = object{"bool": object{"filter": append(filter, q.match(k))}}
	}
	keys := sortKeys(q.Sort, q.hasText)
	body := object{
		"query": query, "sort": keys, "size": q.PerPage,
		"track_total_hits": false, "timeout": searchTimeout, "_source": sources(q.hasText),
	}
	if q.Explain && scored {
		body["explain"] = true
	}
	switch {
	case q.Cursor != nil:
		after, err := searchAfter(q.Cursor, len(keys))
		if err != nil {
			return nil, err
		}
		body["search_after"] = after
	case q.Page > 1:
		body["from"] = (q.Page - 1) * q.PerPage
	}
	return body, nil
}

// found is what was found of every kind that was asked.
type found struct {
	kinds    []kindFound
	degraded bool
}

type kindFound struct {
	kind    catalog.Kind
	total   int64
	matched int64 // of the total, what the text matches: pins need not
	facets  map[catalog.Facet][]catalog.FacetValue
	hits    []rawHit
	pit     string
}

func (f found) total() int64 {
	var n int64
	for _, k := range f.kinds {
		n += k.total
	}
	return n
}

// matched is how much of the total was not found by its pins alone.
func (f found) matched() int64 {
	var n int64
	for _, k := range f.kinds {
		n += k.matched
	}
	return n
}

// ask sends a question: for each kind its hits and its facets, all in one round trip.
func (s *Searcher) ask(ctx context.Context, q question) (found, error) {
	var searches []search
	for _, k := range q.kinds {
		hits, err := q.hitsBody(k)
		if err != nil {
			return found{}, err
		}
		searches = append(searches,
			search{kind: k, body: hits},
			search{kind: k, body: q.facetBody(k)})
	}
	if len(searches) == 0 {
		return found{}, nil
	}
	if q.Cursor != nil {
		if err := s.holdPIT(ctx, q, searches); err != nil {
			return found{}, err
		}
	}
	answers, err := s.msearch(ctx, searches)
	if err != nil {
		return found{}, err
	}
	if q.Cursor != nil && answers[0].Error != nil && pitGone(answers[0].err()) {
		// It was held too long ago. The position itself still holds.
		delete(searches[0].body, "pit")
		if answers, err = s.msearch(ctx, searches); err != nil {
			return found{}, err
		}
	}
	return collect(q, answers)
}

// holdPIT lets the next page of a cursor see what its predecessors saw. The first cursor
// of a list has none yet, because most visitors never turn the page.
func (s *Searcher) holdPIT(ctx context.Context, q question, searches []search) error {
	id := q.Cursor.PIT
	if id == "" {
		var err error
		if id, err = openPIT(ctx, s.c, q.kinds[0]); err != nil {
			return err
		}
	}
	searches[0].body["pit"] = object{"id": id, "keep_alive": pitKeepAlive}
	return nil
}

// collect reads the answers, two for each kind. It fails only if no kind has answered.
func collect(q question, answers []searchAnswer) (found, error) {
	var out found
	var errs []error
	for i, k := range q.kinds {
		hits, facets := answers[2*i], answers[2*i+1]
		if err := errors.Join(hits.err(), facets.err()); err != nil {
			errs = append(errs, err)
			out.degraded = true
			out.kinds = append(out.kinds, kindFound{kind: k})
			continue
		}
		total, values := readFacets(k, facets.Aggregations, q.Filters)
		out.degraded = out.degraded || hits.partial() || facets.partial()
		out.kinds = append(out.kinds, kindFound{
			kind: k, total: total, matched: readMatched(facets.Aggregations), facets: values, hits: hits.Hits.Hits, pit: hits.PIT,
		})
	}
	if len(errs) == len(q.kinds) {
		return found{}, catalog.Unavailable("the search index", errors.Join(errs...))
	}
	return out, nil
}
