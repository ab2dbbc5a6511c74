package boards

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/redis"
	"github.com/xunke/xunke/rankings"
)

// buildMost is how many entries a rebuild writes at once: visitors wait while it does.
const buildMost = 100

// removeMost is how many keys of an old generation are deleted at once.
const removeMost = 500

// build is one rebuild. The name of its generation is also its token.
type build struct {
	boards     *Boards
	generation string
}

var _ rankings.Build = (*build)(nil)

// Begin registers a new generation of boards.
func (b *Boards) Begin(ctx context.Context, now time.Time) (rankings.Build, error) {
	generation := now.UTC().Format("20060102T150405") + "-" + rand.Text()[:8]
	filled, err := json.Marshal(windowNames(now))
	if err != nil {
		return nil, fmt.Errorf("encode unions: %w", err)
	}
	var begun int64
	keys := []string{b.keys() + "state", b.keys() + "generations"}
	err = b.client.Call(ctx, redis.WorkerTimeout, "begin a rebuild", func(ctx context.Context, server goredis.UniversalClient) error {
		var err error
		begun, err = beginScript.Run(ctx, server, keys, generation, generation,
			silence.Milliseconds(), filled, b.scoringName()).Int64()
		return err
	})
	if err != nil {
		return nil, err
	}
	if begun == 0 {
		return nil, rankings.ErrBusy
	}
	return &build{boards: b, generation: generation}, nil
}

// Write adds entries to the new boards. None at all says that the rebuild is alive.
func (b *build) Write(ctx context.Context, entries []rankings.Entry, now time.Time) error {
	for first := true; first || len(entries) > 0; first = false {
		some := entries[:min(len(entries), buildMost)]
		if _, err := b.boards.settle(ctx, redis.RebuildTimeout, "build", b.generation, some, now); err != nil {
			return err
		}
		entries = entries[len(some):]
	}
	return nil
}

// Finish makes the generation the live one and removes the others. The unions have been
// filled, unless the day has turned since the rebuild began.
func (b *build) Finish(ctx context.Context, now time.Time) error {
	for _, k := range catalog.Kinds() {
		if err := b.boards.tend(ctx, b.generation, k, now); err != nil {
			return err
		}
	}
	if err := b.end(ctx, 1, now); err != nil {
		return err
	}
	if err := b.boards.removeOld(ctx); err != nil {
		b.boards.client.Log().Warn("old boards could not be removed; the next rebuild does it", "err", err)
	}
	return nil
}

// Abort gives the generation up.
func (b *build) Abort(ctx context.Context) error {
	if err := b.end(ctx, 0, time.Time{}); err != nil {
		return err
	}
	return b.boards.remove(ctx, b.generation)
}

func (b *build) end(ctx context.Context, live int, now time.Time) error {
	var ended int64
	err := b.boards.client.Call(ctx, redis.WorkerTimeout, "end a rebuild", func(ctx context.Context, server goredis.UniversalClient) error {
		var err error
		ended, err = finishScript.Run(ctx, server, b.boards.state(),
			b.generation, live, now.UTC().Format(time.RFC3339)).Int64()
		return err
	})
	if err == nil && ended == 0 {
		err = rankings.ErrSuperseded
	}
	return err
}

// removeOld removes every generation but the live one and one that is being built, also
// those that a rebuild left behind when it died.
func (b *Boards) removeOld(ctx context.Context) error {
	base := b.keys()
	var all []string
	keep := map[any]bool{}
	err := b.client.Call(ctx, redis.WorkerTimeout, "list generations", func(ctx context.Context, server goredis.UniversalClient) error {
		var err error
		// In this order: a generation that begins in between is not in the list.
		if all, err = server.SMembers(ctx, base+"generations").Result(); err != nil {
			return err
		}
		named, err := server.HMGet(ctx, base+"state", "live", "building").Result()
		for _, name := range named {
			keep[name] = true
		}
		return err
	})
	if err != nil {
		return err
	}
	for _, generation := range all {
		if !keep[generation] {
			if err := b.remove(ctx, generation); err != nil {
				return err
			}
		}
	}
	return nil
}

// remove deletes the keys of a generation; the memory is freed in Redis's background. A
// key is forgotten after it is deleted, so that a removal that stops can go on.
func (b *Boards) remove(ctx context.Context, generation string) error {
	base := b.keys()
	own := base + generation + ":"
	for done := false; !done; {
		err := b.client.Call(ctx, redis.WorkerTimeout, "remove old boards", func(ctx context.Context, server goredis.UniversalClient) error {
			keys, err := server.SRandMemberN(ctx, own+"keys", removeMost).Result()
			if err != nil {
				return err
			}
			if done = len(keys) == 0; done {
				return b.removeRest(ctx, server, base, generation)
			}
			if err := server.Unlink(ctx, keys...).Err(); err != nil {
				return err
			}
			return server.SRem(ctx, own+"keys", anys(keys)...).Err()
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// removeRest deletes the keys that every generation has, and its name.
func (b *Boards) removeRest(ctx context.Context, server goredis.UniversalClient, base, generation string) error {
	var keys []string
	for _, k := range catalog.Kinds() {
		for _, name := range []string{"all", "cards", "marks"} {
			keys = append(keys, fmt.Sprintf("%s%s:%s:%s", base, generation, k, name))
		}
	}
	if err := server.Unlink(ctx, keys...).Err(); err != nil {
		return err
	}
	return server.SRem(ctx, base+"generations", generation).Err()
}

func anys(texts []string) []any {
	list := make([]any, len(texts))
	for i, t := range texts {
		list[i] = t
	}
	return list
}
