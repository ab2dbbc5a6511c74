package indexer

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/indexer/binlog"
	"github.com/xunke/xunke/mappings"
	"github.com/xunke/xunke/rankings"
)

// built is what one read says about one key, ready to be written.
type built struct {
	key   catalog.Key
	body  json.RawMessage
	entry rankings.Entry

	vectored    bool   // it is of a kind that has vectors
	vectorModel string // of its vector; empty: it has none
}

// tombstone is what is written for a key without a visible row. It is a document and not
// a delete, because Elasticsearch forgets the versions of deletes after a minute and at
// every restart, and an older write that comes late would bring the document back.
type tombstone struct {
	Deleted bool  `json:"deleted"`
	ID      int64 `json:"id"`
}

// sentinelDocument is a tombstone that tells when the sentinel was written: nothing that
// visitors do finds it, and no field is needed that courses do not have.
type sentinelDocument struct {
	tombstone
	CreatedAt time.Time `json:"created_at"`
}

// build makes the document of each key from a snapshot.
func build(s Snapshot, keys []catalog.Key, version int64, by catalog.Scoring) ([]built, error) {
	out := make([]built, 0, len(keys))
	for _, key := range keys {
		document, entry := buildOne(s, key, by)
		entry.Key, entry.Version, entry.History = key, version, s.Histories[key]
		body, err := json.Marshal(document)
		if err != nil {
			return nil, fmt.Errorf("encode document of %s: %w", key, err)
		}
		one := built{key: key, body: body, entry: entry}
		if c, ok := document.(mappings.Course); ok {
			one.vectored, one.vectorModel = true, c.VectorModel
		}
		out = append(out, one)
	}
	return out, nil
}

func buildOne(s Snapshot, key catalog.Key, by catalog.Scoring) (any, rankings.Entry) {
	if key == binlog.Sentinel() && !s.Sentinel.IsZero() {
		return sentinelDocument{tombstone{Deleted: true, ID: key.ID}, s.Sentinel}, rankings.Entry{Deleted: true}
	}
	hot, recent := by.Hot(s.Histories[key]), by.Recent(s.Histories[key])
	switch key.Kind {
	case catalog.KindCourse:
		if c, ok := s.Courses[key.ID]; ok {
			c.Hot, c.Recent = hot, recent
			return buildCourse(c, s.Stars[key.ID])
		}
	case catalog.KindOrg:
		if o, ok := s.Orgs[key.ID]; ok {
			o.Hot, o.Recent = hot, recent
			return buildOrg(o)
		}
	case catalog.KindTeacher:
		if t, ok := s.Teachers[key.ID]; ok {
			t.Hot, t.Recent = hot, recent
			return buildTeacher(t)
		}
	}
	return tombstone{Deleted: true, ID: key.ID}, rankings.Entry{Deleted: true}
}

// documentTime is a time as a document can have it. Sessions without a strict SQL mode store
// dates whose year, month or day is zero; JSON has no year before 0.
func documentTime(t time.Time) time.Time {
	if t.Year() < 1 {
		return time.Time{}
	}
	return t
}

func buildCourse(c mappings.Course, stars int64) (any, rankings.Entry) {
	c.CreatedAt = documentTime(c.CreatedAt)
	c.Rating, c.Weighted = catalog.MeanRating(c.Ratings, stars), catalog.WeightedRating(c.Ratings, stars)
	c.NameTerms = mappings.TermsOf(c.Name)
	c.Lessons, c.Tags, c.Teachers = present(c.Lessons), present(c.Tags), present(c.Teachers)
	names := make([]string, len(c.Teachers))
	for i, t := range c.Teachers {
		names[i] = t.Name
	}
	org := ""
	if c.Org != nil {
		org = c.Org.Name
	}
	c.People = mappings.TermsOfPeople(org, names)
	// A vector of another text says nothing about this one.
	if c.VectorText != mappings.PassageHash(mappings.Passage(c.Name, c.Category, c.Tags, c.Summary)) || len(c.Vector) != mappings.VectorDimensions {
		c.Vector, c.VectorModel, c.VectorText = nil, "", ""
	}
	if !mappings.IsHanzi(c.Name, c.Summary) {
		c.Vector, c.VectorOther = nil, c.Vector
	}
	c.Summary, c.Description = catalog.PlainText(c.Summary), catalog.PlainText(c.Description)
	return c, rankings.Entry{Card: rankings.Card{
		Name: c.Name, Image: c.Image, Students: c.Students, Org: ref(c.Org), Category: c.Category,
		Level: catalog.Level(c.Level), City: c.City, OrgCategory: catalog.OrgCategory(c.OrgCategory),
	}}
}

func buildOrg(o mappings.Org) (any, rankings.Entry) {
	o.CreatedAt = documentTime(o.CreatedAt)
	o.NameTerms = mappings.TermsOf(o.Name)
	o.Description = catalog.PlainText(o.Description)
	return o, rankings.Entry{Card: rankings.Card{
		Name: o.Name, Image: o.Image, Students: o.Students, City: o.City, OrgCategory: catalog.OrgCategory(o.OrgCategory),
	}}
}

func buildTeacher(t mappings.Teacher) (any, rankings.Entry) {
	t.CreatedAt = documentTime(t.CreatedAt)
	t.NameTerms = mappings.TermsOfPerson(t.Name)
	t.Description = catalog.PlainText(t.Description)
	return t, rankings.Entry{Card: rankings.Card{
		Name: t.Name, Image: t.Image, Students: t.Students, Org: ref(t.Org), City: t.City,
		OrgCategory: catalog.OrgCategory(t.OrgCategory),
	}}
}

func ref(r *mappings.Ref) *catalog.Ref {
	if r == nil {
		return nil
	}
	return &catalog.Ref{ID: r.ID, Name: r.Name}
}

func present[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}

// project keeps the fields that a generation's mapping has: a field that came later is
// refused by an old strict index.
func project(body json.RawMessage, current, fields []string) (json.RawMessage, error) {
	if slices.Equal(current, fields) {
		return body, nil
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(body, &all); err != nil {
		return nil, fmt.Errorf("project document: %w", err)
	}
	for name := range all {
		if !slices.Contains(fields, name) {
			delete(all, name)
		}
	}
	return json.Marshal(all)
}
