// Package search answers queries out of the indices behind the aliases: bodies of queries
// as pure functions of a plan, and what is read out of the answers.
package search

import (
	"context"
	"errors"
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
	searchDeadline = 3 * time.Second
)

// Searcher answers queries out of the indices behind the aliases. It is safe for
// concurrent use.
type Searcher struct {
	c         *elastic.Client
	synonyms  plan.Synonyms
	near      plan.Synonyms                          // for what is near a query
	curations curation.Lookup                        // nil: nothing is curated
	queries   func(typed string, limit int) []string // nil: none
	meaning   Meaning                                // nil: searches go by words
	coverage  *coverage                              // of courses by vectors
	scoring   catalog.Scoring
	rooms     rooms
	oneByOne  bool // of the searches of a round trip, Elasticsearch does one after the other
	now       func() time.Time
	views     *views
	shards    *shardCounts
}

// NewSearcher makes a searcher. synonyms may be nil; it is asked with every query.
func NewSearcher(c *elastic.Client, synonyms plan.Synonyms) *Searcher {
	return &Searcher{c: c, synonyms: synonyms, near: synonyms, scoring: catalog.StandardScoring(), now: time.Now, views: &views{}, coverage: &coverage{}, shards: &shardCounts{}}
}

// WithNearWords is the searcher with more than synonyms for what is near a query: words that
// stand for what was typed where hardly anything has it.
func (s *Searcher) WithNearWords(near plan.Synonyms) *Searcher {
	out := *s
	out.near = near
	return &out
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

// Search answers a validated query over one or more kinds. What is decided, in this order:
//
//  1. The query as it was typed.
//  2. Where nothing has its text: the first of the fallbacks that finds anything.
//  3. Where what it found looks like an accident: a correction, if that finds anything.
//
// Where no more than a few hits are found, courses that have some of the words stand beside
// them on the first page (near.go), outside totals and facets.
//
// None of it depends on which page is asked for, and what was decided for the first page
// goes with its cursor.
// Most queries take one round trip; the second and the third take up to two more.
// Errors: CodeInvalid for a cursor that belongs to another list, CodeUnavailable when
// Elasticsearch or an alias does not answer. A kind that fails while others answer makes
// the answer degraded.
func (s *Searcher) Search(ctx context.Context, q catalog.Query) (catalog.Answer, error) {
	started := s.now()
	question, decided, err := s.newQuestion(q).resume(s)
	if err != nil {
		return catalog.Answer{}, err
	}
	leave, err := s.rooms.of(question).enter(ctx)
	if err != nil {
		return catalog.Answer{}, err
	}
	defer leave()
	ctx, cancel := context.WithTimeout(ctx, searchDeadline)
	defer cancel()
	if question.isDear() {
		s = s.patient()
	}
	result, err := s.run(ctx, question)
	var near nearness
	switch {
	case err != nil || decided || !question.hasWords():
	case result.textTotal() == 0:
		question, result, near, err = s.fallBack(ctx, question, result)
	case question.hasFew(result):
		near, err = s.findNear(ctx, question)
	case question.isRareTopic(result):
		near, err = s.findMeant(ctx, question)
	}
	if err != nil {
		return catalog.Answer{}, err
	}
	answer, err := question.answer(result)
	if err == nil && !decided {
		answer, err = s.correctDoubtful(ctx, question, result, answer)
	}
	if err == nil && answer.CorrectedQuery == nil && question.showsNear() {
		err = near.addTo(&answer, question.PerPage)
	}
	if err != nil {
		return catalog.Answer{}, err
	}
	answer.TookMS = s.now().Sub(started).Milliseconds()
	return answer, nil
}

// patient is the searcher for questions whose searches shall not take all of
// Elasticsearch's threads at a time.
func (s *Searcher) patient() *Searcher {
	out := *s
	out.oneByOne = true
	return &out
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
