package standby

import (
	"context"
	"time"

	"github.com/xunke/xunke/catalog"
)

// Hottest ranks items. Its errors are like those of Index.
type Hottest interface {
	Hottest(ctx context.Context, q catalog.RankingQuery, now time.Time) ([]catalog.RankingItem, error)
}

// Ranker ranks items out of the index, and while that is away out of the rows, as well as
// these can: for all of history by learners, without scores; what happened lately they do not
// have in an order, so the other windows are empty.
type Ranker struct {
	Index    Hottest
	Searcher *Searcher
}

// Hottest ranks items. Errors are those of the index.
func (r Ranker) Hottest(ctx context.Context, q catalog.RankingQuery, now time.Time) ([]catalog.RankingItem, error) {
	items, err := r.Index.Hottest(ctx, q, now)
	if !isAway(ctx, err) {
		return items, err
	}
	if q.Window != catalog.WindowAll {
		return []catalog.RankingItem{}, nil
	}
	answer, err := r.Searcher.searchRows(ctx, catalog.Query{
		Kinds: []catalog.Kind{q.Kind}, Sort: catalog.SortHot, Page: 1, PerPage: q.Limit, Filters: q.Filters,
	}, err)
	if err != nil {
		return nil, err
	}
	items = []catalog.RankingItem{}
	for _, c := range answer.Courses.List() {
		items = append(items, rankingItem(c.Hit, c.Students, c.Org))
	}
	for _, o := range answer.Orgs.List() {
		items = append(items, rankingItem(o.Hit, o.Students, nil))
	}
	for _, t := range answer.Teachers.List() {
		items = append(items, rankingItem(t.Hit, 0, t.Org))
	}
	return items, nil
}

func rankingItem(h catalog.Hit, students int, org *catalog.Ref) catalog.RankingItem {
	return catalog.RankingItem{ID: h.ID, Name: h.Name, URL: h.URL, Image: h.Image, Students: students, Org: org}
}
