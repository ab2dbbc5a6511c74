package searchapi

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/consultations"
	"github.com/xunke/xunke/events"
	"github.com/xunke/xunke/searchapi/fake"
)

// description loads the document that a server serves, made strict: an answer may hold
// nothing that is not described.
func description(t *testing.T, s *Service) *openapi3.T {
	t.Helper()
	var raw map[string]any
	a := get(t, s, "/openapi.json")
	if a.status != http.StatusOK {
		t.Fatalf("/openapi.json: %d", a.status)
	}
	a.decode(t, &raw)
	for name, schema := range raw["components"].(map[string]any)["schemas"].(map[string]any) {
		object, ok := schema.(map[string]any)
		if !ok || object["type"] != "object" {
			t.Fatalf("schema %s is %v", name, schema)
		}
		object["additionalProperties"] = false
	}
	strict, err := json.Marshal(raw)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := openapi3.NewLoader().LoadFromData(strict)
	if err != nil {
		t.Fatalf("load OpenAPI document: %v", err)
	}
	if err := doc.Validate(context.Background()); err != nil {
		t.Fatalf("the OpenAPI document is not valid: %v", err)
	}
	return doc
}

// conforms checks an answer against the description of its call.
func conforms(t *testing.T, doc *openapi3.T, method, path string, a answer) {
	t.Helper()
	item := doc.Paths.Value(path)
	if item == nil || item.GetOperation(method) == nil {
		t.Fatalf("%s %s is not described", method, path)
	}
	response := item.GetOperation(method).Responses.Value(strconv.Itoa(a.status))
	if response == nil {
		t.Fatalf("%s %s: status %d is not described: %s", method, path, a.status, a.body)
	}
	media, _, _ := strings.Cut(a.header.Get("Content-Type"), ";")
	if a.status == http.StatusNotModified || a.status == http.StatusNoContent && len(response.Value.Content) == 0 {
		return
	}
	content := response.Value.Content[media]
	if content == nil {
		t.Fatalf("%s %s: %d as %s is not described", method, path, a.status, media)
	}
	if !strings.HasSuffix(media, "json") {
		return
	}
	dec := json.NewDecoder(bytes.NewReader([]byte(a.body)))
	dec.UseNumber()
	var value any
	if err := dec.Decode(&value); err != nil {
		t.Fatal(err)
	}
	if err := content.Schema.Value.VisitJSON(value, openapi3.EnableJSONSchema2020()); err != nil {
		t.Errorf("%s %s: %d %s\ndoes not conform: %v", method, path, a.status, a.body, err)
	}
}

