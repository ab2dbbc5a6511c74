package web_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/web/webtest"
)

// TestPinnedItemsSayThatTheyAre checks the badge, and that the best match is not put
// before what an admin has pinned.
func TestPinnedItemsSayThatTheyAre(t *testing.T) {
	var pinned atomic.Pointer[map[string]bool]
	s := webtest.NewSite()
	answer := s.Searcher.OnSearch
	s.Searcher.OnSearch = func(ctx context.Context, q catalog.Query) (catalog.Answer, error) {
		a, err := answer(ctx, q)
		pinned := *pinned.Load()
		a.Courses.Hits[1].Pinned = pinned["course"]
		a.Orgs.Hits[0].Pinned, a.Orgs.Hits[1].Pinned = pinned["first org"], pinned["best org"]
		a.Teachers.Hits[0].Pinned = pinned["teacher"]
		return a, err
	}
	s.Start(t)
	for lang, badge := range map[string]string{"zh": "置顶", "en": "Pinned"} {
		for _, tt := range []struct {
			pinned map[string]bool
			badges int
			best   bool
		}{
			{map[string]bool{}, 0, true},
			{map[string]bool{"course": true, "teacher": true}, 2, true},
			{map[string]bool{"best org": true}, 1, true},
			{map[string]bool{"first org": true}, 1, false},
			{map[string]bool{"first org": true, "best org": true}, 2, false},
		} {
			pinned.Store(&tt.pinned)
			p := s.Get(t, "/?q=C%2B%2B&lang="+lang)
			if n := strings.Count(p.Body, `<span class="pinned">`+badge+`</span>`); n != tt.badges {
				t.Errorf("%v in %s: %d badges, want %d", tt.pinned, lang, n, tt.badges)
			}
			if best := strings.Contains(p.Body, `class="best"`); best != tt.best {
				t.Errorf("%v in %s: a best match is shown: %v", tt.pinned, lang, best)
			}
		}
	}
}
