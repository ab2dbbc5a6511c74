package search

import (
	"context"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/mappings"
	"github.com/xunke/xunke/standby"
)

// Documents answers details out of documents, for the time in which MySQL does not answer.
// A document has what searches need: of a course no videos, resources, notice, prerequisites
// and outcomes, of an org no address, slogan and number of teachers, of a teacher no company
// and style, and of none of them when it was changed. Items are Degraded. Errors are of
// CodeNotFound and CodeUnavailable.
type Documents struct{ searcher *Searcher }

var _ standby.Details = Documents{}

// NewDocuments reads the documents that a searcher searches.
func NewDocuments(s *Searcher) Documents { return Documents{s} }

// Course implements standby.Details.
func (d Documents) Course(ctx context.Context, id int64) (catalog.Course, error) {
	doc, err := document[mappings.Course](ctx, d.searcher, catalog.KindCourse, id)
	if err != nil {
		return catalog.Course{}, err
	}
	c := catalog.Course{
		ID: id, Key: doc.Key, Name: doc.Name, Summary: doc.Summary, Description: doc.Description, URL: catalog.ItemURL(catalog.KindCourse, id),
		Image: doc.Image, Org: refOf(doc.Org), Teachers: []catalog.Ref{}, Category: doc.Category, Level: catalog.Level(doc.Level),
		Tags: append([]string{}, doc.Tags...), Language: doc.Language, Minutes: int(doc.Minutes), Students: int(doc.Students), Favorites: int(doc.Favorites),
		Lessons: []catalog.Lesson{}, Resources: []catalog.Resource{}, CreatedAt: doc.CreatedAt, UpdatedAt: doc.CreatedAt, Degraded: true,
	}
	for _, t := range doc.Teachers {
		c.Teachers = append(c.Teachers, *refOf(&t))
	}
	for _, name := range doc.Lessons {
		c.Lessons = append(c.Lessons, catalog.Lesson{Name: name, Videos: []catalog.Video{}})
	}
	return c, nil
}

// Org implements standby.Details.
func (d Documents) Org(ctx context.Context, id int64) (catalog.Org, error) {
	doc, err := document[mappings.Org](ctx, d.searcher, catalog.KindOrg, id)
	if err != nil {
		return catalog.Org{}, err
	}
	return catalog.Org{
		ID: id, Key: doc.Key, Name: doc.Name, Description: doc.Description, URL: catalog.ItemURL(catalog.KindOrg, id), Image: doc.Image,
		Category: catalog.OrgCategory(doc.OrgCategory), City: doc.City, Students: int(doc.Students), Courses: int(doc.Courses),
		Favorites: int(doc.Favorites), CreatedAt: doc.CreatedAt, UpdatedAt: doc.CreatedAt, Degraded: true,
	}, nil
}

// Teacher implements standby.Details.
func (d Documents) Teacher(ctx context.Context, id int64) (catalog.Teacher, error) {
	doc, err := document[mappings.Teacher](ctx, d.searcher, catalog.KindTeacher, id)
	if err != nil {
		return catalog.Teacher{}, err
	}
	return catalog.Teacher{
		ID: id, Key: doc.Key, Name: doc.Name, Title: doc.Title, Bio: doc.Description, URL: catalog.ItemURL(catalog.KindTeacher, id), Image: doc.Image,
		Org: refOf(doc.Org), Students: int(doc.Students), Courses: int(doc.Courses), Favorites: int(doc.Favorites),
		CreatedAt: doc.CreatedAt, UpdatedAt: doc.CreatedAt, Degraded: true,
	}, nil
}

func refOf(r *mappings.Ref) *catalog.Ref {
	if r == nil {
		return nil
	}
	return &catalog.Ref{ID: r.ID, Name: r.Name}
}

// document reads one visible document.
func document[D any](ctx context.Context, s *Searcher, k catalog.Kind, id int64) (D, error) {
	var none D
	ctx, end, err := s.beginList(ctx)
	if err != nil {
		return none, err
	}
	defer end()
	answers, err := s.msearch(ctx, []search{{kind: k, body: object{
		"size": 1, "query": searchable(object{"filter": list{term("id", id)}}), "_source": sources(true),
	}}})
	if err != nil {
		return none, err
	}
	if err := answers[0].err(); err != nil {
		return none, catalog.Unavailable("the search index", err)
	}
	if len(answers[0].Hits.Hits) == 0 {
		return none, catalog.NotFound(k, id)
	}
	return decode[D](answers[0].Hits.Hits[0])
}
