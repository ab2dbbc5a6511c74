package rankings

import (
	"context"

	"github.com/xunke/xunke/catalog"
)

// Trends reads what happened to courses.
type Trends struct{ Source Source }

// Trend returns a course's name and what happened to it on the days on which anything did,
// in any order. Errors: CodeNotFound, CodeUnavailable.
func (t Trends) Trend(ctx context.Context, id int64) (name string, history []catalog.DailyCounts, err error) {
	e, err := t.Source.Entry(ctx, catalog.Key{Kind: catalog.KindCourse, ID: id})
	if err != nil && catalog.CodeOf(err) != catalog.CodeNotFound {
		return "", nil, catalog.Unavailable("MySQL", err)
	}
	return e.Card.Name, e.History, err
}
