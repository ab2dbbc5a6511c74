package web_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/web/webtest"
)

// TestFacetsThatEnd: a list of as many values as an answer has says that there may be more.
func TestFacetsThatEnd(t *testing.T) {
	s := webtest.NewSite()
	values := 0
	s.Searcher.OnSearch = func(_ context.Context, q catalog.Query) (catalog.Answer, error) {
		tags := make([]catalog.FacetValue, values)
		for i := range tags {
			tags[i] = catalog.FacetValue{Value: fmt.Sprint("t", i), Label: fmt.Sprint("t", i), Count: 9}
		}
		return catalog.Answer{Query: q.Text, Courses: &catalog.Section[catalog.CourseHit]{
			Total: 40, Hits: webtest.Courses(), Facets: map[catalog.Facet][]catalog.FacetValue{catalog.FacetTag: tags},
		}}, nil
	}
	s.Start(t)
	for n, check := range map[int]func(*testing.T, webtest.Page, ...string){
		catalog.MaxFacetValues - 1: webtest.Lacks, catalog.MaxFacetValues: webtest.Contains, catalog.MaxFacetValues + 1: webtest.Contains,
	} {
		values = n
		for path, text := range map[string]string{"/?q=x&type=course": "只列出最多的 20 个", "/?q=x&type=course&lang=en": "only the 20 most frequent"} {
			page := s.Get(t, path)
			webtest.Contains(t, page, ">t0<")
			check(t, page, text)
		}
	}
}
