package rankings

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/xunke/xunke/catalog"
)

// pageOf is how many items of a kind a rebuild reads at a time. An org's or a teacher's
// history is that of many courses.
var pageOf = map[catalog.Kind]int{catalog.KindCourse: 1000, catalog.KindOrg: 100, catalog.KindTeacher: 200}

// Rebuild makes the boards anew from MySQL while the old ones are read and written: new
// boards are registered, so that the follower writes to both; everything is read and
// written to the new ones; then they take the place of the old ones at once.
type Rebuild struct {
	Builder Builder
	Source  Source
	Log     *slog.Logger
	Now     func() time.Time // nil: time.Now
	// Progress is told after each page how many items of a kind are on the new boards so
	// far. It may be nil.
	Progress func(k catalog.Kind, items int)
}

// RebuildResult says what a rebuild did.
type RebuildResult struct {
	Items map[catalog.Kind]int `json:"items"` // on the new boards
	Took  time.Duration        `json:"-"`
}

// Run rebuilds once. When it fails the old boards stay as they are.
func (r *Rebuild) Run(ctx context.Context) (done RebuildResult, err error) {
	now := r.Now
	if now == nil {
		now = time.Now
	}
	started := time.Now()
	build, err := r.Builder.Begin(ctx, now())
	if err != nil {
		return done, fmt.Errorf("begin rebuild of rankings: %w", err)
	}
	defer func() {
		if err != nil {
			// The clean-up must also happen when ctx was cancelled; it has a time-out itself.
			if e := build.Abort(context.WithoutCancel(ctx)); e != nil && !errors.Is(e, ErrSuperseded) {
				r.Log.Warn("new boards could not be removed; the next rebuild does it", "err", e)
			}
		}
	}()
	done.Items = map[catalog.Kind]int{}
	for _, kind := range catalog.Kinds() {
		done.Items[kind] = 0
		for after := int64(0); ; {
			entries, next, err := r.Source.Entries(ctx, kind, after, pageOf[kind])
			if err != nil {
				return done, fmt.Errorf("read %s for rankings: %w", kind.Plural(), err)
			}
			// Written even if it is empty: the boards see that the rebuild is alive.
			if err := build.Write(ctx, entries, now()); err != nil {
				return done, fmt.Errorf("write boards of %s: %w", kind.Plural(), err)
			}
			done.Items[kind] += len(entries)
			if r.Progress != nil {
				r.Progress(kind, done.Items[kind])
			}
			if next == 0 {
				break
			}
			after = next
		}
	}
	if err := build.Finish(ctx, now()); err != nil {
		return done, fmt.Errorf("finish rebuild of rankings: %w", err)
	}
	done.Took = time.Since(started)
	return done, nil
}
