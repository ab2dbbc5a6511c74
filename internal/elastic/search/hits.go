package search

import (
	"encoding/json"
	"fmt"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/elastic"
)

// searchAnswer is what Elasticsearch says to one search of an _msearch.
type searchAnswer struct {
	TimedOut bool `json:"timed_out"`
	Shards   struct {
		Total  int32 `json:"total"`
		Failed int   `json:"failed"`
	} `json:"_shards"`
	Hits struct {
		Total struct {
			Value int64 `json:"value"`
		} `json:"total"`
		Hits []rawHit `json:"hits"`
	} `json:"hits"`
	Aggregations map[string]facetCounts `json:"aggregations"`
	PIT          string                 `json:"pit_id"`
	Status       int                    `json:"status"`
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
// highlighted, forms for matching and vectors never.
func sources(hasText bool) object {
	excludes := []string{"name_terms", "people", "vector*"}
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

// describe adds to a hit what is not in its document.
func (h rawHit) describe(hit *catalog.Hit, k catalog.Kind) {
	hit.Type, hit.URL = k, catalog.ItemURL(k, hit.ID)
	hit.Highlight = map[string][]string{}
	hit.Score, hit.Pinned = h.score(), h.pinned
	if h.Explanation != nil {
		hit.Explanation = h.Explanation
	}
}

// courseHit reads a course and marks what m matches in it. The fields of a hit have the
// names of the document's, so that one more needs nothing here; so have orgs and teachers.
func courseHit(h rawHit, m marker) (catalog.CourseHit, error) {
	d, err := decode[struct {
		catalog.CourseHit
		Description string   `json:"description"`
		Lessons     []string `json:"lessons"`
	}](h)
	if err != nil {
		return catalog.CourseHit{}, err
	}
	hit := d.CourseHit
	h.describe(&hit.Hit, catalog.KindCourse)
	if hit.Tags == nil {
		hit.Tags = []string{}
	}
	if hit.Teachers == nil {
		hit.Teachers = []catalog.Ref{}
	}
	m.highlight(hit.Highlight, hit.Name, append([]string{hit.Summary, d.Description}, d.Lessons...))
	return hit, nil
}

func orgHit(h rawHit, m marker) (catalog.OrgHit, error) {
	d, err := decode[struct {
		catalog.OrgHit
		OrgCategory catalog.OrgCategory `json:"org_category"`
		Description string              `json:"description"`
	}](h)
	if err != nil {
		return catalog.OrgHit{}, err
	}
	hit := d.OrgHit
	h.describe(&hit.Hit, catalog.KindOrg)
	hit.Category = d.OrgCategory
	m.highlight(hit.Highlight, hit.Name, []string{d.Description})
	return hit, nil
}

func teacherHit(h rawHit, m marker) (catalog.TeacherHit, error) {
	d, err := decode[struct {
		catalog.TeacherHit
		Description string `json:"description"`
	}](h)
	if err != nil {
		return catalog.TeacherHit{}, err
	}
	hit := d.TeacherHit
	h.describe(&hit.Hit, catalog.KindTeacher)
	m.highlight(hit.Highlight, hit.Name, []string{d.Description})
	return hit, nil
}
