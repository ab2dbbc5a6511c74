package verify_test

import (
	"encoding/json"
	"fmt"
	"iter"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/intake"
	"github.com/xunke/xunke/internal/elastic/search"
	"github.com/xunke/xunke/internal/mysql/store"
	"github.com/xunke/xunke/mappings"
	"github.com/xunke/xunke/verify"
)

// full are rows with something in every column that a document, a hit or an item shows:
// course, org and teacher 90.
var full = []string{
	`INSERT INTO orgs (id, ` + "`key`" + `, name, description, category, city_id, address, image, slogan, is_gold, is_certified, favorites) VALUES
		(90, 'o90', '全校', '描述', 'university', 1, '路 1 号', '/o.png', '口号', 1, 1, 9)`,
	`INSERT INTO teachers (id, ` + "`key`" + `, org_id, name, title, bio, company, years_worked, style, image, favorites) VALUES
		(90, 't90', 90, '全老师', '教授', '简介', '公司', 20, '严谨', '/t.png', 9)`,
	`INSERT INTO courses (id, ` + "`key`" + `, org_id, category_id, name, summary, description, notice, prerequisites, outcomes, level, language,
			minutes, starting_students, enrolments, favorites, ratings, rating_stars, image) VALUES
		(90, 'c90', 90, 1, '全课', '摘要', '描述', '须知', '先修', '收获', 'beginner', 'zh', 90, 100, 7, 9, 3, 13, '/c.png')`,
	`INSERT INTO course_ratings (course_id, learner_id, stars) VALUES (90, 1, 5), (90, 2, 4), (90, 3, 4)`,
	`INSERT INTO course_teachers VALUES (90, 90, 0)`,
	`INSERT INTO course_tags VALUES (90, 1)`,
	`INSERT INTO course_vectors SELECT 90, 'model@1', LEFT(SHA2(CONCAT_WS('\n', '全课', (SELECT name FROM categories WHERE id = 1),
		(SELECT name FROM tags WHERE id = 1), '摘要'), 256), 32), REPEAT(UNHEX('7F81'), 192)`,
	`INSERT INTO lessons (id, course_id, name) VALUES (90, 90, '第一章')`,
	`INSERT INTO course_resources (id, course_id, name) VALUES (90, 90, '讲义')`,
	`INSERT INTO course_daily_counts (course_id, day, views) VALUES (90, '2026-11-20', 9)`,
}

// elsewhere says why a field of documents is not where fields usually are, by kind ("" is
// every kind). A hit, an item or a line of an import that has the field by another name has
// that name in the place of the reason, after a "=".
type elsewhere map[catalog.Kind]map[string]string

func (e elsewhere) of(k catalog.Kind, field string) (name, reason string) {
	for _, kind := range []catalog.Kind{k, ""} {
		if said, ok := e[kind][field]; ok {
			if renamed, ok := strings.CutPrefix(said, "="); ok {
				return renamed, ""
			}
			return "", said
		}
	}
	return field, ""
}

var (
	notInHits = elsewhere{
		"": {
			"deleted": "hits are not", "name_terms": "for matching only", "people": "for matching only",
			"description": "for highlights only", "lessons": "for highlights only",
			"org_category": "a filter", "city": "a filter",
			"hot": "for the order only", "recent": "for rankings only", "weighted_rating": "for the order only",
			"vector": "for searches by meaning only", "vector_other": "for searches by meaning only", "vector_model": "for searches by meaning only", "vector_text": "for searches by meaning only",
		},
		catalog.KindOrg:     {"org_category": "=category", "city": "=city", "created_at": "not shown"},
		catalog.KindTeacher: {"created_at": "not shown"},
	}
	notInItems = elsewhere{
		"": {
			"deleted": "items are not", "name_terms": "for matching only", "people": "for matching only",
			"org_category": "a filter; the org's page shows it", "city": "a filter; the org's page shows it",
			"hot": "for the order only", "recent": "for rankings only", "weighted_rating": "for the order only",
			"vector": "for searches by meaning only", "vector_other": "for searches by meaning only", "vector_model": "for searches by meaning only", "vector_text": "for searches by meaning only",
		},
		catalog.KindOrg:     {"org_category": "=category", "city": "=city"},
		catalog.KindTeacher: {"description": "=bio"},
	}
	notImported = elsewhere{
		"": {
			"deleted": "an import takes nothing away", "id": "MySQL gives it", "name_terms": "made of the name",
			"people": "made of names", "org_category": "the org's", "city": "the org's", "lessons": "not in lines of JSON",
			"favorites": "counted here", "rating": "counted here", "ratings": "counted here", "weighted_rating": "counted here",
			"hot": "counted here", "recent": "counted here",
			"vector": "made here", "vector_other": "made here", "vector_model": "made here", "vector_text": "made here",
		},
		catalog.KindOrg: {
			"org_category": "=category", "city": "=city", "students": "those of its courses", "courses": "counted", "created_at": "the first import's",
		},
		catalog.KindTeacher: {
			"description": "=bio", "students": "those of the courses", "courses": "counted", "created_at": "the first import's",
		},
	}
)

