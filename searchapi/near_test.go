package searchapi

import (
	"context"
	"net/http"
	"testing"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/searchapi/fake"
)

// TestNearHitsAreFinished: what is near has whole links and no null lists, as hits have, and
// the searcher's own answer stays as it was.
func TestNearHitsAreFinished(t *testing.T) {
	courses := &catalog.Section[catalog.CourseHit]{Near: []catalog.CourseHit{{Hit: catalog.Hit{ID: 7, Name: "情商", URL: "/courses/7"}}}}
	s := (&fixture{
		options: Options{PublicURL: "https://xunke.example/"},
		searcher: fake.Searcher{OnSearch: func(context.Context, catalog.Query) (catalog.Answer, error) {
			return catalog.Answer{Courses: courses, LeftOut: []string{"提高"}}, nil
		}},
	}).server(t)
	a := get(t, s, "/api/v1/search?q=x&type=course")
	var body struct {
		LeftOut []string `json:"left_out"`
		Courses struct {
			Total int              `json:"total"`
			Near  []map[string]any `json:"near"`
		} `json:"courses"`
	}
	a.decode(t, &body)
	if a.status != http.StatusOK || len(body.Courses.Near) != 1 || body.Courses.Total != 0 || len(body.LeftOut) != 1 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if near := body.Courses.Near[0]; near["url"] != "https://xunke.example/courses/7" || near["tags"] == nil || near["highlight"] == nil {
		t.Errorf("near is %v", near)
	}
	if courses.Near[0].URL != "/courses/7" {
		t.Error("the searcher's own hits were changed")
	}
}
