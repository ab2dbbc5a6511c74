package searchapi

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/sync/singleflight"

	"github.com/xunke/xunke/answers"
	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/httpserver"
)

// A ranking serves all who ask the same for rankingLife, and no more than rankingsMost of
// them are kept: those that were asked for last.
const (
	rankingLife  = time.Second
	rankingsMost = 256
)

// rankings are the answers to questions for rankings that are kept. All pages that show a
// ranking ask the same few questions.
type rankings struct {
	flight singleflight.Group
	kept   *lru.Cache[string, *keptRanking]
}

// keptRanking is a ranking as it is answered.
type keptRanking struct {
	at       time.Time // when it was asked for
	degraded bool      // it is for those who wait for it, and not kept
	body     []byte
	tag      string // of what it says, the time at which it was made aside
	forms    answers.Kept
}

func newRankings() *rankings {
	kept, _ := lru.New[string, *keptRanking](rankingsMost) // fails only for a size below 1
	return &rankings{kept: kept}
}

// get is the ranking that a query asks for. Errors are those of the Ranker.
func (r *rankings) get(ctx context.Context, s *Service, q catalog.RankingQuery) (*keptRanking, error) {
	key, now := rankingKey(q), s.now()
	if kept, ok := r.kept.Get(key); ok && now.Sub(kept.at) >= 0 && now.Sub(kept.at) < rankingLife {
		return kept, nil
	}
	// Who asks first may go away; rankings have a deadline of their own.
	asked := r.flight.DoChan(key, func() (any, error) {
		kept, err := s.makeRanking(context.WithoutCancel(ctx), q)
		if err == nil && !kept.degraded {
			kept.at = now
			r.kept.Add(key, kept)
		}
		return kept, err
	})
	select {
	case result := <-asked:
		kept, _ := result.Val.(*keptRanking)
		return kept, result.Err
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for a ranking: %w", ctx.Err())
	}
}

// makeRanking asks for a ranking and encodes it.
func (s *Service) makeRanking(ctx context.Context, q catalog.RankingQuery) (*keptRanking, error) {
	ranking, err := s.ranker.Ranking(ctx, q)
	if err != nil {
		return nil, err
	}
	ranking.Items = append([]catalog.RankingItem{}, ranking.Items...)
	for i := range ranking.Items {
		ranking.Items[i].URL = s.link(ranking.Items[i].URL)
	}
	kept := &keptRanking{degraded: ranking.Degraded}
	if kept.body, err = httpserver.EncodeJSON(ranking); err != nil {
		return nil, err
	}
	said, err := json.Marshal(ranking.Items)
	if err != nil {
		return nil, fmt.Errorf("tag ranking: %w", err)
	}
	kept.tag = httpserver.TagOf([]byte(ranking.Window), said)
	return kept, nil
}

// rankingKey is all that decides which ranking a query asks for.
func rankingKey(q catalog.RankingQuery) string {
	key := make([]byte, 0, 64)
	key = append(append(append(key, q.Kind...), ' '), q.Window...)
	key = strconv.AppendInt(append(key, ' '), int64(q.Limit), 10)
	names := make([]catalog.Facet, 0, len(q.Filters))
	for f := range q.Filters {
		names = append(names, f)
	}
	slices.Sort(names)
	for _, f := range names {
		key = append(append(key, ' '), f...)
		for _, v := range q.Filters[f] {
			key = strconv.AppendQuote(key, v)
		}
	}
	return string(key)
}