// fullFixture answers everything, with every optional part present in one answer.
func fullFixture() *fixture {
	key, next := "k1", somewhere
	at := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	hit := func(k catalog.Kind) catalog.Hit {
		return catalog.Hit{
			ID: 1, Key: &key, Type: k, Name: "数据结构", URL: catalog.ItemURL(k, 1), Image: "/i.png", Score: 1.5,
			Highlight: map[string][]string{"name": {"<em>数据</em>结构"}}, Explanation: map[string]any{"why": "so"},
		}
	}
	org := &catalog.Ref{ID: 2, Name: "清华大学"}
	facets := map[catalog.Facet][]catalog.FacetValue{catalog.FacetCity: {{Value: "北京", Label: "北京", Count: 3, Selected: true}}}
	course := catalog.CourseHit{
		Hit: hit(catalog.KindCourse), Summary: "…", Org: org, Teachers: []catalog.Ref{{ID: 3, Name: "凌若溪"}}, Category: "计算机",
		Level: catalog.LevelBeginner, Tags: []string{"C++"}, Language: "zh", Minutes: 1, Students: 2, Favorites: 3, CreatedAt: at,
	}
	bare := catalog.CourseHit{Hit: catalog.Hit{ID: 2, Type: catalog.KindCourse}}
	correction := "数据结构"
	fine := func(context.Context) error { return nil }
	return &fixture{
		options: Options{Version: "1.2.3", Explain: true},
		searcher: fake.Searcher{
			OnSearch: func(_ context.Context, q catalog.Query) (catalog.Answer, error) {
				if q.Text == "" && len(q.Kinds) > 1 {
					return catalog.Answer{}, nil
				}
				return catalog.Answer{
					SearchID: "s", Query: q.Text, CorrectedQuery: &correction, Notices: []catalog.Notice{{Code: "c", Message: "m"}}, Degraded: true,
					Plan:     map[string]any{"script": "hanzi"},
					Courses:  &catalog.Section[catalog.CourseHit]{Total: 2, Hits: []catalog.CourseHit{course, bare}, Facets: facets, Next: &next},
					Orgs:     &catalog.Section[catalog.OrgHit]{Total: 1, Hits: []catalog.OrgHit{{Hit: hit(catalog.KindOrg), Category: catalog.OrgUniversity}}, Next: &next},
					Teachers: &catalog.Section[catalog.TeacherHit]{Total: 1, Hits: []catalog.TeacherHit{{Hit: hit(catalog.KindTeacher), Org: org}}, Next: &next},
				}, nil
			},
			OnSuggest: func(context.Context, string, int) ([]catalog.Suggestion, error) {
				return []catalog.Suggestion{{Text: "数据", Type: "query", URL: "/?q=%E6%95%B0"}, {Text: "数据结构", Type: "course", ID: 1, URL: "/courses/1"}}, nil
			},
			OnReady: fine,
		},
		relater: fake.Relater{OnRelated: func(context.Context, int64, int) (catalog.Related, error) {
			return catalog.Related{Hits: []catalog.RelatedCourse{{CourseHit: course, Because: catalog.Reasons()}, {CourseHit: bare}}}, nil
		}},
		details: fake.Details{
			OnCourse: func(_ context.Context, id int64) (catalog.Course, error) {
				if id != 1 {
					return catalog.Course{}, catalog.NotFound(catalog.KindCourse, id)
				}
				return catalog.Course{
					ID: 1, Teachers: []catalog.Ref{}, Tags: []string{}, Resources: []catalog.Resource{{ID: 1}},
					Lessons: []catalog.Lesson{{ID: 1, Videos: []catalog.Video{{ID: 1}}}},
				}, nil
			},
			OnOrg: func(context.Context, int64) (catalog.Org, error) {
				return catalog.Org{ID: 1, Key: &key, Category: catalog.OrgTraining}, nil
			},
			OnTeacher: func(context.Context, int64) (catalog.Teacher, error) { return catalog.Teacher{ID: 1, Org: org}, nil },
			OnReady:   fine,
		},
		ranker: fake.Ranker{OnRanking: func(_ context.Context, q catalog.RankingQuery) (catalog.Ranking, error) {
			return catalog.Ranking{Window: q.Window, GeneratedAt: at, Items: []catalog.RankingItem{{Rank: 1, ID: 1, Org: org}, {Rank: 2, ID: 2}}}, nil
		}},
		events:        fakeEvents{record: func(context.Context, events.Event) error { return nil }},
		accounts:      &fakeAccounts{},
		consultations: fakeConsultations{ask: func(context.Context, string, consultations.Request) error { return nil }},
	}
}

func TestRelatedCoursesSayWhy(t *testing.T) {
	s := fullFixture().server(t)
	a := get(t, s, "/api/v1/courses/1/related?limit=2")
	for _, want := range []string{`"because":["tags","text","meaning","learners"]`, `"because":[]`} {
		if !strings.Contains(a.body, want) {
			t.Errorf("the answer lacks %s: %s", want, a.body)
		}
	}
	for path, want := range map[string]string{
		"/api/v1/courses/1/related": "public, max-age=60, stale-while-revalidate=300",
		"/api/v1/orgs/1/related":    "no-cache", // the fixture's index is in trouble
	} {
		if got := get(t, s, path).header.Get("Cache-Control"); got != want {
			t.Errorf("%s may be kept %q, want %q", path, got, want)
		}
	}
}

