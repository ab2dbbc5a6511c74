package rankings

import (
	"context"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/retry"
)

// rehearseEvery is how often the substitute is asked what nobody needs.
const rehearseEvery = time.Minute

// Rehearse keeps the substitute ready until ctx ends, and then returns nil. The first
// question of a sort compiles its script and reads what the index has not in memory, which
// visitors would wait for just when Redis has stopped. What fails is tried the next time:
// a substitute that does not answer is noticed by those who need it.
func (s *Service) Rehearse(ctx context.Context) error {
	if s.Fallback == nil {
		return nil
	}
	_ = retry.Every(ctx, rehearseEvery, func(ctx context.Context) error {
		for _, k := range catalog.Kinds() {
			for _, w := range []catalog.Window{catalog.WindowWeek, catalog.WindowRising} {
				_, _ = s.Fallback.Hottest(ctx, catalog.RankingQuery{Kind: k, Window: w, Limit: 10}, s.now())
			}
		}
		return nil
	})
	return nil
}
