package searchapi

import (
	"context"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/searchapi/fake"
)

// TestBadParameters: none of these reaches a searcher, and each names its field and value.
func TestBadParameters(t *testing.T) {
	s := new(fixture).server(t)
	long := strings.Repeat("长", 300)
	for _, tc := range []struct{ target, field, says string }{
		{"/api/v1/search?colour=red", "colour", "is not a parameter of this call, which takes q, type"},
		{"/api/v1/search?Q=go", "Q", "is not a parameter"},
		{"/api/v1/search?%ff=1", "\uFFFD", "is not a parameter"},
		{"/api/v1/search?page=0", "page", `"0" is not between 1 and 10000`},
		{"/api/v1/search?page=-1", "page", `"-1" is not between`},
		{"/api/v1/search?page=1.5", "page", `"1.5" is not a whole number`},
		{"/api/v1/search?page=1e3", "page", `"1e3" is not a whole number`},
		{"/api/v1/search?page=%EF%BC%91", "page", `"１" is not a whole number`},
		{"/api/v1/search?page=", "page", `"" is not a whole number`},
		{"/api/v1/search?page=99999999999999999999", "page", "use the cursor"},
		{"/api/v1/search?page=1001&per_page=10", "page", "page 1001 × per_page 10 is beyond 10000"},
		{"/api/v1/search?page=1001", "page", "use the cursor"},
		{"/api/v1/search?per_page=0", "per_page", `"0" is not between 1 and 100`},
		{"/api/v1/search?per_page=1000", "per_page", `"1000" is not between 1 and 100`},
		{"/api/v1/search?sort=price", "sort", `"price" is not one of relevance, hot`},
		{"/api/v1/search?sort=newest", "sort", `"newest" cannot sort type=all; choose one of relevance, hot`},
		{"/api/v1/search?type=org&sort=newest", "sort", "choose one of relevance, hot, students, courses"},
		{"/api/v1/search?type=teacher&sort=students", "sort", `"students" cannot sort type=teacher`},
		{"/api/v1/search?type=course&sort=courses", "sort", `"courses" cannot sort type=course`},
		{"/api/v1/search?type=lesson", "type", `"lesson" is not one of all, course, org, teacher`},
		{"/api/v1/search?type=course&type=org", "type", `is given 2 times ("course", "org"); once is allowed`},
		{"/api/v1/search?q=a&q=b", "q", "is given 2 times"},
		{"/api/v1/search?q=%ff%fe", "q", "is not valid UTF-8"},
		{"/api/v1/search?q=%ED%A0%80", "q", "is not valid UTF-8"},
		{"/api/v1/search?tag=%c3%28", "tag", "is not valid UTF-8"},
		{"/api/v1/search?tag=" + long, "tag", "has 300 characters; at most 255"},
		{"/api/v1/search?level=expert", "level", `"expert" is not one of beginner, intermediate, advanced`},
		{"/api/v1/search?org_category=school", "org_category", `"school" is not one of training`},
		{"/api/v1/search?org_id=thu", "org_id", `"thu" is not a whole number`},
		{"/api/v1/search?teacher_id=0", "teacher_id", `"0" is not between`},
		{"/api/v1/search?type=org&level=beginner", "level", "orgs cannot be filtered by it"},
		{"/api/v1/search?type=org&category=training", "category", "their own category is org_category"},
		{"/api/v1/search?facets=price", "facets", `"price" is not one of category, level`},
		{"/api/v1/search?facets=level,,city", "facets", `"" is not one of category`},
		{"/api/v1/search?facets=level,%ff", "facets", "is not valid UTF-8"},
		{"/api/v1/search?type=org&facets=city,level", "facets", "orgs have no facet level"},
		{"/api/v1/orgs?facets=level", "facets", `"level" is not one of org_category, city, none`},
		{"/api/v1/search?exact=yes", "exact", `"yes" is not one of true, false`},
		{"/api/v1/search?explain=yes", "explain", `"yes" is not one of true, false`},
		{"/api/v1/search?type=course&cursor=abc", "cursor", `"abc" is no cursor of this server`},
		{"/api/v1/search?type=course&cursor=", "cursor", "is no cursor of this server"},
		{"/api/v1/search?cursor=abc", "cursor", "one kind only"},
		{"/api/v1/search?type=course&page=2&cursor=abc", "page", "cannot be combined with cursor"},
		{"/api/v1/search?type=course&cursor=" + strings.Repeat("a", maxCursorBytes+1), "cursor", "too long"},
		{"/api/v1/search?" + strings.Repeat("tag=a&", 51), "tag", "is given 51 times; at most 50"},
		{"/api/v1/teachers?" + strings.Repeat("city=&", 51), "city", "is given 51 times; at most 50"},
		{"/api/v1/courses?q=go", "q", "is not a parameter"},
		{"/api/v1/courses?sort=courses", "sort", `"courses" is not one of`},
		{"/api/v1/courses?page=101&per_page=100", "page", "beyond 10000"},
		{"/api/v1/orgs?level=beginner", "level", "is not a parameter"},
		{"/api/v1/orgs?category=school", "category", "is not one of training, university, individual"},
		{"/api/v1/orgs?category=training&org_category=university", "category", "the same filter"},
		{"/api/v1/teachers?sort=newest", "sort", "is not one of relevance, hot"},
		{"/api/v1/suggest?q=a&limit=21", "limit", `"21" is not between 1 and 20`},
		{"/api/v1/suggest?query=a", "query", "is not a parameter"},
		{"/api/v1/suggest?q=%ff", "q", "is not valid UTF-8"},
		{"/api/v1/courses/abc", "id", `"abc" is not a whole number`},
		{"/api/v1/courses/0", "id", `"0" is not between`},
		{"/api/v1/courses/-7", "id", `"-7" is not between`},
		{"/api/v1/courses/1?id=2", "id", "stands in the path"},
		{"/api/v1/orgs/1?full=true", "full", "is not a parameter"},
		{"/api/v1/teachers/1/related?limit=0", "limit", "is not between 1 and 20"},
		{"/api/v1/rankings/courses?window=year", "window", `"year" is not one of day, week, month, all`},
		{"/api/v1/rankings/courses?limit=101", "limit", "is not between 1 and 100"},
		{"/api/v1/rankings/courses?level=beginner&level=advanced", "level", "once is allowed"},
		{"/api/v1/rankings/orgs?org_id=1", "org_id", "is not a parameter"},
		{"/api/v1/rankings/orgs?category=school", "category", "is not one of training"},
		{"/api/v1/rankings/teachers?city=x", "city", "is not a parameter"},
		{"/healthz?verbose=1", "verbose", "takes none"},
	} {
		p := get(t, s, tc.target).problem(t, http.StatusBadRequest)
		if fields(p) != tc.field || !strings.Contains(p.Errors[0].Message, tc.says) {
			t.Errorf("%s: %+v, want %s: …%s…", tc.target, p.Errors, tc.field, tc.says)
		}
	}
}

