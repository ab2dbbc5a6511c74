package live

import (
	"context"
	"log/slog"
	"time"
)

// Every calls load now and then every interval, until ctx ends, and returns nil. While load
// fails, what was last read stays in use; that it fails, and that it works again, is logged
// once. what names it in the log.
func Every(ctx context.Context, interval time.Duration, what string, log *slog.Logger, load func(ctx context.Context) error) error {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	failing := false
	for {
		err := load(ctx)
		if failed := err != nil && ctx.Err() == nil; failed != failing {
			failing = failed
			if failed {
				log.Warn("cannot be read; the last known stay in use", "what", what, "err", err)
			} else {
				log.Info("can be read again", "what", what)
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}
