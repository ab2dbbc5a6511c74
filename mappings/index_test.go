package mappings_test

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/testenv"
	"github.com/xunke/xunke/mappings"
)

var documents = map[catalog.Kind]any{
	catalog.KindCourse: mappings.Course{
		Org: &mappings.Ref{ID: 1, Name: "北京大学"}, Teachers: []mappings.Ref{{ID: 2, Name: "曾祥民"}},
		Lessons: []string{"一"}, Tags: []string{"x"}, Name: "数据结构", NameTerms: mappings.TermsOf("数据结构"),
		People: mappings.TermsOfPeople("北京大学", []string{"曾祥民"}),
	},
	catalog.KindOrg:     mappings.Org{Name: "北京大学", NameTerms: mappings.TermsOf("北京大学"), OrgCategory: "university"},
	catalog.KindTeacher: mappings.Teacher{Name: "曾祥民", NameTerms: mappings.TermsOfPerson("曾祥民"), Org: &mappings.Ref{ID: 1, Name: "北京大学"}},
}

// TestDocumentsFit checks that the strict mappings take what the Go types write, and that
// every field of a type is mapped and every mapped field has a type's.
func TestDocumentsFit(t *testing.T) {
	c := testenv.Elasticsearch(t, testenv.Config(t))
	for k, document := range documents {
		index := newIndex(t, c, k)
		if err := c.Do(t.Context(), "PUT", "/"+index+"/_doc/1", document, nil); err != nil {
			t.Errorf("write a %s: %v", k, err)
		}
		if err := c.Do(t.Context(), "PUT", "/"+index+"/_doc/2", map[string]any{"unknown": 1}, nil); err == nil {
			t.Errorf("the mapping of %s takes unknown fields", k.Plural())
		}
		var fields []string
		for f := range reflect.TypeOf(document).Fields() {
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			fields = append(fields, name)
		}
		slices.Sort(fields)
		if mapped, err := mappings.Fields(k); err != nil || !slices.Equal(mapped, fields) {
			t.Errorf("%s has fields %v, mapped are %v (%v)", k, fields, mapped, err)
		}
		if v, err := mappings.Version(k); err != nil || v < 1 {
			t.Errorf("version of %s is %d, %v", k, v, err)
		}
	}
}

func TestRefsAndFacets(t *testing.T) {
	raw, err := json.Marshal(mappings.Ref{ID: 42, Name: "北京 大学"})
	if want := `{"id":42,"name":"北京 大学","facet":"42 北京 大学"}`; err != nil || string(raw) != want {
		t.Errorf("reference is %s (%v), want %s", raw, err, want)
	}
	var back mappings.Ref
	if err := json.Unmarshal(raw, &back); err != nil || back != (mappings.Ref{ID: 42, Name: "北京 大学"}) {
		t.Errorf("reference comes back as %+v, %v", back, err)
	}
	if r, ok := mappings.ParseFacet(back.Facet()); !ok || r != back {
		t.Errorf("facet is parsed as %+v, %v", r, ok)
	}
	for _, bad := range []string{"", "42", "x y", " "} {
		if r, ok := mappings.ParseFacet(bad); ok {
			t.Errorf("%q is parsed as %+v", bad, r)
		}
	}
}

func TestTerms(t *testing.T) {
	for _, tt := range []struct {
		got  mappings.NameTerms
		want mappings.NameTerms
	}{
		{mappings.TermsOf("数据结构"), mappings.NameTerms{
			Exact: []string{"数据结构"}, Pinyin: []string{"^ shu ju jie gou $"}, Initials: []string{"sjjg", "shjjg"},
			InitialsInside: []string{"jjg", "jg", "g"}, Near: []string{"su ju jie gou"},
		}},
		{mappings.TermsOf("Go ＆ C++"), mappings.NameTerms{Exact: []string{"goc++"}}},
		{mappings.TermsOfPerson("曾伟"), mappings.NameTerms{
			Exact: []string{"曾伟"}, Pinyin: []string{"^ zeng|ceng wei $"}, Initials: []string{"zw", "cw"},
			InitialsInside: []string{"w"}, Near: []string{"zen|cen wei"},
		}},
		{mappings.TermsOfPeople("北京大学", []string{"曾伟", "曾伟"}), mappings.NameTerms{
			Exact: []string{"北京大学", "曾伟"}, Pinyin: []string{"^ bei jing da xue $", "^ zeng|ceng wei $"},
		}},
		{mappings.TermsOfPeople("", nil), mappings.NameTerms{}},
	} {
		if !reflect.DeepEqual(tt.got, tt.want) {
			t.Errorf("got  %+v\nwant %+v", tt.got, tt.want)
		}
	}
}

// As a list, ten thousand rules make each change of an index's settings take half a second.
func TestFoldingsAreOneValue(t *testing.T) {
	analysis, err := mappings.Analysis()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"fold", "compose"} {
		rules, ok := analysis["char_filter"].(map[string]any)[name].(map[string]any)["mappings"].(string)
		if got := strings.Count(rules, ",") + 1; !ok || got != strings.Count(rules, " => ") || got < 100 {
			t.Errorf("%s: one value is %v, with %d rules", name, ok, got)
		}
	}
}

func TestRefreshInterval(t *testing.T) {
	for d, want := range map[time.Duration]string{0: "-1", -time.Second: "-1", 500 * time.Millisecond: "500ms", time.Second: "1000ms"} {
		if got := mappings.RefreshInterval(d); got != want {
			t.Errorf("interval of %s is %q, want %q", d, got, want)
		}
	}
}
