package catalog

import (
	"context"
	"sync"
	"time"
)

// passingKey is where a context says whether its answer is a passing one.
type passingKey struct{}

// Passing is for how long an answer may be kept for others. The zero value says nothing about
// it. It is safe for concurrent use.
type Passing struct {
	mu      sync.Mutex
	limited bool
	until   time.Time
}

// WithPassing is a context for making an answer; what is noted about the answer meanwhile, by
// MarkPassing and KeepUntil, stands in the Passing.
func WithPassing(ctx context.Context) (context.Context, *Passing) {
	p := &Passing{}
	return context.WithValue(ctx, passingKey{}, p), p
}

// Until is when the answer has to be made anew, whatever happens to the index; limited is
// false where nothing was noted.
func (p *Passing) Until() (until time.Time, limited bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.until, p.limited
}

// MarkPassing notes that the answer that is being made lacks something that it would have
// had a moment later, because a server was slow or refused a part. It is an answer all the
// same, but nobody shall keep it for others. Any goroutine may call it.
func MarkPassing(ctx context.Context) { KeepUntil(ctx, time.Time{}) }

// KeepUntil notes that the answer that is being made stands on something that will be looked
// at again at that time. Of several times the earliest counts. Any goroutine may call it.
func KeepUntil(ctx context.Context, until time.Time) {
	p, ok := ctx.Value(passingKey{}).(*Passing)
	if !ok {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.limited || until.Before(p.until) {
		p.limited, p.until = true, until
	}
}
