package learning

import (
	"context"
	"time"

	"github.com/xunke/xunke/catalog"
)

// Favorite is an item that a learner likes.
type Favorite struct {
	Item
	FavoritedAt time.Time `json:"favorited_at"`
}

// FavoriteState is how an item stands with a learner and with all.
type FavoriteState struct {
	Favorite  bool  `json:"favorite"`
	Favorites int64 `json:"favorites" about:"how many like it"`
}

// FavoriteList is a page of favourites, the latest first.
type FavoriteList struct {
	Total int64      `json:"total"`
	Hits  []Favorite `json:"hits"`
}

// Favorites keeps which items learners like.
type Favorites interface {
	// Favorite and Unfavorite count for the item and for the day on which it was done:
	// what is taken back is taken from that day.
	Favorite(ctx context.Context, account int64, item catalog.Key, now time.Time) (FavoriteState, error)
	Unfavorite(ctx context.Context, account int64, item catalog.Key) (FavoriteState, error)
	FavoriteState(ctx context.Context, account int64, item catalog.Key) (FavoriteState, error)
	// Favorites lists visible items of some kinds.
	Favorites(ctx context.Context, account int64, kinds []catalog.Kind, p catalog.Page) (FavoriteList, error)
}

// Favorite notes that a learner likes an item. Errors: CodeNotFound, CodeConflict for who has
// MaxFavorites, CodeTooMany, CodeLogin, CodeUnavailable.
func (s *Service) Favorite(ctx context.Context, account int64, item catalog.Key) (FavoriteState, error) {
	if err := s.allow(ctx, account); err != nil {
		return FavoriteState{}, err
	}
	return s.Store.Favorite(ctx, account, item, s.now())
}

// Unfavorite takes that back. Errors: CodeTooMany, CodeLogin, CodeUnavailable.
func (s *Service) Unfavorite(ctx context.Context, account int64, item catalog.Key) (FavoriteState, error) {
	if err := s.allow(ctx, account); err != nil {
		return FavoriteState{}, err
	}
	return s.Store.Unfavorite(ctx, account, item)
}

// FavoriteState says whether a learner likes an item. Errors: CodeNotFound, CodeUnavailable.
func (s *Service) FavoriteState(ctx context.Context, account int64, item catalog.Key) (FavoriteState, error) {
	return s.Store.FavoriteState(ctx, account, item)
}

// Favorites lists what a learner likes; no kinds are all. The error is CodeUnavailable.
func (s *Service) Favorites(ctx context.Context, account int64, kinds []catalog.Kind, p catalog.Page) (FavoriteList, error) {
	if len(kinds) == 0 {
		kinds = catalog.Kinds()
	}
	return s.Store.Favorites(ctx, account, kinds, p)
}
