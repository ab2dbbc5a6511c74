package consultations

import (
	"context"
	"log/slog"
	"time"
)

// cleanEvery is how often old consultations are looked for.
const cleanEvery = time.Hour

// MaxCut is how many days' consultations the cleaner deletes at once: more have never become
// old in the hour since it last looked, unless a clock has jumped or the setting was changed.
const MaxCut = 31

// Pruner deletes old consultations. Errors: CodeInvalid where more than MaxCut days would
// go at once, of which then nothing is deleted; CodeUnavailable.
type Pruner interface {
	// Prune deletes some of those that are older, by the clock of who keeps them, and says
	// whether there may be more.
	Prune(ctx context.Context, keep time.Duration) (more bool, err error)
}

// Cleaner deletes consultations that are old.
type Cleaner struct {
	Store Pruner
	Keep  time.Duration // how long they are kept; 0: for ever
	Log   *slog.Logger
}

// Run cleans until ctx ends, and then returns nil. What fails is tried again an hour later.
func (c *Cleaner) Run(ctx context.Context) error {
	if c.Keep == 0 {
		<-ctx.Done()
		return nil
	}
	ticker := time.NewTicker(cleanEvery)
	defer ticker.Stop()
	for {
		if err := c.clean(ctx); err != nil && ctx.Err() == nil {
			c.Log.Warn("old consultations cannot be deleted", "err", err, "retry_in", cleanEvery)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

func (c *Cleaner) clean(ctx context.Context) error {
	for {
		more, err := c.Store.Prune(ctx, c.Keep)
		if err != nil || !more {
			return err
		}
	}
}
