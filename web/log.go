package web

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/xunke/xunke/catalog"
)

// logEvery is the least time between two log lines about what pages had to do without:
// while a server is down, every page would write one.
const logEvery = 10 * time.Second

// absences remembers when a part was last reported missing.
type absences struct {
	mu     sync.Mutex
	last   map[string]time.Time
	silent map[string]int
}

// report says whether to write a line about a part now, and how many were not written
// since the last one.
func (a *absences) report(part string, now time.Time) (silent int, ok bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if last, seen := a.last[part]; seen && now.Sub(last) < logEvery {
		a.silent[part]++
		return 0, false
	}
	silent = a.silent[part]
	a.last[part], a.silent[part] = now, 0
	return silent, true
}

// missed logs that a page is shown without a part of it. part is one of a few fixed
// names.
func (p *pages) missed(ctx context.Context, part string, err error) {
	if silent, ok := p.absent.report(part, time.Now()); ok {
		p.Log.WarnContext(ctx, "pages have to do without a part", "part", part, "err", err, "not_logged", silent)
	}
}

// codeOf is the code of an error. What did not answer in time is not available.
func codeOf(err error) catalog.Code {
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return catalog.CodeUnavailable
	}
	return catalog.CodeOf(err)
}
