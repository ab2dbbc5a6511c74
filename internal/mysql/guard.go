package mysql

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"time"

	"github.com/go-sql-driver/mysql"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/breaker"
)

// visitorTimeout is how long a visitor waits for MySQL.
const visitorTimeout = 2 * time.Second

// Guard bounds what visitors wait for MySQL: each call has a time-out, and while MySQL does
// not answer, a breaker fails calls at once. A nil Guard lets everything through.
type Guard struct{ breaker *breaker.Breaker }

// NewGuard stands in front of a database. All that visitors ask of it should go through one
// guard, so that one finds out for all of them.
func NewGuard(db *sql.DB, log *slog.Logger) *Guard {
	return &Guard{breaker.New(breaker.Options{
		Server: "MySQL", Log: log, Failed: noAnswer,
		Probe: func(ctx context.Context) error {
			var one int
			return ReadError(db.QueryRowContext(ctx, "SELECT 1").Scan(&one))
		},
	})}
}

// Do makes a call whose errors have been through ReadError.
func (g *Guard) Do(ctx context.Context, call func(ctx context.Context) error) error {
	if g == nil {
		return call(ctx)
	}
	return g.breaker.Do(ctx, func(ctx context.Context) error {
		limited, cancel := context.WithTimeout(ctx, visitorTimeout)
		defer cancel()
		return call(limited)
	})
}

// Away says whether calls fail at once because MySQL does not answer.
func (g *Guard) Away() bool { return g.breaker.Open() }

// Close waits for a probe that is under way.
func (g *Guard) Close() error { return g.breaker.Close() }

// noAnswer says whether an error means that MySQL does not answer. What it refuses is an
// answer, unless it takes no connections or is about to end.
func noAnswer(err error) bool {
	if _, answered := errors.AsType[*mysql.MySQLError](err); answered {
		return IsServerError(err, ErrnoTooManyConnections, ErrnoServerShutdown)
	}
	return catalog.CodeOf(err) == catalog.CodeUnavailable
}
