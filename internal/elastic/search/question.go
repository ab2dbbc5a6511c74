package search

import (
	"slices"
	"strings"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/curation"
	"github.com/xunke/xunke/internal/plan"
)

// matching is how a plan is matched.
type matching struct {
	name  string
	query func(k catalog.Kind, p plan.Plan) object // unscored by popularity; nil: the kind cannot match
}

var asTyped = matching{"text", textQuery}

// question is a query with all that has been decided about it.
type question struct {
	catalog.Query
	plan      plan.Plan
	matching  matching
	hasText   bool
	today     time.Time
	kinds     []catalog.Kind // those asked for that have all the filters
	corrected *string        // what the plan is made of, if not of what was typed
	curated   *curation.Set  // nil: nothing is curated
	shards    *shardCounts
}

func (s *Searcher) newQuestion(q catalog.Query) question {
	out := question{Query: q, matching: asTyped, today: s.now(), hasText: strings.TrimSpace(q.Text) != "", shards: s.shards}
	if out.hasText {
		out.plan = plan.Make(q.Text, s.synonyms)
		out.curated = s.curatedFor(out.plan)
	}
	for _, k := range catalog.Kinds() {
		for _, asked := range q.Kinds {
			if asked == k && hasFacets(k, q.Filters) {
				out.kinds = append(out.kinds, k)
			}
		}
	}
	return out
}

// resume is the question as it was decided for the first page, if its cursor tells that.
// Errors: CodeInvalid for a cursor that tells of no decision of this version.
func (q question) resume(s *Searcher) (_ question, decided bool, err error) {
	c := q.Cursor
	if c == nil || c.Matching == "" {
		return q, false, nil
	}
	if q.today, err = time.Parse(time.DateOnly, c.Day); err != nil {
		return q, false, catalog.Invalidf("cursor", "cannot be read by this version")
	}
	if c.Corrected != nil {
		q = q.corrects(s, *c.Corrected)
	}
	before, after := fallbacks(q.plan)
	for _, m := range slices.Concat([]matching{asTyped}, before, after) {
		if m.name == c.Matching {
			q.matching = m
			return q, true, nil
		}
	}
	return q, false, catalog.Invalidf("cursor", "cannot be read by this version")
}

// corrects is the question with another text than was typed. What was decided by admins
// about the very words that were typed comes first.
func (q question) corrects(s *Searcher, text string) question {
	q.plan, q.matching, q.corrected = plan.Make(text, s.synonyms), asTyped, &text
	if q.curated == nil {
		q.curated = s.curatedFor(q.plan)
	}
	return q
}

// hasWords says whether there is anything to look for in the text.
func (q question) hasWords() bool { return q.hasText && !q.plan.Empty() }

// textMatch is the question's query for one kind, without filters and curations.
func (q question) textMatch(k catalog.Kind) object {
	if !q.hasText {
		return object{"match_all": object{}}
	}
	if query := q.matching.query(k, q.plan); query != nil {
		return query
	}
	return object{"match_none": object{}}
}

// hitsBody asks for a page of hits of one kind.
func (q question) hitsBody(k catalog.Kind) (object, error) {
	scored := q.hasText && q.Sort == catalog.SortRelevance
	filter := filters(k, q.Filters, "")
	var query object
	if scored {
		query = q.rankedQuery(k, filter)
	} else {
		query = searchable(object{"filter": append(filter, q.match(k))})
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
