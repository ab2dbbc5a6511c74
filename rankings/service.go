package rankings

import (
	"context"
	"slices"
	"time"

	"github.com/xunke/xunke/catalog"
)

// Service answers rankings from the boards, and from the index when the boards are lost,
// incomplete or slow.
type Service struct {
	Board    Board            // nil: there are none, and every answer comes from the index
	Fallback Substitute       // nil: there is no substitute
	Now      func() time.Time // nil: time.Now

	fallback fallback
}

// Ranking answers a query. Nothing in the window is an empty ranking, not an error. When
// the boards do not answer, the index stands in, whose documents have the same scores, and
// the ranking is Degraded. An error is CodeInvalid for a query that cannot be
// ranked, CodeUnavailable when the substitute does not answer either.
func (s *Service) Ranking(ctx context.Context, q catalog.RankingQuery) (catalog.Ranking, error) {
	if err := check(q); err != nil {
		return catalog.Ranking{}, err
	}
	now := s.now()
	var top Top
	err := error(catalog.Unavailable("ranking boards", nil))
	if s.Board != nil {
		top, err = s.Board.Top(ctx, q, now)
	}
	switch {
	case err == nil:
		return answer(q.Window, s.fill(ctx, q, top.Items, now), top.At, false), nil
	case s.Fallback == nil:
		return catalog.Ranking{}, catalog.Unavailable("ranking boards", err)
	}
	// Whatever is wrong with the boards, a visitor gets an answer. The boards' own client
	// logs what it is.
	found, err := s.fallback.hottest(ctx, s.Fallback, q, now)
	if err != nil {
		return catalog.Ranking{}, err
	}
	return answer(q.Window, found.Items, found.At, true), nil
}

// fill makes up a ranking over all of history with items to which nothing has happened
// yet, in the index's order: by score, then by learners. A catalogue that was imported
// this morning then has something to show; the windows stay what happened in them.
func (s *Service) fill(ctx context.Context, q catalog.RankingQuery, top []catalog.RankingItem, now time.Time) []catalog.RankingItem {
	if q.Window != catalog.WindowAll || len(top) >= q.Limit || s.Fallback == nil {
		return top
	}
	found, err := s.fallback.hottest(ctx, s.Fallback, q, now)
	if err != nil {
		return top // what is there is right, only short
	}
	for _, item := range found.Items {
		ranked := slices.ContainsFunc(top, func(t catalog.RankingItem) bool { return t.ID == item.ID })
		if !ranked && len(top) < q.Limit {
			item.Score = 0
			top = append(top, item)
		}
	}
	return top
}

func (s *Service) now() time.Time {
	if s.Now != nil {
		return s.Now()
	}
	return time.Now()
}

func answer(w catalog.Window, items []catalog.RankingItem, at time.Time, degraded bool) catalog.Ranking {
	ranked := make([]catalog.RankingItem, len(items)) // an empty list, never null
	for i, item := range items {
		item.Rank = i + 1
		ranked[i] = item
	}
	return catalog.Ranking{Window: w, GeneratedAt: at.UTC().Truncate(time.Millisecond), Degraded: degraded, Items: ranked}
}
