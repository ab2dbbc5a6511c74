package verify

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/mappings"
)

// document is a document field by field. nil means that there ought to be none.
type document map[string]json.RawMessage

// expect makes the document that an index with these fields ought to hold of an item;
// fields nil means all. Nothing of the indexer's builder is used. What both share are
// the pure functions that turn names into terms (mappings.TermsOf…): to write those twice
// would only test that two copies are alike.
func expect(k catalog.Kind, f Facts, fields []string) (document, error) {
	values := map[string]any{
		"deleted":     false,
		"id":          f.ID,
		"key":         f.Key,
		"name":        f.Name,
		"description": f.Description,
		"image":       f.Image,
		"created_at":  f.Created,
		"students":    f.Students,
		"favorites":   f.Favorites,
		"hot":         hotOf(f.Days),
	}
	switch k {
	case catalog.KindCourse:
		maps.Copy(values, courseValues(f))
	case catalog.KindOrg:
		maps.Copy(values, map[string]any{"name_terms": mappings.TermsOf(f.Name), "courses": f.Courses})
	case catalog.KindTeacher:
		maps.Copy(values, map[string]any{
			"name_terms": mappings.TermsOfPerson(f.Name), "title": f.Title, "courses": f.Courses, "org": reference(f.Org),
		})
	default:
		return nil, fmt.Errorf("expect document: unknown kind %q", k)
	}
	// What an item has none of is left out rather than empty.
	for name, value := range map[string]string{
		"org_category": f.OrgCategory, "city": f.City,
		"category": f.Category, "level": f.Level, "language": f.Language,
	} {
		if value != "" {
			values[name] = value
		}
	}
	d := make(document, len(values))
	for name, value := range values {
		if fields != nil && !slices.Contains(fields, name) {
			continue
		}
		raw, err := json.Marshal(value)
		if err != nil {
			return nil, fmt.Errorf("expect %s of %s %d: %w", name, k, f.ID, err)
		}
		d[name] = raw
	}
	return d, nil
}

func courseValues(f Facts) map[string]any {
	teachers := make([]map[string]any, len(f.Teachers))
	names := make([]string, len(f.Teachers))
	for i := range f.Teachers {
		teachers[i], names[i] = reference(&f.Teachers[i]), f.Teachers[i].Name
	}
	org := ""
	if f.Org != nil {
		org = f.Org.Name
	}
	return map[string]any{
		"name_terms": mappings.TermsOf(f.Name),
		"people":     mappings.TermsOfPeople(org, names),
		"summary":    f.Summary,
		"minutes":    f.Minutes,
		"lessons":    listed(f.Lessons),
		"tags":       listed(f.Tags),
		"teachers":   teachers,
		"org":        reference(f.Org),
	}
}

// reference is another item in a document; nil is encoded as null.
func reference(n *Named) map[string]any {
	if n == nil {
		return nil
	}
	return map[string]any{"id": n.ID, "name": n.Name, "facet": strconv.FormatInt(n.ID, 10) + " " + n.Name}
}

func listed(values []string) []string {
	if values == nil {
		return []string{}
	}
	return values
}
