package mysql_test

import (
	"errors"
	"strings"
	"testing"

	driver "github.com/go-sql-driver/mysql"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/mysql"
	"github.com/xunke/xunke/internal/testenv"
)

// TestSeveralAddresses opens a database at addresses of which one is a server's. What
// happens when the server changes is what the chaos tests are for.
func TestSeveralAddresses(t *testing.T) {
	c := testenv.Config(t)
	cfg, err := driver.ParseDSN(c.MySQL.DSN)
	if err != nil {
		t.Fatal(err)
	}
	at := cfg.Addr
	cfg.Addr = "127.0.0.1:1" // the addresses take its place
	dsn := cfg.FormatDSN()

	pool, err := mysql.Open(t.Context(), dsn, "127.0.0.1:1", at)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = pool.Close() }()
	if got, err := pool.Address(t.Context()); err != nil || got != at {
		t.Errorf("the pool works with %q (%v), want %q", got, err, at)
	}
	members := pool.Members(t.Context())
	if len(members) != 2 || members[0].Err == nil || members[1].Err != nil || !members[1].Writable || members[1].Address != at {
		t.Errorf("members: %+v", members)
	}
	if got, err := mysql.At(dsn, at); err != nil || got != c.MySQL.DSN {
		t.Errorf("the DSN at another address is %q (%v), want %q", got, err, c.MySQL.DSN)
	}

	// One server under two names is no accident.
	_, port, _ := strings.Cut(at, ":")
	twice, err := mysql.Open(t.Context(), dsn, at, "localhost:"+port)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = twice.Close() }()
	if members := twice.Members(t.Context()); len(members) != 1 {
		t.Errorf("members under two names: %+v", members)
	}

	_, err = mysql.Open(t.Context(), dsn, "127.0.0.1:1", "127.0.0.1:2")
	if e, ok := errors.AsType[*catalog.Error](err); !errors.Is(err, mysql.ErrNoneWritable) || !ok || !strings.Contains(e.Hint, "promote") ||
		!strings.Contains(err.Error(), "127.0.0.1:2") {
		t.Errorf("without a server: %v", err)
	}
	cfg.DBName = "xt_there_is_none"
	_, err = mysql.Open(t.Context(), cfg.FormatDSN(), "127.0.0.1:1", at)
	if err == nil || !strings.Contains(err.Error(), at+" has no database") || !strings.Contains(err.Error(), "xunke migrate") {
		t.Errorf("without the database: %v", err)
	}
}

// TestRenew checks that a pool makes new connections when it is told to, and only then.
func TestRenew(t *testing.T) {
	c := testenv.Config(t)
	pool, err := mysql.Open(t.Context(), c.MySQL.DSN)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = pool.Close() }()
	id := func() (n int) {
		t.Helper()
		if err := pool.Write.QueryRowContext(t.Context(), "SELECT CONNECTION_ID()").Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	first := id()
	if again := id(); again != first {
		t.Errorf("the connection was not used again: %d, %d", first, again)
	}
	pool.Renew()
	if renewed := id(); renewed == first {
		t.Error("an old connection was used again")
	}
}