// stops are the places that know the fields of a kind.
type stops struct {
	document, hit, item                        reflect.Type
	reader, oracle, hitType, itemType, details string
}

var stopsOf = map[catalog.Kind]stops{
	catalog.KindCourse: {
		reflect.TypeFor[mappings.Course](), reflect.TypeFor[catalog.CourseHit](), reflect.TypeFor[catalog.Course](),
		"loadCourses", "internal/mysql/oracle/course.go", "catalog.CourseHit", "catalog.Course", "internal/mysql/store/details_course.go",
	},
	catalog.KindOrg: {
		reflect.TypeFor[mappings.Org](), reflect.TypeFor[catalog.OrgHit](), reflect.TypeFor[catalog.Org](),
		"loadOrgs", "internal/mysql/oracle/parent.go", "catalog.OrgHit", "catalog.Org", "internal/mysql/store/details.go",
	},
	catalog.KindTeacher: {
		reflect.TypeFor[mappings.Teacher](), reflect.TypeFor[catalog.TeacherHit](), reflect.TypeFor[catalog.Teacher](),
		"loadTeachers", "internal/mysql/oracle/parent.go", "catalog.TeacherHit", "catalog.Teacher", "internal/mysql/store/details.go",
	},
}

// fieldsOf yields the JSON names of a struct's fields, those of embedded structs too.
func fieldsOf(t reflect.Type) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, f := range reflect.VisibleFields(t) {
			if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" && name != "-" && !yield(name) {
				return
			}
		}
	}
}

// objectOf is a value as JSON has it, field by field.
func objectOf(t *testing.T, v any) map[string]json.RawMessage {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(raw, &fields); err != nil {
		t.Fatal(err)
	}
	return fields
}

func nothing(raw json.RawMessage) bool {
	return slices.Contains([]string{"", "null", "0", `""`, "[]", "{}", "false", `"0001-01-01T00:00:00Z"`}, string(raw))
}

// TestEveryFieldIsEverywhere follows each field of the documents from a row in which everything is
// set to the mapping, the document, the oracle, the hit, the item and the line of an
// import, and names the stop at which it was forgotten.
func TestEveryFieldIsEverywhere(t *testing.T) {
	for _, k := range catalog.Kinds() {
		fieldCheck{t, k, stopsOf[k]}.mapping()
	}
	if t.Failed() {
		return
	}
	h := newHarness(t)
	for _, statement := range full {
		h.Exec(statement)
	}
	h.index()
	report := h.verify()
	for _, k := range catalog.Kinds() {
		t.Run(k.Plural(), func(t *testing.T) {
			f := fieldCheck{t, k, stopsOf[k]}
			document := h.document(t, catalog.Key{Kind: k, ID: 90})
			f.document(document)
			f.verify(report, document)
			f.hit(h)
			f.item(h)
			f.line()
		})
	}
}

type fieldCheck struct {
	t *testing.T
	k catalog.Kind
	s stops
}

func (f fieldCheck) reportForgotten(field, format string, args ...any) {
	f.t.Helper()
	f.t.Errorf("field %s of %s: forgotten in %s", field, f.k.Plural(), fmt.Sprintf(format, args...))
}

// document looks at what the indexer makes of the row.
func (f fieldCheck) document(document map[string]json.RawMessage) {
	for field := range fieldsOf(f.s.document) {
		if field != "deleted" && field != "vector_other" && nothing(document[field]) { // the course has Hanzi
			f.reportForgotten(field, "%s of internal/mysql/source/documents.go, or in indexer/document.go", f.s.reader)
		}
	}
}

