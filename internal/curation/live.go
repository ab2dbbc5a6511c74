package curation

import (
	"context"
	"log/slog"
	"time"

	"github.com/xunke/xunke/internal/live"
)

// Source is where curations are kept. Version changes whenever one does; it is asked
// often and must be cheap. Sets are by the keys of their queries. Errors: CodeUnavailable.
type Source interface {
	Version(ctx context.Context) (string, error)
	Sets(ctx context.Context) (map[string]*Set, error)
}

// Live is all curations, following their source. It is safe for concurrent use.
type Live struct {
	*live.Live[map[string]*Set]
}

// NewLive makes an empty Live; Run fills it.
func NewLive(source Source, log *slog.Logger) Live {
	return Live{live.New(live.Source[map[string]*Set]{
		Name: "curations", Every: 2 * time.Second, Version: source.Version, Read: source.Sets,
	}, log)}
}

// Lookup implements Lookup with the present curations.
func (l Live) Lookup(key string) *Set { return l.Get()[key] }
