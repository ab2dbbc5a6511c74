package indexer

import (
	"context"
	"errors"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/logging"
	"github.com/xunke/xunke/internal/retry"
)

// steadyAfter is how long a leadership must have lasted for its end not to count as
// another failed attempt.
const steadyAfter = time.Minute

// leadBackoff is for leaderships that end by a failure. Where a replica is promoted, the
// indexer has to find it within two seconds.
var leadBackoff = retry.Backoff{First: 100 * time.Millisecond, Max: 1600 * time.Millisecond}

// loggedAttempts is how many failures in a row are logged before the lines are limited.
const loggedAttempts = 5

// Run waits for the lease, leads, and begins again with backoff whenever a leadership
// ends by a failure, until ctx ends. It returns an error only when a precondition is not
// fulfilled from the start: a catalog.Error with a hint.
func Run(ctx context.Context, d Deps, o Options) error {
	led := false
	var warnings logging.Limiter
	for attempt := 0; ; attempt++ {
		began := time.Now()
		err := runOnce(ctx, d, o, &led)
		if ctx.Err() != nil {
			return nil //nolint:nilerr // the end of ctx is the orderly end
		}
		if errors.Is(err, errRestart) {
			attempt = -1
			continue
		}
		if e, ok := errors.AsType[*catalog.Error](err); ok && e.Code == catalog.CodeInvalid && !led {
			return err
		}
		if time.Since(began) > steadyAfter {
			attempt = 0
		}
		if suppressed, ok := warnings.Allow(); ok || attempt < loggedAttempts {
			d.Log.Error("indexing was interrupted; trying again", "attempt", attempt+1, "err", err, "not_logged", suppressed)
		}
		if leadBackoff.Sleep(ctx, attempt) != nil {
			return nil //nolint:nilerr // the end of ctx is the orderly end
		}
	}
}

func runOnce(ctx context.Context, d Deps, o Options, led *bool) error {
	// The lease, the rows and the stream have to be of one server, the one that is the source
	// now. Connections that were made before may lead to another.
	d.Source.Renew()
	lost, release, err := d.Lease.Acquire(ctx)
	if err != nil {
		return err
	}
	defer release()
	return leadUntil(ctx, d, o, lost, led)
}

// leadUntil leads until the lease is lost.
func leadUntil(ctx context.Context, d Deps, o Options, lost <-chan struct{}, led *bool) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go func() {
		select {
		case <-lost:
			cancel(errors.New("the lease is lost"))
		case <-ctx.Done():
		}
	}()
	err := lead(ctx, d, o, func() { *led = true })
	if cause := context.Cause(ctx); cause != nil && errors.Is(err, context.Canceled) {
		return cause
	}
	return err
}

// Serve leads for as long as one request takes, with a lease that is held already. It
// is how the command line works where no indexer runs.
func Serve(ctx context.Context, d Deps, o Options, lost <-chan struct{}, done func(context.Context) (bool, error)) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var led bool
	ended := make(chan error, 1)
	go func() { ended <- leadUntil(ctx, d, o, lost, &led) }()
	tick := time.NewTicker(requestEvery)
	defer tick.Stop()
	for {
		select {
		case err := <-ended:
			return err
		case <-tick.C:
		}
		finished, err := done(ctx)
		if finished || err != nil {
			cancel()
			return errors.Join(err, ignoreCanceled(<-ended))
		}
	}
}

func ignoreCanceled(err error) error {
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}