func TestEveryBadParameterIsNamed(t *testing.T) {
	s := new(fixture).server(t)
	p := get(t, s, "/api/v1/search?zebra=1&page=0&sort=price&apple=2&level=x").problem(t, http.StatusBadRequest)
	if fields(p) != "sort page level apple zebra" {
		t.Errorf("fields %s", fields(p))
	}
	// An address full of nonsense is not answered with as much.
	var many strings.Builder
	for i := range 3000 {
		many.WriteString("&a" + strings.Repeat("x", i%7) + string(rune('a'+i%26)) + strings.Repeat("y", i/26%100) + "=1")
	}
	p = get(t, s, "/api/v1/search?"+many.String()[:60000]).problem(t, http.StatusBadRequest)
	if len(p.Errors) != maxFieldErrors || !strings.Contains(p.Detail, "more are not listed") {
		t.Errorf("%d errors, %s", len(p.Errors), p.Detail)
	}
}

// TestQueriesThatWork: what a visitor may type reaches the searcher as text.
func TestQueriesThatWork(t *testing.T) {
	var asked catalog.Query
	f := &fixture{searcher: fake.Searcher{OnSearch: func(_ context.Context, q catalog.Query) (catalog.Answer, error) {
		asked = q
		return catalog.Answer{Query: q.Text}, nil
	}}}
	s := f.server(t)
	for raw, want := range map[string]string{
		"C%2B%2B":                           "C++",
		"C%23":                              "C#",
		".NET":                              ".NET",
		"%E6%95%B0%E6%8D%AE":                "数据",
		"a+b":                               "a b",
		"100%25":                            "100%",
		"100%":                              "100%",
		"%zz":                               "%zz",
		"a;b":                               "a;b",
		"%20%20":                            "",
		"":                                  "",
		"'":                                 "'",
		"%22":                               `"`,
		"(a+OR+b)+AND+NOT+c*~2^3+%5B1+TO":   "(a OR b) AND NOT c*~2^3 [1 TO",
		"%F0%9F%91%A9%E2%80%8D%F0%9F%92%BB": "👩\u200d💻",
		"a%00b%07%0Ac%7F":                   "a b c",
		"%C2%85x%E3%80%80y":                 "x y",
		"a=b%26c":                           "a=b&c",
		"%3Cscript%3E":                      "<script>",
	} {
		a := get(t, s, "/api/v1/search?q="+raw)
		if a.status != http.StatusOK || asked.Text != want {
			t.Errorf("q=%s: status %d, text %q, want %q", raw, a.status, asked.Text, want)
		}
	}
}

