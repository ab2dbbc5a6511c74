package web

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/xunke/xunke/internal/httpserver"
)

// How long a page that is complete otherwise waits for what stands beside its main thing.
const (
	besideWait = 150 * time.Millisecond // related courses, rankings
	listWait   = time.Second            // an org's or a teacher's own courses
)

// errLate is why something is missing from a page that was not worth waiting for.
var errLate = errors.New("did not come in time")

func (p *pages) besideWait() time.Duration { return cmp.Or(p.BesideWait, besideWait) }

// beside begins to fetch something that stands beside a page's main thing. What it returns
// is called once the main thing is there: it waits a little longer and then goes without,
// with the zero value and a degraded page. What fails is for get to tell of.
func beside[T any](ctx context.Context, p *pages, what string, patience time.Duration, get func(context.Context) T) (wait func() T) {
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
