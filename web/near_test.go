package web_test

import (
	"context"
	"strings"
	"testing"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/web/webtest"
)

// TestNearCoursesStandApart: what is near is shown as that, with what it lacks, and where
// nothing was found the page says so all the same.
func TestNearCoursesStandApart(t *testing.T) {
	s := webtest.NewSite()
	s.Searcher.OnSearch = func(context.Context, catalog.Query) (catalog.Answer, error) {
		return catalog.Answer{
			LeftOut: []string{"提高", "<b>"},
			Courses: &catalog.Section[catalog.CourseHit]{Near: []catalog.CourseHit{{Hit: catalog.Hit{ID: 7, Name: "情商与沟通", URL: "/courses/7"}}}},
		}, nil
	}
	s.Start(t)
	for lang, want := range map[string][]string{
		"zh": {"意思相近", "第一门没有提到：提高、&lt;b&gt;。", "情商与沟通", `class="empty"`},
		"en": {"Close in meaning", "the first lacks: 提高, &lt;b&gt;.", `class="empty"`},
	} {
		body := s.Get(t, "/?q=x&lang="+lang).Body
		for _, text := range want {
			if !strings.Contains(body, text) {
				t.Errorf("the page in %s lacks %s", lang, text)
			}
		}
		if strings.Contains(body, "data-first") {
			t.Errorf("the page in %s counts what is near as a place among the hits", lang)
		}
	}
}
