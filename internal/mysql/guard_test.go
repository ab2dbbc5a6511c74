package mysql_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/breaker"
	xmysql "github.com/xunke/xunke/internal/mysql"
	"github.com/xunke/xunke/internal/testenv"
)

// TestAMySQLThatStandsStill: it keeps connections and says nothing. Visitors who find out
// wait for two seconds, not for as long as their requests may take; whoever comes later does
// not wait, and everybody is answered again once it goes on.
func TestAMySQLThatStandsStill(t *testing.T) {
	c := testenv.Config(t)
	dsn, err := mysql.ParseDSN(c.MySQL.DSN)
	if err != nil {
		t.Fatal(err)
	}
	gate := testenv.NewGate(t, dsn.Addr)
	dsn.Addr = gate.Address()
	pool, err := xmysql.Open(t.Context(), dsn.FormatDSN())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pool.Close() })
	guard := xmysql.NewGuard(pool.Read, slog.New(slog.DiscardHandler))
	t.Cleanup(func() { _ = guard.Close() })
	ask := func() (time.Duration, error) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		began := time.Now()
		err := guard.Do(ctx, func(ctx context.Context) error {
			var one int
			return xmysql.ReadError(pool.Read.QueryRowContext(ctx, "SELECT 1").Scan(&one))
		})
		return time.Since(began), err
	}
	if _, err := ask(); err != nil {
		t.Fatal(err)
	}
	gate.Close()
	var group sync.WaitGroup
	for range 3 {
		group.Go(func() {
			took, err := ask()
			if catalog.CodeOf(err) != catalog.CodeUnavailable || errors.Is(err, breaker.ErrOpen) || took > 20*time.Second {
				t.Errorf("who finds out: %v after %v", err, took)
			}
		})
	}
	group.Wait()
	for range 20 {
		if took, err := ask(); !errors.Is(err, breaker.ErrOpen) || took > 10*time.Second {
			t.Fatalf("who comes later: %v after %v", err, took)
		}
	}
	gate.Open()
	testenv.Eventually(t, 20*time.Second, "MySQL is asked again", func() (bool, string) {
		_, err := ask()
		return err == nil, "still refused"
	})
}

// TestWhatMySQLRefusesIsAnAnswer: mistakes, and queries that it ended, keep nobody from
// asking it.
func TestWhatMySQLRefusesIsAnAnswer(t *testing.T) {
	pool := testenv.Pool(t, testenv.Config(t))
	guard := xmysql.NewGuard(pool.Read, slog.New(slog.DiscardHandler))
	t.Cleanup(func() { _ = guard.Close() })
	for range 5 {
		for _, query := range []string{"SELECT nothing", "SELECT /*+ MAX_EXECUTION_TIME(1) */ COUNT(*) FROM information_schema.columns a, information_schema.columns b"} {
			err := guard.Do(t.Context(), func(ctx context.Context) error {
				var one int
				return catalog.Unavailable("MySQL", xmysql.ReadError(pool.Read.QueryRowContext(ctx, query).Scan(&one)))
			})
			if errors.Is(err, breaker.ErrOpen) {
				t.Fatalf("%s: %v", query, err)
			}
		}
	}
}
