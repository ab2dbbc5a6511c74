package search

import (
	"encoding/json"
	"fmt"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/elastic"
	"github.com/xunke/xunke/mappings"
)

// searchAnswer is what Elasticsearch says to one search of an _msearch.
type searchAnswer struct {
	TimedOut bool `json:"timed_out"`
	Shards   struct {
		Failed int `json:"failed"`
	} `json:"_shards"`
	Hits struct {
		Hits []rawHit `json:"hits"`
	} `json:"hits"`
	Aggregations map[string]counted `json:"aggregations"`
	PIT          string             `json:"pit_id"`
	Status       int                `json:"status"`
	Error        *struct {
		Type   string `json:"type"`
		Reason string `json:"reason"`
	} `json:"error"`
}

// err is the search's own error; the searches beside it may have succeeded.
func (a searchAnswer) err() error {
	if a.Error == nil {
		return nil
	}
	return &elastic.StatusError{Status: a.Status, Type: a.Error.Type, Reason: a.Error.Reason}
}

// partial says whether the search gave less than all there is.
func (a searchAnswer) partial() bool { return a.TimedOut || a.Shards.Failed > 0 }

// rawHit is a hit before its document is read.
type rawHit struct {
	ID          string            `json:"_id"`
	Score       *float64          `json:"_score"`
	Source      json.RawMessage   `json:"_source"`
	Sort        []json.RawMessage `json:"sort"`
	Explanation json.RawMessage   `json:"_explanation"`
	Matched     []string          `json:"matched_queries"` // names of the parts of the query that it has
	pinned      bool
}

// score is 0 where a list is not ordered by scores.
func (h rawHit) score() float64 {
	if h.Score == nil {
		return 0
	}
	return *h.Score
}

// sources of a document that are fetched: long text only where something of it can be
// highlighted, forms for matching never.
func sources(hasText bool) object {
	excludes := []string{"name_terms", "people"}
	if !hasText {
		excludes = append(excludes, "description", "lessons")
	}
	return object{"excludes": excludes}
}

// decode reads a document of the index.
func decode[D any](h rawHit) (D, error) {
	var d D
	if err := json.Unmarshal(h.Source, &d); err != nil {
		return d, fmt.Errorf("decode document: %w", err)
	}
	return d, nil
}

func (h rawHit) head(k catalog.Kind, id int64, key *string, name, image string) catalog.Hit {
	hit := catalog.Hit{
		ID: id, Key: key, Type: k, Name: name, URL: catalog.ItemURL(k, id), Image: image,
		Highlight: map[string][]string{}, Pinned: h.pinned,
	}
	hit.Score = h.score()
	if h.Explanation != nil {
		hit.Explanation = h.Explanation
	}
	return hit
}

// courseHit reads a course and marks what m matches in it.
func courseHit(h rawHit, m marker) (catalog.CourseHit, error) {
	d, err := decode[mappings.Course](h)
	if err != nil {
		return catalog.CourseHit{}, err
	}
	hit := catalog.CourseHit{
		Hit: h.head(catalog.KindCourse, d.ID, d.Key, d.Name, d.Image), Summary: d.Summary,
		Org: refOf(d.Org), Teachers: refsOf(d.Teachers), Category: d.Category, Level: catalog.Level(d.Level),
		Tags: d.Tags, Language: d.Language, Minutes: int(d.Minutes), Students: int(d.Students),
		Favorites: int(d.Favorites), CreatedAt: d.CreatedAt,
	}
	if hit.Tags == nil {
		hit.Tags = []string{}
	}
	m.highlight(hit.Highlight, d.Name, append([]string{d.Summary, d.Description}, d.Lessons...))
	return hit, nil
}

func orgHit(h rawHit, m marker) (catalog.OrgHit, error) {
	d, err := decode[mappings.Org](h)
	if err != nil {
		return catalog.OrgHit{}, err
	}
	hit := catalog.OrgHit{
		Hit:      h.head(catalog.KindOrg, d.ID, d.Key, d.Name, d.Image),
		Category: catalog.OrgCategory(d.OrgCategory), City: d.City,
		Students: int(d.Students), Courses: int(d.Courses), Favorites: int(d.Favorites),
	}
	m.highlight(hit.Highlight, d.Name, []string{d.Description})
	return hit, nil
}

func teacherHit(h rawHit, m marker) (catalog.TeacherHit, error) {
	d, err := decode[mappings.Teacher](h)
	if err != nil {
		return catalog.TeacherHit{}, err
	}
	hit := catalog.TeacherHit{
		Hit: h.head(catalog.KindTeacher, d.ID, d.Key, d.Name, d.Image),
		Org: refOf(d.Org), Title: d.Title, Students: int(d.Students), Courses: int(d.Courses), Favorites: int(d.Favorites),
	}
	m.highlight(hit.Highlight, d.Name, []string{d.Description})
	return hit, nil
}

func refOf(r *mappings.Ref) *catalog.Ref {
	if r == nil {
		return nil
	}
	return &catalog.Ref{ID: r.ID, Name: r.Name}
}

func refsOf(refs []mappings.Ref) []catalog.Ref {
	out := make([]catalog.Ref, len(refs))
	for i, r := range refs {
		out[i] = catalog.Ref{ID: r.ID, Name: r.Name}
	}
	return out
}
