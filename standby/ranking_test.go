package standby_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/standby"
)

type fakeHottest struct {
	items []catalog.RankingItem
	err   error
}

func (f fakeHottest) Hottest(context.Context, catalog.RankingQuery, time.Time) ([]catalog.RankingItem, error) {
	return f.items, f.err
}

func TestRankingsWithoutAnIndex(t *testing.T) {
	away := catalog.Unavailable("Elasticsearch", nil)
	busy := catalog.Unavailable("Elasticsearch", nil)
	busy.Wait = time.Second
	var asked catalog.Query
	rows := fakeSearch{func(_ context.Context, q catalog.Query) (catalog.Answer, error) {
		asked = q
		return catalog.Answer{Courses: &catalog.Section[catalog.CourseHit]{Hits: []catalog.CourseHit{
			{Hit: catalog.Hit{ID: 7, Name: "数据结构", URL: "/courses/7"}, Students: 9},
		}}}, nil
	}}
	filters := map[catalog.Facet][]string{catalog.FacetCity: {"北京"}}
	for name, c := range map[string]struct {
		window catalog.Window
		index  fakeHottest
		rows   fakeSearch
		want   []int64
		code   catalog.Code
	}{
		"the index answers":      {catalog.WindowAll, fakeHottest{items: []catalog.RankingItem{{ID: 1}}}, rows, []int64{1}, ""},
		"all of history":         {catalog.WindowAll, fakeHottest{err: away}, rows, []int64{7}, ""},
		"a window is empty":      {catalog.WindowWeek, fakeHottest{err: away}, rows, nil, ""},
		"what rises, too":        {catalog.WindowRising, fakeHottest{err: away}, rows, nil, ""},
		"it has too much to do":  {catalog.WindowAll, fakeHottest{err: busy}, rows, nil, catalog.CodeUnavailable},
		"the rows do not answer": {catalog.WindowAll, fakeHottest{err: away}, fails(errors.New("gone")), nil, catalog.CodeUnavailable},
	} {
		ranker := standby.Ranker{Index: c.index, Searcher: standby.NewSearcher(fails(away), c.rows, 1)}
		items, err := ranker.Hottest(t.Context(), catalog.RankingQuery{Kind: catalog.KindCourse, Window: c.window, Limit: 3, Filters: filters}, time.Now())
		if c.code != "" {
			if catalog.CodeOf(err) != c.code {
				t.Errorf("%s: %+v, %v", name, items, err)
			}
			continue
		}
		if err != nil || items == nil || len(items) != len(c.want) || len(items) > 0 && items[0].ID != c.want[0] {
			t.Errorf("%s: %+v, %v", name, items, err)
		}
		if name == "all of history" && (items[0].Name != "数据结构" || items[0].Students != 9 || items[0].URL != "/courses/7" ||
			asked.Sort != catalog.SortHot || asked.PerPage != 3 || len(asked.Filters) != 1) {
			t.Errorf("%+v of %+v", items, asked)
		}
	}
}
