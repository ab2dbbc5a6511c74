package verify

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/mappings"
)

// document is a document field by field. nil means that there ought to be none.
type document map[string]json.RawMessage

// expecter makes the documents that an index ought to hold. Nothing of the indexer's
// builder is used. What both share are the pure functions that turn names into terms
// (mappings.TermsOf…): to write those twice would only test that two copies are alike.
type expecter struct {
	kind   catalog.Kind
	fields []string                               // of the index's mapping; nil: all
	people *lru.Cache[string, mappings.NameTerms] // nil until the first

	scoring catalog.Scoring
}

// knownPeople bounds the terms that are kept: courses of an org and its teachers come
// again and again, and their terms are most of the work.
const knownPeople = 20_000

// expect makes the document of one item.
func (e *expecter) expect(f Facts) (document, error) {
	k := e.kind
	values := map[string]any{
		"deleted":     false,
		"id":          f.ID,
		"key":         f.Key,
		"name":        f.Name,
		"description": catalog.PlainText(f.Description),
		"image":       f.Image,
		"created_at":  f.Created,
		"students":    f.Students,
		"favorites":   f.Favorites,
		"hot":         hotOf(f.Days, e.scoring),
		"recent":      recentOf(f.Days, e.scoring),
	}
	switch k {
	case catalog.KindCourse:
		maps.Copy(values, e.courseValues(f))
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
		if e.fields != nil && !slices.Contains(e.fields, name) {
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

func (e *expecter) courseValues(f Facts) map[string]any {
	teachers := make([]*embedded, len(f.Teachers))
	names := make([]string, len(f.Teachers))
	for i := range f.Teachers {
		teachers[i], names[i] = reference(&f.Teachers[i]), f.Teachers[i].Name
	}
	org := ""
	if f.Org != nil {
		org = f.Org.Name
	}
	values := map[string]any{
		"name_terms": mappings.TermsOf(f.Name),
		"people":     e.peopleOf(org, names),
		"summary":    catalog.PlainText(f.Summary),
		"minutes":    f.Minutes,
		"lessons":    notNil(f.Lessons),
		"tags":       notNil(f.Tags),
		"teachers":   teachers,
		"org":        reference(f.Org),
		"ratings":    f.Ratings,
		"rating":     catalog.MeanRating(f.Ratings, f.Stars),

		"weighted_rating": catalog.WeightedRating(f.Ratings, f.Stars),
	}
	passage := mappings.Passage(f.Name, f.Category, f.Tags, f.Summary)
	if v := f.Vector; v != nil && v.Text == mappings.PassageHash(passage) && len(v.Numbers) == mappings.VectorDimensions {
		field := "vector"
		if !mappings.IsHanzi(f.Name, f.Summary) {
			field = "vector_other"
		}
		values[field], values["vector_model"], values["vector_text"] = v.Numbers, v.Model, v.Text
	}
	return values
}

func (e *expecter) peopleOf(org string, teachers []string) mappings.NameTerms {
	key := org + "\x00" + strings.Join(teachers, "\x00")
	if e.people == nil {
		e.people, _ = lru.New[string, mappings.NameTerms](knownPeople) // fails only for a size below 1
	}
	terms, known := e.people.Get(key)
	if !known {
		terms = mappings.TermsOfPeople(org, teachers)
		e.people.Add(key, terms)
	}
	return terms
}

// embedded is another item in a document. A field whose bytes are those of the document
// is compared without decoding it, so the order of these counts.
type embedded struct {
	ID    int64  `json:"id"`
	Name  string `json:"name"`
	Facet string `json:"facet"`
}

// reference is another item in a document; nil is encoded as null.
func reference(n *Named) *embedded {
	if n == nil {
		return nil
	}
	return &embedded{ID: n.ID, Name: n.Name, Facet: strconv.FormatInt(n.ID, 10) + " " + n.Name}
}

func notNil(values []string) []string {
	if values == nil {
		return []string{}
	}
	return values
}