func TestAnswersAreAsDescribed(t *testing.T) {
	s := fullFixture().server(t)
	doc := description(t, s)
	asked := map[string]bool{}
	bodies := map[string]string{
		"/api/v1/events":                     `{"type":"view","kind":"course","id":1}`,
		"/api/v1/consultations":              `{"name":"陈","mobile":"13800138000","course_id":1}`,
		"/api/v1/auth/register":              `{"email":"a@b.example","password":"thirteen lanterns drift"}`,
		"/api/v1/auth/activate":              `{"code":"x"}`,
		"/api/v1/auth/login":                 `{"email":"a@b.example","password":"thirteen lanterns drift"}`,
		"/api/v1/auth/recover":               `{"email":"a@b.example"}`,
		"/api/v1/auth/reset":                 `{"code":"x","password":"thirteen lanterns drift"}`,
		"/api/v1/me/email":                   `{"email":"c@d.example","password":"thirteen lanterns drift"}`,
		"/api/v1/auth/confirm-email":         `{"code":"x"}`,
		"PUT /api/v1/me/ratings/{course_id}": `{"stars":5}`,
		"POST /api/v1/courses/{id}/comments": `{"text":"讲得很清楚"}`,
		"PUT /api/v1/me/lessons/{id}":        `{"seconds":90}`,
		"PATCH /api/v1/me":                   `{"nickname":"小明","gender":"","birthday":"2001-12-31"}`,
		"DELETE /api/v1/me":                  `{"password":"thirteen lanterns drift"}`,
		"/api/v1/me/password":                `{"password":"thirteen lanterns drift","new_password":"seven paper boats sail"}`,
	}
	for _, o := range s.operations() {
		asked[o.method+" "+o.path] = true
		ask := func(path, contentType, body, cookie string) answer {
			r := httptest.NewRequest(o.method, pathTo(path), strings.NewReader(body))
			r.Header.Set("Content-Type", contentType)
			r.Header.Set("Cookie", cookie)
			return do(t, s, r)
		}
		const cookie = learnerCookie
		body := cmp.Or(bodies[o.path], bodies[o.method+" "+o.path])
		if o.login {
			nobody := ask(o.path, jsonType, body, "xunke-session=another")
			nobody.problem(t, http.StatusUnauthorized)
			if nobody.header.Get("WWW-Authenticate") != "" {
				t.Errorf("%s has a browser ask for a password", o.path)
			}
			conforms(t, doc, o.method, o.path, nobody)
		}
		if !isSafe(o.method) {
			taken := ask(o.path, jsonType, body, cookie)
			if taken.status != o.status {
				t.Errorf("%s of %s answers %d", o.path, body, taken.status)
			}
			conforms(t, doc, o.method, o.path, taken)
			conforms(t, doc, o.method, o.path, ask(o.path, jsonType, `{"type":"nothing"}`, cookie))
			conforms(t, doc, o.method, o.path, ask(o.path, "text/plain", ``, cookie))
			continue
		}
		a := get(t, s, o.example)
		if o.login {
			a = ask(o.example, jsonType, "", cookie)
		}
		if a.status != http.StatusOK {
			t.Errorf("the example %s answers %d", o.example, a.status)
		}
		conforms(t, doc, o.method, o.path, a)
		if len(o.refuses) > 0 {
			conforms(t, doc, o.method, o.path, get(t, s, pathTo(o.path)+"?unknown=1"))
		}
	}
	for path, target := range map[string]string{
		"/api/v1/search":               "/api/v1/search", // nothing found: lists are empty, not null
		"/api/v1/courses/{id}":         "/api/v1/courses/9",
		"/api/v1/courses/{id}/related": "/api/v1/courses/1/related?limit=2",
	} {
		conforms(t, doc, http.MethodGet, path, get(t, s, target))
	}
	conforms(t, doc, http.MethodGet, "/api/v1/search", get(t, s, "/api/v1/search?q=a&type=course&explain=true"))

	// Every route of the app is described, and nothing else is.
	for _, route := range s.server.App().GetRoutes(true) {
		path := route.Path
		for _, name := range route.Params {
			path = strings.ReplaceAll(path, ":"+name, "{"+name+"}")
		}
		if route.Method == http.MethodOptions {
			continue // what a browser asks before a call, not a call
		}
		if route.Method != http.MethodHead && !asked[route.Method+" "+path] {
			t.Errorf("the route %s %s is no call", route.Method, route.Path)
		}
		if item := doc.Paths.Value(path); item == nil || (route.Method != http.MethodHead && item.GetOperation(route.Method) == nil) {
			t.Errorf("the route %s %s is not described", route.Method, route.Path)
		}
	}
	described := 0
	for _, item := range doc.Paths.Map() {
		described += len(item.Operations())
	}
	if described != len(asked) {
		t.Errorf("%d calls are described, %d are there", described, len(asked))
	}
}

