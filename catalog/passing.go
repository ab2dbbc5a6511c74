package catalog

import (
	"context"
	"sync/atomic"
)

// passingKey is where a context says whether its answer is a passing one.
type passingKey struct{}

// WithPassing is a context for making an answer, and passing tells whether MarkPassing was
// called for it meanwhile.
func WithPassing(ctx context.Context) (_ context.Context, passing func() bool) {
	noted := new(atomic.Bool)
	return context.WithValue(ctx, passingKey{}, noted), noted.Load
}

// MarkPassing notes that the answer that is being made lacks something that it would have
// had a moment later, because a server was slow or refused a part. It is an answer all the
// same, but nobody shall keep it for others. Any goroutine may call it.
func MarkPassing(ctx context.Context) {
	if noted, ok := ctx.Value(passingKey{}).(*atomic.Bool); ok {
		noted.Store(true)
	}
}
