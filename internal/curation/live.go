package curation

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/xunke/xunke/internal/follow"
)

// pollInterval is how soon a change is known to every process.
const pollInterval = 2 * time.Second

// Source is where curations are kept. Version changes whenever one does; it is asked
// often and must be cheap. Sets are by the keys of their queries. Errors: CodeUnavailable.
type Source interface {
	Version(ctx context.Context) (string, error)
	Sets(ctx context.Context) (map[string]*Set, error)
}

// Live is all curations, following their source. It is safe for concurrent use.
type Live struct {
	source  Source
	log     *slog.Logger
	version string
	current atomic.Pointer[map[string]*Set]
}

// NewLive makes an empty Live; Run fills it.
func NewLive(source Source, log *slog.Logger) *Live {
	l := &Live{source: source, log: log}
	l.current.Store(&map[string]*Set{})
	return l
}

// Lookup implements Lookup with the present curations.
func (l *Live) Lookup(key string) *Set { return (*l.current.Load())[key] }

// Load reads the curations if they have changed since the last time.
func (l *Live) Load(ctx context.Context) error {
	version, err := l.source.Version(ctx)
	if err != nil || version == l.version {
		return err
	}
	sets, err := l.source.Sets(ctx)
	if err != nil {
		return err
	}
	l.current.Store(&sets)
	l.version = version
	return nil
}

// Run follows the source until ctx ends. While the source does not answer, what was last
// read stays in use: searches work without it.
func (l *Live) Run(ctx context.Context) error {
	return follow.Every(ctx, pollInterval, "curations", l.log, l.Load)
}
