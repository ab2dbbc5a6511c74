package web

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/xunke/xunke/internal/httpserver"
)

// How long a page waits for its optional parts once the rest is there.
const (
	defaultWait = 150 * time.Millisecond // related courses, rankings
	listWait    = time.Second            // an org's or a teacher's own courses
)

// errLate is why something is missing from a page that was not worth waiting for.
var errLate = errors.New("did not come in time")

func (p *pages) optionalWait() time.Duration { return cmp.Or(p.OptionalWait, defaultWait) }

// startOptional begins to fetch an optional part of a page. What it returns is called once
// the rest is there: it waits a little longer and then gives up, with the zero value and a
// degraded page. Errors are for get to report.
func startOptional[T any](ctx context.Context, p *pages, what string, patience time.Duration, get func(context.Context) T) (wait func() T) {
	ctx, cancel := context.WithCancel(ctx)
	came := make(chan T, 1)
	go func() { came <- get(ctx) }()
	return func() (found T) {
		defer cancel()
		timer := time.NewTimer(patience)
		defer timer.Stop()
		select {
		case found = <-came:
		case <-timer.C:
			p.ReportMissing(ctx, what, errLate)
			httpserver.MarkDegraded(ctx)
		}
		return found
	}
}
