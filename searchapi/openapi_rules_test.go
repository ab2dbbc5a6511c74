package searchapi

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/consultations"
)

// allows says whether a schema of the description allows a value of JSON.
func allows(t *testing.T, schema *openapi3.Schema, raw string) bool {
	t.Helper()
	dec := json.NewDecoder(strings.NewReader(raw))
	dec.UseNumber()
	var value any
	if err := dec.Decode(&value); err != nil {
		t.Fatal(err)
	}
	return schema.VisitJSON(value, openapi3.EnableJSONSchema2020()) == nil
}

// objectOf is the JSON object that the parameters of a query are in the description.
func objectOf(t *testing.T, schema *openapi3.Schema, query url.Values) string {
	t.Helper()
	object := map[string]any{}
	for name, values := range query {
		property := schema.Properties[name]
		switch {
		case property != nil && property.Value.Type.Is("array") && property.Value.Items.Value.Type.Includes("integer") && values[0] != "":
			object[name] = []any{json.Number(values[0])}
		case property != nil && property.Value.Type.Is("array"):
			object[name] = values
		case property != nil && property.Value.Type.Is("integer"):
			object[name] = json.Number(values[0])
		default:
			object[name] = values[0]
		}
	}
	raw, err := json.Marshal(object)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// TestRulesBetweenParameters: what the description allows is answered, and nothing else.
func TestRulesBetweenParameters(t *testing.T) {
	s := fullFixture().server(t)
	doc := description(t, s)
	cursor := strings.Repeat("A", minCursorBytes)
	queries := map[string][]string{
		"/api/v1/courses":  {"page=2", "cursor=" + cursor, "page=2&cursor=" + cursor, "cursor=", "cursor=abc", "page=1000", "page=1001", "page=100&per_page=100", "page=101&per_page=100", "page=10000&per_page=1", "page=10001&per_page=1", "colour=red"},
		"/api/v1/orgs":     {"category=training", "org_category=training", "category=training&org_category=university", "page=2&cursor=" + cursor},
		"/api/v1/teachers": {"city=x", "org_id=", "org_category=", "facets=", "facets=level", "level=beginner", "page=2&cursor=" + cursor},
		"/api/v1/search":   {"", "type=course&cursor=" + cursor, "type=org&page=3&cursor=" + cursor, "page=5000&per_page=2", "page=5001&per_page=2"},
	}
	values := map[catalog.Facet]string{catalog.FacetLevel: "beginner", catalog.FacetOrgCategory: "training", catalog.FacetOrg: "1", catalog.FacetTeacher: "1"}
	for _, kind := range append([]string{typeAll}, texts(catalog.Kinds())...) {
		for _, sort := range []string{"relevance", "hot", "students", "newest", "rating", "courses"} {
			queries["/api/v1/search"] = append(queries["/api/v1/search"], "type="+kind+"&sort="+sort)
		}
		for _, f := range facetNames() {
			filter := "type=" + kind + "&" + string(f) + "="
			if value := values[f]; value != "" {
				queries["/api/v1/search"] = append(queries["/api/v1/search"], filter+value, filter)
				continue
			}
			queries["/api/v1/search"] = append(queries["/api/v1/search"], filter+"x", filter, filter+"&"+string(f)+"=x")
		}
	}
	for path, list := range queries {
		schema := doc.Paths.Value(path).Get.Parameters[0].Value.Schema.Value
		for _, q := range list {
			query, err := url.ParseQuery(q)
			if err != nil {
				t.Fatal(err)
			}
			// A cursor that looks like one and is unknown is not the description's to refuse.
			status := get(t, s, path+"?"+q).status
			taken := status == http.StatusOK || status == http.StatusNotFound && !query.Has("page")
			if described := allows(t, schema, objectOf(t, schema, query)); described != taken {
				t.Errorf("%s?%s is answered %d, described as allowed: %t", path, q, status, described)
			}
		}
	}
}

// TestRulesOfBodies: what the description allows is taken, and nothing else.
func TestRulesOfBodies(t *testing.T) {
	f := fullFixture()
	f.consultations = &consultations.Desk{Store: anyCourse{}}
	s := f.server(t)
	doc := description(t, s)
	for path, bodies := range map[string][]string{
		"/api/v1/events": {
			`{"type":"view","kind":"course","id":7}`, `{"type":"view","kind":"course","id":7.0}`, `{"type":"view","kind":"course","id":7.5}`,
			`{"type":"view","kind":"course","id":9223372036854775807}`, `{"type":"view","kind":"course","id":0}`,
			`{"type":"view","kind":"course","id":7,"more":1}`, `{"type":"view","kind":"course","id":7,"position":1}`,
			`{"type":"click","kind":"course","id":7}`, `{"type":"click","kind":"course","id":7,"search_id":"a","position":3}`,
			`{"type":"click","kind":"course","id":7,"search_id":"","position":3}`, `{"type":"click","kind":"course","id":7,"search_id":"` + strings.Repeat("a", 65) + `","position":3}`,
			`{"type":"click","kind":"course","id":7,"search_id":"a","position":1000001}`, `{"type":"buy","kind":"course","id":7}`, `{}`,
		},
		"/api/v1/consultations": {
			`{"name":"陈","mobile":"13800138000","course_id":7}`, `{"name":"Ann","mobile":"+85251234567","course":"数据库"}`,
			`{"name":"陈","mobile":"+8613800138000","course_id":7,"course":""}`, `{"name":"陈","mobile":"+8612800138000","course_id":7}`,
			`{"name":"","mobile":"13800138000","course_id":7}`, `{"name":"  ","mobile":"13800138000","course_id":7}`,
			`{"name":"` + strings.Repeat("长", 40) + `","mobile":"13800138000","course_id":7}`, `{"name":"` + strings.Repeat("长", 41) + `","mobile":"13800138000","course_id":7}`,
			`{"name":"陈","mobile":"","course_id":7}`, `{"name":"陈","mobile":"12800138000","course_id":7}`, `{"name":"陈","mobile":"+1202","course_id":7}`,
			`{"name":"陈","mobile":"13800138000"}`, `{"name":"陈","mobile":"13800138000","course":" "}`, `{"name":"陈","mobile":"13800138000","course_id":0}`,
			`{"name":"陈","mobile":"13800138000","course_id":7,"more":true}`, `{"mobile":"13800138000","course_id":7}`,
			`{"name":"陈","mobile":"13800138000","course_id":7,"course":null}`, `{"Name":"陈","mobile":"13800138000","course_id":7}`,
		},
	} {
		schema := doc.Paths.Value(path).Post.RequestBody.Value.Content[jsonType].Schema.Value
		for _, body := range bodies {
			a := post(t, s, path, jsonType, body)
			if described := allows(t, schema, body); described != (a.status == http.StatusAccepted) {
				t.Errorf("%s of %s is answered %d %s, described as allowed: %t", path, body, a.status, a.body, described)
			}
		}
	}
}

// anyCourse keeps nothing and knows every course.
type anyCourse struct{}

func (anyCourse) CourseName(context.Context, int64) (string, error) { return "数据结构", nil }

func (anyCourse) Add(context.Context, consultations.Consultation) error { return nil }

// TestUnknownCursors: one that cannot be a cursor is refused as such, one that could be and
// is not known is not there, whatever else is asked.
func TestUnknownCursors(t *testing.T) {
	s := fullFixture().server(t)
	for cursor, status := range map[string]int{
		strings.Repeat("A", minCursorBytes):   http.StatusNotFound,
		strings.Repeat("_", 400):              http.StatusNotFound,
		strings.Repeat("A", minCursorBytes-1): http.StatusBadRequest,
		strings.Repeat("*", 400):              http.StatusBadRequest,
	} {
		for _, target := range []string{"/api/v1/search?type=course&cursor=", "/api/v1/orgs?cursor=", "/api/v1/courses?sort=newest&page=1&cursor="} {
			p := get(t, s, target+cursor).problem(t, status)
			if len(p.Errors) == 0 || !strings.Contains("cursor page", p.Errors[0].Field) {
				t.Errorf("%s%s: %s", target, strconv.Quote(cursor), fields(p))
			}
		}
	}
}
