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

// skipped is what becomes of canal's log. Nothing of it is kept: it has whole statements,
// such as those that set passwords, and what goes wrong comes back as an error. But nowhere
// else does canal tell of the statements that it passes over. It logs in the goroutine that
// calls the handler, so that the order is that of the binlog.
type skipped struct{ tell func(query string) }

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
		s.tell(a.Value.String())
		return false
	})
	return nil
}

// WithAttrs implements slog.Handler.
func (s *skipped) WithAttrs([]slog.Attr) slog.Handler { return s }

// WithGroup implements slog.Handler.
func (s *skipped) WithGroup(string) slog.Handler { return s }
