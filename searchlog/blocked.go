package searchlog

import (
	"context"
	"log/slog"
	"time"

	"github.com/xunke/xunke/internal/live"
)

// blockedEvery is how soon every process knows that a query is blocked.
const blockedEvery = 5 * time.Second

// BlockedQuery is a query that is not suggested to others.
type BlockedQuery struct {
	Key       string    `json:"-"`     // in the form in which it is counted
	Query     string    `json:"query"` // as an admin wrote it
	BlockedAt time.Time `json:"blocked_at"`
}

// BlockedSource lists blocked queries, those blocked last first. Errors: CodeUnavailable.
type BlockedSource interface {
	Blocked(ctx context.Context) ([]BlockedQuery, error)
}

// Blocked knows which queries are blocked. It follows its source, and is safe for
// concurrent use.
type Blocked struct {
	*live.Live[map[string]bool]
}

// NewBlocked makes a Blocked that knows of none; Load and Run fill it.
func NewBlocked(source BlockedSource, log *slog.Logger) Blocked {
	return Blocked{live.New(live.Source[map[string]bool]{
		Name: "blocked queries", Every: blockedEvery,
		Read: func(ctx context.Context) (map[string]bool, error) {
			list, err := source.Blocked(ctx)
			keys := make(map[string]bool, len(list))
			for _, b := range list {
				keys[b.Key] = true
			}
			return keys, err
		},
	}, log)}
}
