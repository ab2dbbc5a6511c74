package search

import (
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/curation"
	"github.com/xunke/xunke/internal/plan"
)

// At is the searcher with another clock.
func (s *Searcher) At(now func() time.Time) *Searcher {
	out := *s
	out.now = now
	return &out
}

// Bodies are the searches that a query makes on a day, by name: hits and facets of each
// kind, and the query of each way that is tried when nothing is found.
func Bodies(q catalog.Query, synonyms plan.Synonyms, curations curation.Lookup, day time.Time) (map[string]any, error) {
	s := &Searcher{synonyms: synonyms, near: synonyms, curations: curations, now: func() time.Time { return day }, shards: &shardCounts{}}
	for _, k := range catalog.Kinds() {
		s.shards.at(k).Store(1)
	}
	question := s.newQuestion(q)
	bodies := map[string]any{}
	searches, err := question.searches()
	if err != nil {
		return nil, err
	}
	for _, one := range searches {
		name := " hits"
		if one.body["size"] == 0 {
			name = " facets"
		}
		bodies[string(one.kind)+name] = one.body
	}
	for _, k := range question.kinds {
		for _, w := range []matching{looseMatching, orderMatching, aboutMatching, mostMatching} {
			if query := w.query(k, question.plan); query != nil {
				bodies[string(k)+" "+w.name] = query
			}
		}
		if query := correctionQuery(k, question.plan); query != nil {
			bodies[string(k)+" nearly"] = query
		}
	}
	if one, _, ok := question.nearSearch(s); ok {
		bodies["near"] = one.body
	}
	bodies["suggest"] = suggestQuery(question.plan)
	return bodies, nil
}
