// Package live keeps up to date what a process reads of a store and then holds.
package live

import (
	"context"
	"log/slog"
	"reflect"
	"sync/atomic"
	"time"
)

// Source is where a value is kept.
type Source[T any] struct {
	Name  string        // of the values, for the log
	Every time.Duration // how soon a change is known to every process
	// Version changes whenever the value does. It is asked at every interval and must be
	// cheap; nil: the value is read at every interval.
	Version func(ctx context.Context) (string, error)
	Read    func(ctx context.Context) (T, error)
}

// Live is a value that follows its source. It is safe for concurrent use, but for Load,
// which one goroutine calls at a time.
type Live[T any] struct {
	source  Source[T]
	log     *slog.Logger
	version string
	current atomic.Pointer[T]
	changes atomic.Uint64
}

// New makes a Live that has the zero value until Load or Run reads another.
func New[T any](source Source[T], log *slog.Logger) *Live[T] {
	l := &Live[T]{source: source, log: log}
	l.current.Store(new(T))
	return l
}

// Get is the present value.
func (l *Live[T]) Get() T { return *l.current.Load() }

// Revision is a number that is another one after the value has changed. What was made after
// it was asked for was made of a value that is no older.
func (l *Live[T]) Revision() uint64 { return l.changes.Load() }

// Load reads the value if it has changed since the last time.
func (l *Live[T]) Load(ctx context.Context) error {
	version := ""
	if l.source.Version != nil {
		var err error
		if version, err = l.source.Version(ctx); err != nil || version == l.version {
			return err
		}
	}
	value, err := l.source.Read(ctx)
	if err != nil {
		return err
	}
	same := l.source.Version == nil && reflect.DeepEqual(value, *l.current.Load())
	l.version = version
	if !same {
		l.current.Store(&value)
		l.changes.Add(1)
	}
	return nil
}

// Run follows the source until ctx ends, and returns nil. While the source does not answer,
// what was last read stays in use.
func (l *Live[T]) Run(ctx context.Context) error {
	return Every(ctx, l.source.Every, l.source.Name, l.log, l.Load)
}
