package indexer

import (
	"context"
	"log/slog"
)

// skippedStatement is canal's message about a statement that its parser does not take, and
// skippedQuery the attribute that has the statement (canal v1.16.0, handleEvent in sync.go;
// TestSkippedStatements fails when they are others).
const (
	skippedStatement = "error parsing query, will skip this event"
	skippedQuery     = "query"
)

// skipped is a handler of canal's log that discards it, as it has whole statements, such as
// those that set passwords, and errors are returned as well. Only the log has the statements
// that canal passes over, and these go to onSkipped. canal logs in the goroutine that calls
// the binlog handler, so the order is that of the binlog.
type skipped struct{ onSkipped func(query string) }

var _ slog.Handler = (*skipped)(nil)

// Enabled implements slog.Handler.
func (s *skipped) Enabled(_ context.Context, level slog.Level) bool { return level >= slog.LevelError }

// Handle implements slog.Handler.
func (s *skipped) Handle(_ context.Context, r slog.Record) error {
	if r.Message != skippedStatement {
		return nil
	}
	r.Attrs(func(a slog.Attr) bool {
		if a.Key != skippedQuery {
			return true
		}
		s.onSkipped(a.Value.String())
		return false
	})
	return nil
}

// WithAttrs implements slog.Handler.
func (s *skipped) WithAttrs([]slog.Attr) slog.Handler { return s }

// WithGroup implements slog.Handler.
func (s *skipped) WithGroup(string) slog.Handler { return s }
