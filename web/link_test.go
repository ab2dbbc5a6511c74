package web

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/searchapi"
	"github.com/xunke/xunke/web/page"
)

// parse reads an address of ours the way a request is read.
func parse(t *testing.T, address string) question {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	values := u.Query()
	lang := page.Language(values.Get("lang"))
	values.Del("lang")
	q, _, err := searchapi.ParseSearch(values)
	if err != nil {
		t.Fatalf("the API refuses our own address %s: %v", address, err)
	}
	return questionOf(values, q, page.Locale{Language: lang, Explicit: lang != ""})
}

func TestAddressesComeBackAsTheyWere(t *testing.T) {
	for _, q := range []question{
		{},
		{text: "C++"},
		{text: "C#"},
		{text: "100%"},
		{text: "a&b=c;d"},
		{text: `"线性 代数" +AND -(x)`},
		{text: "🎉"},
		{text: "数据结构", kind: catalog.KindCourse, sort: catalog.SortStudents, page: 3, perPage: 20, exact: true, lang: page.English},
		{kind: catalog.KindCourse, filters: map[catalog.Facet][]string{
			catalog.FacetCategory: {"C&C++", "文史"}, catalog.FacetLevel: {"beginner", "advanced"}, catalog.FacetOrg: {"7"},
		}},
	} {
		address := q.url()
		got := parse(t, address)
		if got.url() != address {
			t.Errorf("%s came back as %s", address, got.url())
		}
		if got.text != q.text {
			t.Errorf("%q came back as %q", q.text, got.text)
		}
	}
}

func TestEveryLinkOfAPageIsUnderstoodByTheAPI(t *testing.T) {
	q := question{text: "C++", filters: map[catalog.Facet][]string{
		catalog.FacetCity: {"北京"}, catalog.FacetTag: {"C#"}, catalog.FacetOrg: {"3"},
	}, page: 4, lang: page.English}
	for _, k := range append(catalog.Kinds(), "") {
		for _, s := range append(sortsOf(k), "") {
			at := q.withKind(k).withSort(s)
			for _, next := range []question{
				at, at.withPage(2), at.withoutFilters(), at.toggle(catalog.FacetCity, "上海"), at.toggle(catalog.FacetCity, "北京"),
				at.withText("C#", true), at.withLanguage(page.Chinese),
			} {
				if got := parse(t, next.url()); got.url() != next.url() {
					t.Errorf("%s came back as %s", next.url(), got.url())
				}
			}
		}
	}
}

func TestLinksKeepWhatTheyDoNotChange(t *testing.T) {
	base := question{text: "C++", kind: catalog.KindCourse, sort: catalog.SortNewest, page: 5, lang: page.English,
		filters: map[catalog.Facet][]string{catalog.FacetLevel: {"beginner"}, catalog.FacetCity: {"北京"}}}
	for what, c := range map[string]struct {
		q    question
		want string
	}{
		"filter":        {base.toggle(catalog.FacetLevel, "advanced"), "/?q=C%2B%2B&type=course&level=beginner&level=advanced&city=%E5%8C%97%E4%BA%AC&sort=newest&lang=en"},
		"filter off":    {base.toggle(catalog.FacetLevel, "beginner"), "/?q=C%2B%2B&type=course&city=%E5%8C%97%E4%BA%AC&sort=newest&lang=en"},
		"sort":          {base.withSort(catalog.SortHot), "/?q=C%2B%2B&type=course&level=beginner&city=%E5%8C%97%E4%BA%AC&sort=hot&lang=en"},
		"page":          {base.withPage(6), "/?q=C%2B%2B&type=course&level=beginner&city=%E5%8C%97%E4%BA%AC&sort=newest&page=6&lang=en"},
		"kind":          {base.withKind(catalog.KindOrg), "/?q=C%2B%2B&type=org&city=%E5%8C%97%E4%BA%AC&lang=en"},
		"clear filters": {base.withoutFilters(), "/?q=C%2B%2B&type=course&sort=newest&lang=en"},
	} {
		if got := c.q.url(); got != c.want {
			t.Errorf("%s: %s, want %s", what, got, c.want)
		}
	}
	if !slices.Equal(base.filters[catalog.FacetLevel], []string{"beginner"}) || base.page != 5 {
		t.Errorf("making links changed the question they start from: %+v", base)
	}
}

func TestPagesWorthALink(t *testing.T) {
	for _, c := range []struct {
		current, last int
		want          string
	}{
		{1, 1, "1"},
		{1, 3, "1 2 3"},
		{1, 9, "1 2 3 … 9"},
		{4, 9, "1 2 3 4 5 6 … 9"},
		{5, 9, "1 2 3 4 5 6 7 8 9"},
		{5, 10, "1 2 3 4 5 6 7 … 10"},
		{6, 11, "1 … 4 5 6 7 8 … 11"},
		{500, 1000, "1 … 498 499 500 501 502 … 1000"},
		{1000, 1000, "1 … 998 999 1000"},
	} {
		var parts []string
		before := 0
		for _, n := range numbers(c.current, c.last) {
			if n > before+1 {
				parts = append(parts, "…")
			}
			parts = append(parts, fmt.Sprint(n))
			before = n
		}
		if got := strings.Join(parts, " "); got != c.want {
			t.Errorf("page %d of %d: %s, want %s", c.current, c.last, got, c.want)
		}
	}
}

func TestPagingEndsAtTheWindow(t *testing.T) {
	r := results{Locale: page.Locale{Language: page.Chinese}, asked: question{text: "x", kind: catalog.KindCourse}, query: catalog.Query{Page: 1000, PerPage: 10}}
	p := r.paging(1_000_000)
	if p.Next != "" || p.Limit == "" || p.Prev == "" {
		t.Errorf("on the last page that has a number: %+v", p)
	}
	r.query.Page = 1
	if p := r.paging(10); p != nil {
		t.Errorf("one page is paged: %+v", p)
	}
}
