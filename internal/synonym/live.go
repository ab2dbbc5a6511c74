package synonym

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/xunke/xunke/internal/follow"
)

// pollInterval is how soon a change is known to every process.
const pollInterval = 2 * time.Second

// Source is where rules are kept. Version changes whenever a rule does; it is asked
// often and must be cheap. Errors: CodeUnavailable.
type Source interface {
	Version(ctx context.Context) (string, error)
	Rules(ctx context.Context) ([]Rule, error)
}

// Live is a dictionary that follows its source. It is safe for concurrent use.
type Live struct {
	source  Source
	log     *slog.Logger
	version string
	current atomic.Pointer[Dictionary]
}

// NewLive makes an empty Live; Run fills it.
func NewLive(source Source, log *slog.Logger) *Live {
	l := &Live{source: source, log: log}
	l.current.Store(&Dictionary{})
	return l
}

// Lookup is Dictionary.Lookup of the present rules.
func (l *Live) Lookup(key string) []string { return l.current.Load().Lookup(key) }

// Load reads the rules if they have changed since the last time.
func (l *Live) Load(ctx context.Context) error {
	version, err := l.source.Version(ctx)
	if err != nil || version == l.version {
		return err
	}
	rules, err := l.source.Rules(ctx)
	if err != nil {
		return err
	}
	d := NewDictionary(rules)
	l.current.Store(&d)
	l.version = version
	return nil
}

// Run follows the source until ctx ends. While the source does not answer, what was last
// read stays in use: searches work without it.
func (l *Live) Run(ctx context.Context) error {
	return follow.Every(ctx, pollInterval, "synonyms", l.log, l.Load)
}
