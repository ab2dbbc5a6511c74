package boards

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/redis"
	"github.com/xunke/xunke/rankings"
)

var _ rankings.Inspector = (*Boards)(nil)

// Items implements rankings.Inspector.
func (b *Boards) Items(ctx context.Context, k catalog.Kind, ids []int64, now time.Time) ([]rankings.BoardItem, error) {
	members := make([]string, len(ids))
	for i, id := range ids {
		members[i] = member(id)
	}
	held := make([]rankings.BoardItem, len(ids))
	scores := map[catalog.Window][]*goredis.Cmd{}
	var cards *goredis.SliceCmd
	err := b.inspect(ctx, k, now, func(pipe goredis.Pipeliner, kind string) {
		if len(ids) == 0 {
			return
		}
		for _, w := range catalog.Windows() {
			for _, m := range members { // ZMSCORE has no way to say "not there" but 0 in the client
				scores[w] = append(scores[w], pipe.Do(ctx, "ZSCORE", kind+boardName(w, now), m))
			}
		}
		cards = pipe.HMGet(ctx, kind+"cards", members...)
	})
	if err != nil || len(ids) == 0 {
		return held, err
	}
	for i := range ids {
		held[i].Scores = map[catalog.Window]float64{}
		for w, replies := range scores {
			if negated, err := replies[i].Float64(); err == nil {
				held[i].Scores[w] = -negated
			} else if !redis.IsNil(err) {
				return nil, fmt.Errorf("read score of %s %d: %w", k, ids[i], err)
			}
		}
		if text, ok := cards.Val()[i].(string); ok {
			var shown card
			if err := json.Unmarshal([]byte(text), &shown); err != nil {
				return nil, fmt.Errorf("read card of %s %d: %w", k, ids[i], err)
			}
			held[i].Card = &rankings.Card{Name: shown.Name, Image: shown.Image, Students: shown.Students, Org: shown.Org}
		}
	}
	return held, nil
}

// Sizes implements rankings.Inspector.
func (b *Boards) Sizes(ctx context.Context, k catalog.Kind, now time.Time) (map[catalog.Window]int64, error) {
	counts := map[catalog.Window]*goredis.IntCmd{}
	err := b.inspect(ctx, k, now, func(pipe goredis.Pipeliner, kind string) {
		for _, w := range catalog.Windows() {
			counts[w] = pipe.ZCard(ctx, kind+boardName(w, now))
		}
	})
	if err != nil {
		return nil, err
	}
	sizes := map[catalog.Window]int64{}
	for w, n := range counts {
		sizes[w] = n.Val()
	}
	return sizes, nil
}

// inspect reads the live boards of a kind in one pipeline.
func (b *Boards) inspect(ctx context.Context, k catalog.Kind, now time.Time, ask func(pipe goredis.Pipeliner, kind string)) error {
	// The boards of today may not have been united yet.
	if err := b.tend(ctx, "", k, now); err != nil {
		return err
	}
	return b.client.Call(ctx, redis.RebuildTimeout, "inspect boards", func(ctx context.Context, server goredis.UniversalClient) error {
		live, err := server.HGet(ctx, b.state()[0], "live").Result()
		if err != nil {
			return err
		}
		pipe := server.Pipeline()
		ask(pipe, fmt.Sprintf("%s%s:%s:", b.keys(), live, k))
		if _, err = pipe.Exec(ctx); redis.IsNil(err) {
			err = nil // each reply says itself that there is nothing
		}
		return err
	})
}
