package search

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/mappings"
	"github.com/xunke/xunke/related"
)

var _ related.Likeness = (*Searcher)(nil)

// Points by which related courses are compared: what they have in common with the course.
const (
	sharedTagPoints      = 6.0
	sharedCategoryPoints = 2.0
	sharedTeacherPoints  = 2.0
)

// Alike finds courses that share tags or text with a course or are close to it in meaning,
// best first, and says which of the three. Errors: CodeNotFound for a course that is not in
// the index, CodeUnavailable.
func (s *Searcher) Alike(ctx context.Context, id int64, limit int) ([]catalog.RelatedCourse, error) {
	ctx, end, err := s.beginList(ctx)
	if err != nil {
		return nil, err
	}
	defer end()
	raw, err := s.courses(ctx, object{
		"size": 1, "query": searchable(object{"filter": list{term("id", id)}}),
		"_source": list{"id", "name", "summary", "tags", "category", "teachers", vectorField, vectorOtherField, "vector_model"},
	})
	if err != nil {
		return nil, err
	}
	if len(raw) == 0 {
		return nil, catalog.NotFound(catalog.KindCourse, id)
	}
	course, err := decode[mappings.Course](raw[0])
	if err != nil {
		return nil, err
	}
	shared, closest, err := s.alike(ctx, course, limit)
	if err != nil {
		return nil, err
	}
	raw, scores := fuseLists(rankedList{shared, always(1)}, rankedList{closest, always(1)})
	hits := make([]catalog.RelatedCourse, 0, limit)
	for _, r := range raw[:min(len(raw), limit)] {
		hit, err := courseHit(r, marker{})
		if err != nil {
			return nil, err
		}
		one := catalog.RelatedCourse{CourseHit: hit}
		one.Score = scores[r.ID]
		for _, why := range catalog.Reasons() {
			if slices.Contains(r.Matched, string(why)) || why == catalog.BecauseMeaning && hasHit(closest, r.ID) {
				one.Because = append(one.Because, why)
			}
		}
		hits = append(hits, one)
	}
	return hits, nil
}

// alike asks in one round trip for what shares tags or text with a course, and for what is
// close to it by its own vector. There is nothing close while the course, or many others,
// have no vector of its model.
func (s *Searcher) alike(ctx context.Context, c mappings.Course, limit int) (shared, closest []rawHit, err error) {
	searches := []search{{kind: catalog.KindCourse, body: object{
		"size": limit, "track_total_hits": false, "timeout": searchTimeout, "_source": sources(false),
		"query": withPopularity(relatedQuery(c), s.now()),
	}}}
	share, _, counted := s.coverage.of(c.VectorModel, s.now())
	asks := c.VectorModel != "" && (share >= coverageLeads || !counted)
	if asks {
		searches = append(searches, search{kind: catalog.KindCourse, body: closeBody(c, limit, !counted || share < 1)})
		if !counted {
			searches = append(searches, coverageSearch(c.VectorModel))
		}
	}
	answers, err := s.msearch(ctx, searches)
	if err != nil {
		return nil, nil, err
	}
	if err := answers[0].err(); err != nil {
		return nil, nil, catalog.Unavailable("the search index", err)
	}
	if !asks {
		return answers[0].Hits.Hits, nil, nil
	}
	if !counted {
		share, _ = s.coverage.learn(c.VectorModel, s.now(), answers[2])
	}
	if share >= coverageLeads {
		itself := strconv.FormatInt(c.ID, 10)
		closest = slices.DeleteFunc(answers[1].Hits.Hits, func(h rawHit) bool { return h.ID == itself }) // a failure finds nothing
	}
	return answers[0].Hits.Hits, closest, nil
}

// closeBody asks for the courses in a course's own writing whose vectors lie closest to its own,
// itself among them. Only where there are vectors of several models are these told apart.
func closeBody(c mappings.Course, limit int, severalModels bool) object {
	field, vector := vectorField, c.Vector
	if vector == nil {
		field, vector = vectorOtherField, c.VectorOther
	}
	closest := object{"field": field, "query_vector": vector, "k": limit + 1, "num_candidates": max(meantCandidates, 2*limit)}
	if severalModels {
		closest["filter"] = ofModel(c.VectorModel)
	}
	return object{
		"knn": closest, "size": limit + 1, "track_total_hits": false, "timeout": searchTimeout, "_source": sources(false),
	}
}

// Courses reads the hits of courses, in the order of ids. One that is not in the index is
// left out. The error is CodeUnavailable.
func (s *Searcher) Courses(ctx context.Context, ids []int64) ([]catalog.CourseHit, error) {
	ctx, end, err := s.beginList(ctx)
	if err != nil {
		return nil, err
	}
	defer end()
	raw, err := s.courses(ctx, object{
		"size": len(ids), "track_total_hits": false, "timeout": searchTimeout, "_source": sources(false),
		"query": searchable(object{"filter": list{object{"terms": object{"id": ids}}}}),
	})
	if err != nil {
		return nil, err
	}
	hits := make([]catalog.CourseHit, 0, len(raw))
	for _, r := range raw {
		hit, err := courseHit(r, marker{})
		if err != nil {
			return nil, err
		}
		hits = append(hits, hit)
	}
	place := func(h catalog.CourseHit) int { return slices.Index(ids, h.ID) }
	slices.SortFunc(hits, func(a, b catalog.CourseHit) int { return place(a) - place(b) })
	return hits, nil
}

// courses runs one search over courses.
func (s *Searcher) courses(ctx context.Context, body object) ([]rawHit, error) {
	answers, err := s.msearch(ctx, []search{{kind: catalog.KindCourse, body: body}})
	if err != nil {
		return nil, err
	}
	if err := answers[0].err(); err != nil {
		return nil, catalog.Unavailable("the search index", err)
	}
	return answers[0].Hits.Hits, nil
}

// relatedQuery finds what is like a course. Sharing a category or a teacher only adds to
// sharing tags or words, or every course of a category would be related. The names are
// those of the reasons.
func relatedQuery(c mappings.Course) object {
	alike := list{object{"more_like_this": object{
		"fields": list{"name", "body"}, "like": strings.TrimSpace(c.Name + "\n" + c.Summary),
		"analyzer": "text", "min_term_freq": 1, "min_doc_freq": 2, "max_query_terms": 20, "minimum_should_match": "25%",
		"_name": string(catalog.BecauseText),
	}}}
	if len(c.Tags) > 0 {
		tags := list{}
		for _, tag := range c.Tags {
			tags = append(tags, constant(sharedTagPoints, term("tags", tag)))
		}
		alike = append(alike, object{"bool": object{"should": tags, "_name": string(catalog.BecauseTags)}})
	}
	more := list{}
	if c.Category != "" {
		more = append(more, constant(sharedCategoryPoints, term("category", c.Category)))
	}
	for _, t := range c.Teachers {
		more = append(more, constant(sharedTeacherPoints, term("teachers.id", t.ID)))
	}
	return searchable(object{
		"must_not": list{term("id", c.ID)},
		"must":     list{object{"bool": object{"should": alike, "minimum_should_match": 1}}},
		"should":   more,
	})
}