func TestLongQueriesAreCut(t *testing.T) {
	var asked catalog.Query
	f := &fixture{searcher: fake.Searcher{OnSearch: func(_ context.Context, q catalog.Query) (catalog.Answer, error) {
		asked = q
		return catalog.Answer{Notices: []catalog.Notice{{Code: "other"}}}, nil
	}}}
	s := f.server(t)
	for name, tc := range map[string]struct {
		q     string
		runes int
		cut   bool
	}{
		"256 Hanzi":          {strings.Repeat("数", 256), 256, false},
		"257 Hanzi":          {strings.Repeat("数", 257), 256, true},
		"10 KB of letters":   {strings.Repeat("a", 10<<10), 256, true},
		"10 KB of Hanzi":     {strings.Repeat("据", 10<<10/3), 256, true},
		"10 KB of blanks":    {strings.Repeat(" ", 10<<10), 0, false},
		"a blank at the cut": {strings.Repeat("a", 255) + " bc", 255, true},
	} {
		a := get(t, s, "/api/v1/search?q="+url.QueryEscape(tc.q))
		var body catalog.Answer
		a.decode(t, &body)
		cut := slices.ContainsFunc(body.Notices, func(n catalog.Notice) bool { return n.Code == catalog.NoticeQueryCut && n.Message != "" })
		if a.status != http.StatusOK || utf8.RuneCountInString(asked.Text) != tc.runes || cut != tc.cut || !strings.HasPrefix(tc.q, asked.Text) {
			t.Errorf("%s: status %d, %d runes, cut %t", name, a.status, utf8.RuneCountInString(asked.Text), cut)
		}
		if !slices.ContainsFunc(body.Notices, func(n catalog.Notice) bool { return n.Code == "other" }) {
			t.Errorf("%s: the searcher's notice is gone", name)
		}
	}
}

// TestParametersBecomeQueries: the whole query that a searcher sees.
func TestParametersBecomeQueries(t *testing.T) {
	all := catalog.Kinds()
	course := []catalog.Kind{catalog.KindCourse}
	none := map[catalog.Facet][]string{}
	for target, want := range map[string]catalog.Query{
		"": {Kinds: all, Sort: catalog.SortRelevance, Page: 1, PerPage: 10, Filters: none},
		// A form sends the fields that were left empty, too.
		"q=go&level=&city=": {Text: "go", Kinds: all, Sort: catalog.SortRelevance, Page: 1, PerPage: 10, Filters: none},
		"type=course&sort=newest&page=3&per_page=100&exact=true": {
			Kinds: course, Sort: catalog.SortNewest, Page: 3, PerPage: 100, Exact: true, Filters: none,
		},
		"page=100&per_page=100": {Kinds: all, Sort: catalog.SortRelevance, Page: 100, PerPage: 100, Filters: none},
		"type=course&tag=a&tag=b&tag=a&org_id=007&level=beginner": {
			Kinds: course, Sort: catalog.SortRelevance, Page: 1, PerPage: 10,
			Filters: map[catalog.Facet][]string{"tag": {"a", "b"}, "org_id": {"7"}, "level": {"beginner"}},
		},
		"facets=level,city&facets=org_id": {
			Kinds: all, Sort: catalog.SortRelevance, Page: 1, PerPage: 10, Filters: none,
			Facets: []catalog.Facet{catalog.FacetLevel, catalog.FacetCity, catalog.FacetOrg},
		},
		"facets=none": {Kinds: all, Sort: catalog.SortRelevance, Page: 1, PerPage: 10, Filters: none, Facets: []catalog.Facet{}},
		"facets=":     {Kinds: all, Sort: catalog.SortRelevance, Page: 1, PerPage: 10, Filters: none},
		// A filter leaves the kinds out that do not have it.
		"level=beginner": {
			Kinds: course, Sort: catalog.SortRelevance, Page: 1, PerPage: 10,
			Filters: map[catalog.Facet][]string{"level": {"beginner"}},
		},
		"city=北京&sort=hot": {
			Kinds: all, Sort: catalog.SortHot, Page: 1, PerPage: 10,
			Filters: map[catalog.Facet][]string{"city": {"北京"}},
		},
		"org_id=1": {
			Kinds: []catalog.Kind{catalog.KindCourse, catalog.KindTeacher}, Sort: catalog.SortRelevance, Page: 1, PerPage: 10,
			Filters: map[catalog.Facet][]string{"org_id": {"1"}},
		},
	} {
		values, err := url.ParseQuery(target)
		if err != nil {
			t.Fatal(err)
		}
		q, notices, err := ParseSearch(values)
		if err != nil || len(notices) != 0 || !reflect.DeepEqual(q, want) {
			t.Errorf("%s:\ngot  %+v, %v, %v\nwant %+v", target, q, notices, err, want)
		}
	}
}

