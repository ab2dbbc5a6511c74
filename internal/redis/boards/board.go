// Package boards keeps the boards of rankings in Redis.
package boards

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/redis"
	"github.com/xunke/xunke/rankings"
)

var (
	_ rankings.Board   = (*Boards)(nil)
	_ rankings.Writer  = (*Boards)(nil)
	_ rankings.Builder = (*Boards)(nil)
)

// ResultLife is how long the result of a filtered ranking is kept.
const ResultLife = 10 * time.Second

// resultKeeps is how many items a filtered result has: those that are wanted, and some
// for those that are hidden while it is kept.
const resultKeeps = 2 * catalog.MaxRanking

// Boards are the rankings in Redis. Readers and writers never wait for each other longer
// than one script takes.
type Boards struct {
	client  *redis.Client
	scoring catalog.Scoring
}

// New returns the boards of an installation.
func New(c *redis.Client, s catalog.Scoring) *Boards { return &Boards{client: c, scoring: s} }

// card is what is stored of an item to be shown.
type card struct {
	Name     string       `json:"n"`
	Image    string       `json:"i,omitempty"`
	Students int64        `json:"s,omitempty"`
	Org      *catalog.Ref `json:"o,omitempty"`
}

// Top reads the head of a board in one round trip.
func (b *Boards) Top(ctx context.Context, q catalog.RankingQuery, now time.Time) (rankings.Top, error) {
	made, err := json.Marshal(b.recipe(q.Window, now))
	if err != nil {
		return rankings.Top{}, fmt.Errorf("encode how a board is made: %w", err)
	}
	filters, err := json.Marshal(filterNames(q.Filters))
	if err != nil {
		return rankings.Top{}, fmt.Errorf("encode filters: %w", err)
	}
	reply, err := b.read(ctx, "read a board", func(ctx context.Context, server goredis.UniversalClient) (any, error) {
		return topScript.Run(ctx, server, b.state(), b.keys(), string(q.Kind),
			boardName(q.Window, now), q.Limit, resultKeeps, ResultLife.Milliseconds(), int(unionLife.Seconds()),
			made, filters).Result()
	})
	if err != nil {
		return rankings.Top{}, err
	}
	return decodeTop(reply, q.Kind, now)
}

// filterNames are the filters in one order, so that equal queries share a result.
func filterNames(filters map[catalog.Facet][]string) []string {
	names := []string{}
	for facet, values := range filters {
		for _, v := range values {
			names = append(names, facetName(facet, v))
		}
	}
	slices.Sort(names)
	return names
}

func decodeTop(reply any, k catalog.Kind, now time.Time) (rankings.Top, error) {
	list, ok := reply.([]any)
	if !ok || len(list)%3 != 1 {
		return rankings.Top{}, fmt.Errorf("read a board: answer of an unknown form %T", reply)
	}
	age, ok := list[0].(int64)
	if !ok {
		return rankings.Top{}, fmt.Errorf("read a board: age is a %T", list[0])
	}
	top := rankings.Top{At: now.Add(-time.Duration(age) * time.Millisecond)}
	for line := range slices.Chunk(list[1:], 3) {
		item, err := decodeItem(line, k)
		if err != nil {
			return rankings.Top{}, err
		}
		top.Items = append(top.Items, item)
	}
	return top, nil
}

// decodeItem reads member, score and card.
func decodeItem(line []any, k catalog.Kind) (catalog.RankingItem, error) {
	var item catalog.RankingItem
	var text [3]string
	for i := range text {
		s, ok := line[i].(string)
		if !ok {
			return item, fmt.Errorf("read a board: a line has a %T", line[i])
		}
		text[i] = s
	}
	id, err := memberID(text[0])
	if err != nil {
		return item, err
	}
	negated, err := strconv.ParseFloat(text[1], 64)
	if err != nil {
		return item, fmt.Errorf("read score of %s %d: %w", k, id, err)
	}
	var shown card
	if err := json.Unmarshal([]byte(text[2]), &shown); err != nil {
		return item, fmt.Errorf("read card of %s %d: %w", k, id, err)
	}
	return catalog.RankingItem{
		ID: id, Name: shown.Name, Score: -negated, URL: catalog.ItemURL(k, id),
		Image: shown.Image, Students: int(shown.Students), Org: shown.Org,
	}, nil
}

// Places says where an item stands in each window.
func (b *Boards) Places(ctx context.Context, key catalog.Key, now time.Time) (map[catalog.Window]rankings.Place, error) {
	windows := catalog.RankingWindows()
	args := []any{b.keys(), string(key.Kind), member(key.ID)}
	for _, w := range windows {
		args = append(args, boardName(w, now))
	}
	// The boards of today may not have been united yet.
	if err := b.tend(ctx, "", key.Kind, now); err != nil {
		return nil, err
	}
	reply, err := b.read(ctx, "look for a place", func(ctx context.Context, server goredis.UniversalClient) (any, error) {
		return placeScript.Run(ctx, server, b.state(), args...).Result()
	})
	if err != nil {
		return nil, err
	}
	list, ok := reply.([]any)
	if !ok || len(list) != 2*len(windows) {
		return nil, fmt.Errorf("look for a place: answer of an unknown form %T", reply)
	}
	places := map[catalog.Window]rankings.Place{}
	for i, w := range windows {
		negated, _ := list[2*i].(string)
		rank, _ := list[2*i+1].(string)
		if negated == "" {
			continue
		}
		s, err := strconv.ParseFloat(negated, 64)
		if err != nil {
			return nil, fmt.Errorf("read score of %s: %w", key, err)
		}
		r, err := strconv.Atoi(rank)
		if err != nil {
			return nil, fmt.Errorf("read rank of %s: %w", key, err)
		}
		places[w] = rankings.Place{Rank: r + 1, Score: -s}
	}
	return places, nil
}

// read runs a script that answers nothing where there is no live generation.
func (b *Boards) read(ctx context.Context, what string, run func(ctx context.Context, server goredis.UniversalClient) (any, error)) (any, error) {
	var reply any
	none := false
	err := b.client.Call(ctx, redis.VisitorTimeout, what, func(ctx context.Context, server goredis.UniversalClient) error {
		var err error
		reply, err = run(ctx, server)
		if redis.IsNil(err) {
			none, err = true, nil
		}
		return err
	})
	if err == nil && none {
		err = rankings.ErrNoBoards
	}
	return reply, err
}

func (b *Boards) state() []string { return []string{b.keys() + "state"} }
