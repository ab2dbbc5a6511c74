package page

import (
	"context"

	"github.com/xunke/xunke/internal/httpserver"
)

// ReportMissing logs that a page is shown without a part of it, and counts the answer as
// degraded. part is one of a few fixed names. Any goroutine may call it.
func (r *Renderer) ReportMissing(ctx context.Context, part string, err error) {
	httpserver.MarkDegraded(ctx)
	if suppressed, ok := r.absent.Allow(part); ok {
		r.Log.WarnContext(ctx, "pages have to do without a part", "part", part, "err", err, "not_logged", suppressed)
	}
}