func TestListsTakeTheirOwnFilters(t *testing.T) {
	var asked catalog.Query
	f := &fixture{searcher: fake.Searcher{OnSearch: func(_ context.Context, q catalog.Query) (catalog.Answer, error) {
		asked = q
		return catalog.Answer{}, nil
	}}}
	s := f.server(t)
	for target, want := range map[string]catalog.Query{
		"/api/v1/courses?category=计算机&sort=newest": {
			Kinds: []catalog.Kind{catalog.KindCourse}, Sort: catalog.SortNewest, Page: 1, PerPage: 10,
			Filters: map[catalog.Facet][]string{catalog.FacetCategory: {"计算机"}},
		},
		"/api/v1/orgs?category=training&category=university&city=北京&sort=courses": {
			Kinds: []catalog.Kind{catalog.KindOrg}, Sort: catalog.SortCourses, Page: 1, PerPage: 10,
			Filters: map[catalog.Facet][]string{catalog.FacetOrgCategory: {"training", "university"}, catalog.FacetCity: {"北京"}},
		},
		"/api/v1/teachers?org_id=3": {
			Kinds: []catalog.Kind{catalog.KindTeacher}, Sort: catalog.SortHot, Page: 1, PerPage: 10,
			Filters: map[catalog.Facet][]string{catalog.FacetOrg: {"3"}},
		},
	} {
		a := get(t, s, target)
		if a.status != http.StatusOK || !reflect.DeepEqual(asked, want) {
			t.Errorf("%s: %d\ngot  %+v\nwant %+v", target, a.status, asked, want)
		}
		var body map[string]any
		a.decode(t, &body)
		if _, ok := body["hits"].([]any); !ok || len(body) != 4 {
			t.Errorf("%s answers %s", target, a.body)
		}
	}
}

// FuzzParseSearch: whatever the address, the answer is a valid query or an error that
// names fields in valid text.
func FuzzParseSearch(f *testing.F) {
	for _, seed := range []string{
		"", "q=C%2B%2B", "q=%ff", "page=0&per_page=1000", "type=all&sort=newest", "tag=a&tag=b&level=", "q=a&q=b",
		"page=101&per_page=100", "org_id=9223372036854775808", "q=%00%0a", "q=%F0%9F%91%A9", "%ff=%ff", "exact=true&explain=1", "=", "&&", "q",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, query string) {
		values, err := url.ParseQuery(query)
		if err != nil {
			return
		}
		q, _, err := ParseSearch(values)
		if err != nil {
			e, ok := err.(*catalog.Error) //nolint:errorlint // exactly this type is promised
			if !ok || e.Code != catalog.CodeInvalid || len(e.Fields) == 0 || len(e.Fields) > maxFieldErrors {
				t.Fatalf("error %#v", err)
			}
			for _, field := range e.Fields {
				if !utf8.ValidString(field.Field+field.Message) || len(field.Message) > 4096 {
					t.Fatalf("field %q, message of %d bytes", field.Field, len(field.Message))
				}
			}
			return
		}
		if !utf8.ValidString(q.Text) || utf8.RuneCountInString(q.Text) > catalog.MaxQueryRunes || strings.ContainsFunc(q.Text, func(r rune) bool { return r < ' ' }) {
			t.Fatalf("text %q", q.Text)
		}
		if q.Page < 1 || q.PerPage < 1 || q.PerPage > catalog.MaxPerPage || q.Page*q.PerPage > catalog.MaxWindow {
			t.Fatalf("page %d of %d", q.Page, q.PerPage)
		}
		if len(q.Kinds) == 0 || !slices.Contains(catalog.Sorts(q.Kinds[0]), q.Sort) {
			t.Fatalf("kinds %v, sort %q", q.Kinds, q.Sort)
		}
		for facet, list := range q.Filters {
			if len(list) == 0 || len(list) > catalog.MaxFilterVals || !catalog.HasFacet(q.Kinds[0], facet) {
				t.Fatalf("filter %s has %d values", facet, len(list))
			}
		}
	})
}