// mapping compares the type of the documents with the mapping, which is strict: an index
// takes no document with a field that is not in there.
func (f fieldCheck) mapping() {
	mapped, err := mappings.Fields(f.k)
	if err != nil {
		f.t.Fatal(err)
	}
	known := slices.Collect(fieldsOf(f.s.document))
	for _, field := range known {
		if !slices.Contains(mapped, field) {
			f.reportForgotten(field, "mappings/%s.json", f.k.Plural())
		}
	}
	for _, field := range mapped {
		if !slices.Contains(known, field) {
			f.reportForgotten(field, "mappings.%s of mappings/document.go", f.s.document.Name())
		}
	}
}

// verify looks at what the comparison of the document and the row says. It lists every field
// of the document that it does not expect.
func (f fieldCheck) verify(report verify.Report, document map[string]json.RawMessage) {
	for _, d := range report.Differences {
		if d.Kind != f.k || d.ID != 90 {
			continue
		}
		for _, field := range d.Fields {
			switch {
			case nothing(document[field.Name]): // the document lacks it, which was said above
			case field.Expected == "":
				f.reportForgotten(field.Name, "verify/expect.go")
			case nothing(json.RawMessage(field.Expected)):
				f.reportForgotten(field.Name, "%s", f.s.oracle)
			default:
				f.t.Errorf("field %s of %s: %s reads %s and the indexer %s", field.Name, f.k.Plural(), f.s.oracle, field.Expected, field.Found)
			}
		}
	}
}

// hit looks at the course, org or teacher in a list.
func (f fieldCheck) hit(h *harness) {
	q := catalog.Query{Kinds: []catalog.Kind{f.k}, Sort: catalog.SortHot, Page: 1, PerPage: catalog.MaxPerPage}
	answer, err := search.NewSearcher(h.Client, nil).Search(f.t.Context(), q)
	if err != nil {
		f.t.Fatal(err)
	}
	var fields map[string]json.RawMessage
	section := objectOf(f.t, objectOf(f.t, answer)[f.k.Plural()])
	var hits []map[string]json.RawMessage
	if err := json.Unmarshal(section["hits"], &hits); err != nil {
		f.t.Fatal(err)
	}
	for _, hit := range hits {
		if string(hit["id"]) == "90" {
			fields = hit
		}
	}
	f.checkShown(fields, f.s.hit, notInHits, f.s.hitType, "internal/elastic/search/hits.go")
}

// item looks at the whole course, org or teacher.
func (f fieldCheck) item(h *harness) {
	details := store.NewDetails(h.DB)
	var item any
	var err error
	switch f.k {
	case catalog.KindCourse:
		item, err = details.Course(f.t.Context(), 90)
	case catalog.KindOrg:
		item, err = details.Org(f.t.Context(), 90)
	case catalog.KindTeacher:
		item, err = details.Teacher(f.t.Context(), 90)
	}
	if err != nil {
		f.t.Fatal(err)
	}
	fields := objectOf(f.t, item)
	f.checkShown(fields, f.s.item, notInItems, f.s.itemType, f.s.details)
	for field := range fieldsOf(f.s.item) {
		if field == "degraded" {
			continue // said of the answer, and only without MySQL
		}
		if nothing(fields[field]) {
			f.reportForgotten(field, "%s", f.s.details)
		}
	}
}

// checkShown looks for the fields of the document in what visitors get of it.
func (f fieldCheck) checkShown(fields map[string]json.RawMessage, of reflect.Type, except elsewhere, typeName, file string) {
	known := slices.Collect(fieldsOf(of))
	for field := range fieldsOf(f.s.document) {
		name, reason := except.of(f.k, field)
		switch {
		case reason != "":
			if slices.Contains(known, field) {
				f.t.Errorf("field %s of %s is in %s, though the list of exceptions says: %s", field, f.k.Plural(), typeName, reason)
			}
		case !slices.Contains(known, name):
			f.reportForgotten(field, "%s", typeName)
		case nothing(fields[name]):
			f.reportForgotten(field, "%s", file)
		}
	}
}

// line looks at what a line of an import may say.
func (f fieldCheck) line() {
	for field := range fieldsOf(f.s.document) {
		name, reason := notImported.of(f.k, field)
		if reason != "" {
			continue
		}
		fields := map[string]any{"type": f.k, "key": "k", "name": "n"}
		if _, there := fields[name]; !there {
			fields[name] = nil
		}
		line, err := json.Marshal(fields)
		if err != nil {
			f.t.Fatal(err)
		}
		if _, problems := intake.ParseLine(line); len(problems) > 0 {
			f.reportForgotten(field, "intake/line.go, or in notImported of this test: %v", problems)
		}
	}
}
