package synonym

import (
	"context"
	"log/slog"
	"time"

	"github.com/xunke/xunke/internal/live"
)

// Source is where rules are kept. Version changes whenever a rule does; it is asked
// often and must be cheap. Errors: CodeUnavailable.
type Source interface {
	Version(ctx context.Context) (string, error)
	Rules(ctx context.Context) ([]Rule, error)
}

// Live is a dictionary that follows its source. It is safe for concurrent use.
type Live struct{ *live.Live[Dictionary] }

// NewLive makes an empty Live; Run fills it.
func NewLive(source Source, log *slog.Logger) Live {
	return Live{live.New(live.Source[Dictionary]{
		Name: "synonyms", Every: 2 * time.Second, Version: source.Version,
		Read: func(ctx context.Context) (Dictionary, error) {
			rules, err := source.Rules(ctx)
			return NewDictionary(rules), err
		},
	}, log)}
}

// Lookup is Dictionary.Lookup of the present rules.
func (l Live) Lookup(key string) []string { return l.Get().Lookup(key) }

// LookupNear is Dictionary.LookupNear of the present rules.
func (l Live) LookupNear(key string) []string { return l.Get().LookupNear(key) }
