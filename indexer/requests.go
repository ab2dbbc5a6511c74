package indexer

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/xunke/xunke/catalog"
)

// requestEvery is how often requests are looked for.
const requestEvery = 500 * time.Millisecond

// runRequests builds what is missing at the start and then does what admins ask for, one
// after the other.
func (l *leader) runRequests(ctx context.Context) error {
	if missing := l.missing(); len(missing) > 0 {
		if err := l.reindex(ctx, Request{Action: "reindex", Kinds: missing}); err != nil {
			return fmt.Errorf("build the first index: %w", err)
		}
	}
	tick := time.NewTicker(requestEvery)
	defer tick.Stop()
	for {
		request, err := l.Requests.Next(ctx)
		if err != nil {
			return err
		}
		if request != nil {
			if err := l.serve(ctx, *request); err != nil {
				return err
			}
			continue
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// missing lists the kinds that no generation serves.
func (l *leader) missing() []catalog.Kind {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.DeleteFunc(catalog.Kinds(), func(k catalog.Kind) bool { return l.state.Serving(k) != nil })
}

// serve does one request and records how it ended. What fails for good fails the
// request; what may heal ends the leadership, and the next one takes the request up again.
func (l *leader) serve(ctx context.Context, r Request) error {
	if state, _ := l.look(); state.Reindex != nil && state.Reindex.Request == r.ID && state.Reindex.Phase == PhaseDone {
		// It was done when the process that did it died; doing it again would, for a
		// rollback, undo it.
		return l.Requests.Finish(ctx, r.ID, "")
	}
	if len(r.Kinds) == 0 {
		r.Kinds = catalog.Kinds()
	}
	var err error
	if r.Action == "rollback" {
		err = l.rollBack(ctx, r)
	} else {
		err = l.reindex(ctx, r)
	}
	if err == nil {
		return l.Requests.Finish(ctx, r.ID, "")
	}
	if e, ok := errors.AsType[*catalog.Error](err); ok && e.Code == catalog.CodeInvalid {
		l.Log.Error("request failed", "request", r.ID, "action", r.Action, "err", err)
		return l.Requests.Finish(ctx, r.ID, err.Error())
	}
	return err
}
