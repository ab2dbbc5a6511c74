// Package fake is for tests of the API and of pages: it stands in for servers where a fault
// is wanted that they do not have on demand, and where only what reaches them matters. A
// function that is not set must not be called, but for OnReady: all is ready then.
package fake

import (
	"context"

	"github.com/xunke/xunke/catalog"
)

// Searcher answers searches and suggests.
type Searcher struct {
	OnSearch  func(context.Context, catalog.Query) (catalog.Answer, error)
	OnSuggest func(context.Context, string, int) ([]catalog.Suggestion, error)
	OnReady   func(context.Context) error
}

// Search calls OnSearch.
func (f Searcher) Search(ctx context.Context, q catalog.Query) (catalog.Answer, error) {
	return f.OnSearch(ctx, q)
}

// Suggest calls OnSuggest.
func (f Searcher) Suggest(ctx context.Context, text string, limit int) ([]catalog.Suggestion, error) {
	return f.OnSuggest(ctx, text, limit)
}

// Ready calls OnReady.
func (f Searcher) Ready(ctx context.Context) error { return ready(ctx, f.OnReady) }

// Relater finds courses that are related.
type Relater struct {
	OnRelated func(context.Context, int64, int) (catalog.Related, error)
}

// Related calls OnRelated.
func (f Relater) Related(ctx context.Context, id int64, limit int) (catalog.Related, error) {
	return f.OnRelated(ctx, id, limit)
}

// Details reads whole items.
type Details struct {
	OnCourse  func(context.Context, int64) (catalog.Course, error)
	OnOrg     func(context.Context, int64) (catalog.Org, error)
	OnTeacher func(context.Context, int64) (catalog.Teacher, error)
	OnReady   func(context.Context) error
}

// Course calls OnCourse.
func (f Details) Course(ctx context.Context, id int64) (catalog.Course, error) {
	return f.OnCourse(ctx, id)
}

// Org calls OnOrg.
func (f Details) Org(ctx context.Context, id int64) (catalog.Org, error) { return f.OnOrg(ctx, id) }

// Teacher calls OnTeacher.
func (f Details) Teacher(ctx context.Context, id int64) (catalog.Teacher, error) {
	return f.OnTeacher(ctx, id)
}

// Ready calls OnReady.
func (f Details) Ready(ctx context.Context) error { return ready(ctx, f.OnReady) }

// Ranker answers rankings.
type Ranker struct {
	OnRanking func(context.Context, catalog.RankingQuery) (catalog.Ranking, error)
}

// Ranking calls OnRanking.
func (f Ranker) Ranking(ctx context.Context, q catalog.RankingQuery) (catalog.Ranking, error) {
	return f.OnRanking(ctx, q)
}

func ready(ctx context.Context, on func(context.Context) error) error {
	if on == nil {
		return nil
	}
	return on(ctx)
}