// queryParameters are the schemas of what a call takes in its query, those of an object's
// properties included.
func queryParameters(t *testing.T, path string, operation *openapi3.Operation) map[string]*openapi3.Schema {
	t.Helper()
	schemas := map[string]*openapi3.Schema{}
	for _, ref := range operation.Parameters {
		p := ref.Value
		if p.Description == "" || p.Schema == nil {
			t.Fatalf("%s: %s has no description or schema", path, p.Name)
		}
		switch {
		case p.In != "query":
		case p.Schema.Value.Type.Is("object"):
			for name, property := range p.Schema.Value.Properties {
				if property.Value.Description == "" {
					t.Errorf("%s: %s has no description", path, name)
				}
				schemas[name] = property.Value
			}
		default:
			schemas[p.Name] = p.Schema.Value
		}
	}
	return schemas
}

// TestParametersAreAsDescribed: the limits in the description are the limits that hold.
func TestParametersAreAsDescribed(t *testing.T) {
	s := fullFixture().server(t)
	doc := description(t, s)
	for path, item := range doc.Paths.Map() {
		operation := item.Get
		if operation == nil {
			continue
		}
		for name, schema := range queryParameters(t, path, operation) {
			if schema.Type.Is("array") {
				schema = schema.Items.Value
			}
			base := pathTo(path) + "?" + name + "="
			for _, value := range schema.Enum {
				a := getAs(t, s, learnerCookie, base+value.(string))
				if name != "sort" && a.status != http.StatusOK {
					t.Errorf("%s%v: %d", base, value, a.status)
				}
			}
			if len(schema.Enum) > 0 {
				getAs(t, s, learnerCookie, base+"nonsense").problem(t, http.StatusBadRequest)
			}
			if schema.Min != nil {
				low, high := int64(*schema.Min), int64(*schema.Max)
				getAs(t, s, learnerCookie, base+strconv.FormatInt(low-1, 10)).problem(t, http.StatusBadRequest)
				if high < 1<<31 {
					getAs(t, s, learnerCookie, base+strconv.FormatInt(high+1, 10)).problem(t, http.StatusBadRequest)
				}
				if a := getAs(t, s, learnerCookie, base+strconv.FormatInt(low, 10)); a.status != http.StatusOK {
					t.Errorf("%s%d: %d", base, low, a.status)
				}
			}
		}
	}
}

func TestDocsPage(t *testing.T) {
	s := fullFixture().server(t)
	a := get(t, s, "/docs")
	policy := a.header.Get("Content-Security-Policy")
	if a.status != http.StatusOK || !strings.HasPrefix(a.header.Get("Content-Type"), "text/html") {
		t.Fatalf("%d %v", a.status, a.header)
	}
	if contains(policy, "unsafe") || !contains(policy, "default-src 'none'; style-src 'sha256-") {
		t.Errorf("policy %s", policy)
	}
	for _, o := range s.operations() {
		if !contains(a.body, `id="`+o.id+`"`) || !contains(a.body, o.summary.zh) || !contains(a.body, o.path) {
			t.Errorf("%s is not on the page", o.id)
		}
	}
	for _, never := range []string{"<script", "src=", "url(", "@import", "http://", "https://", "ZgotmplZ"} {
		if contains(a.body, never) {
			t.Errorf("the page has %s", never)
		}
	}
	for _, anchor := range []string{"problem-invalid", "problem-not-found", "problem-unavailable", "problem-internal"} {
		if !contains(a.body, `id="`+anchor+`"`) {
			t.Errorf("the page lacks #%s", anchor)
		}
	}
}
