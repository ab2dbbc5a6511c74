package elastic

import (
	"context"
	"strings"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/mappings"
)

// Points by which related courses are compared: what they have in common with the course.
const (
	sharedTagPoints      = 6.0
	sharedCategoryPoints = 2.0
	sharedTeacherPoints  = 2.0
)

// Related finds courses that share tags or text with a course, best first. Errors:
// CodeInvalid for another kind, CodeNotFound for a course that is not in the index,
// CodeUnavailable.
func (s *Searcher) Related(ctx context.Context, k catalog.Kind, id int64, limit int) ([]catalog.CourseHit, error) {
	if k != catalog.KindCourse {
		return nil, catalog.Invalidf("kind", "only courses have related ones")
	}
	ctx, cancel := context.WithTimeout(ctx, searchDeadline)
	defer cancel()
	raw, err := s.one(ctx, object{
		"size": 1, "query": object{"bool": object{"filter": list{live(), term("id", id)}}},
		"_source": list{"id", "name", "summary", "tags", "category", "teachers"},
	})
	if err != nil {
		return nil, err
	}
	if len(raw) == 0 {
		return nil, catalog.NotFound(k, id)
	}
	course, err := decode[mappings.Course](raw[0])
	if err != nil {
		return nil, err
	}
	raw, err = s.one(ctx, object{
		"size": limit, "track_total_hits": false, "timeout": searchTimeout, "_source": sources(false),
		"query": popular(relatedQuery(course), s.now()),
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
	return hits, nil
}

// one runs one search over courses.
func (s *Searcher) one(ctx context.Context, body object) ([]rawHit, error) {
	answers, err := s.c.msearch(ctx, []search{{kind: catalog.KindCourse, body: body}})
	if err != nil {
		return nil, err
	}
	if err := answers[0].err(); err != nil {
		return nil, catalog.Unavailable("the search index", err)
	}
	return answers[0].Hits.Hits, nil
}

// relatedQuery finds what is like a course. Sharing a category or a teacher only adds to
// sharing tags or words, or every course of a category would be related.
func relatedQuery(c mappings.Course) object {
	should := list{object{"more_like_this": object{
		"fields": list{"name", "body"}, "like": strings.TrimSpace(c.Name + "\n" + c.Summary),
		"analyzer": "text", "min_term_freq": 1, "min_doc_freq": 2, "max_query_terms": 20, "minimum_should_match": "25%",
	}}}
	for _, tag := range c.Tags {
		should = append(should, constant(sharedTagPoints, term("tags", tag)))
	}
	more := list{}
	if c.Category != "" {
		more = append(more, constant(sharedCategoryPoints, term("category", c.Category)))
	}
	for _, t := range c.Teachers {
		more = append(more, constant(sharedTeacherPoints, term("teachers.id", t.ID)))
	}
	return object{"bool": object{
		"filter":   list{live()},
		"must_not": list{term("id", c.ID)},
		"must":     list{object{"bool": object{"should": should, "minimum_should_match": 1}}},
		"should":   more,
	}}
}
