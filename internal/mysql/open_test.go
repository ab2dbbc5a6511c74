package mysql_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	driver "github.com/go-sql-driver/mysql"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/mysql"
	"github.com/xunke/xunke/internal/testenv"
)

func TestOpenForcesWhatTheProgramReliesOn(t *testing.T) {
	c := testenv.Config(t)
	// A DSN that asks for the opposite of everything.
	dsn := c.MySQL.DSN
	dsn += map[bool]string{true: "&", false: "?"}[strings.Contains(dsn, "?")] +
		"parseTime=false&loc=Local&time_zone=%27%2B08%3A00%27&clientFoundRows=true&multiStatements=true&sql_mode=%27%27&charset=latin1&columnsWithAlias=true"
	pool, err := mysql.Open(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = pool.Close() }()
	db := pool.Write

	var zone, mode, charset, collation string
	var now time.Time
	err = db.QueryRow("SELECT @@time_zone, @@sql_mode, @@character_set_client, @@collation_connection, CURRENT_TIMESTAMP(3)").
		Scan(&zone, &mode, &charset, &collation, &now)
	if err != nil {
		t.Fatal(err)
	}
	if zone != "+00:00" || !strings.Contains(mode, "STRICT_ALL_TABLES") || charset != "utf8mb4" || collation != "utf8mb4_0900_bin" {
		t.Errorf("session: time_zone %s, sql_mode %s, charset %s, collation %s", zone, mode, charset, collation)
	}
	if now.Location() != time.UTC || time.Since(now).Abs() > time.Hour {
		t.Errorf("the server's clock reads as %s", now)
	}
	if _, err := db.Exec("SELECT 1; SELECT 2"); err == nil {
		t.Error("two statements in one were accepted")
	}
	if _, err := db.Exec("CREATE TABLE t (id INT PRIMARY KEY, s VARCHAR(2) NOT NULL)"); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("INSERT INTO t VALUES (1, ?)", "abc"); err == nil {
		t.Error("a text that does not fit was cut instead of refused")
	}
	if _, err := db.Exec("INSERT INTO t VALUES (1, ?)", "a"); err != nil {
		t.Fatal(err)
	}
	result, err := db.Exec("UPDATE t SET s = ? WHERE id = 1", "a")
	if err != nil {
		t.Fatal(err)
	}
	if n, err := result.RowsAffected(); err != nil || n != 0 {
		t.Errorf("an update that changes nothing affected %d rows (%v)", n, err)
	}
}

func TestOpenSaysWhatToDo(t *testing.T) {
	c := testenv.Config(t)
	server, err := driver.ParseDSN(c.MySQL.DSN)
	if err != nil {
		t.Fatal(err)
	}
	user := server.DBName // as unique as that
	db := testenv.MySQL(t, c)
	testenv.Exec(t, db, "CREATE USER '"+user+"' IDENTIFIED BY 'right'")
	t.Cleanup(func() {
		if _, err := db.Exec("DROP USER '" + user + "'"); err != nil {
			t.Error(err)
		}
	})
	for name, tc := range map[string]struct {
		change func(*driver.Config)
		hint   string
	}{
		"unknown database": {func(c *driver.Config) { c.DBName = "xt_there_is_none" }, "xunke migrate"},
		"unknown user":     {func(c *driver.Config) { c.User, c.Passwd = "nobody_here", "s3cret" }, "XUNKE_MYSQL_DSN"},
		"nothing there":    {func(c *driver.Config) { c.Addr = "127.0.0.1:1" }, "start MySQL"},
		"wrong password":   {func(c *driver.Config) { c.User, c.Passwd = user, "s3cret" }, "check user and password"},
		"no grants":        {func(c *driver.Config) { c.User, c.Passwd = user, "right" }, "grant it"},
		"certificate":      {func(c *driver.Config) { c.TLSConfig = "true" }, "its certificate is for no name"},
		"TLS without that": {func(c *driver.Config) { c.TLSConfig = "skip-verify"; c.DBName = "xt_there_is_none" }, "xunke migrate"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := server.Clone()
			tc.change(cfg)
			_, err := mysql.Open(t.Context(), cfg.FormatDSN())
			e, ok := errors.AsType[*catalog.Error](err)
			if !ok || e.Code != catalog.CodeUnavailable || !strings.Contains(e.Hint, tc.hint) {
				t.Fatalf("error %v, want an unavailable one whose hint has %q", err, tc.hint)
			}
			if strings.Contains(err.Error(), "s3cret") {
				t.Errorf("the error shows the password: %v", err)
			}
		})
	}
	if _, err := mysql.Open(t.Context(), "root:s3cret@nowhere"); err == nil || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("a malformed DSN gives %v", err)
	}
}

func TestMigrate(t *testing.T) {
	c := testenv.Config(t)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	pool, err := mysql.Open(ctx, c.MySQL.DSN)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = pool.Close() }()
	db := pool.Write

	files, err := os.ReadDir("migrations")
	if err != nil {
		t.Fatal(err)
	}
	pending, err := mysql.PendingMigrations(ctx, db)
	if err != nil || len(pending) != len(files) || pending[0] != "00001_catalogue.sql" {
		t.Fatalf("pending in an empty database: %v, %v", pending, err)
	}

	// Four processes start at once: each migration is applied by exactly one.
	var wg sync.WaitGroup
	applied, errs := make([]int, 4), make([]error, 4)
	for i := range applied {
		wg.Go(func() { applied[i], errs[i] = mysql.Migrate(ctx, db) })
	}
	wg.Wait()
	sum := 0
	for _, n := range applied {
		sum += n
	}
	if err := errors.Join(errs...); err != nil || sum != len(files) {
		t.Fatalf("applied %v of %d migrations, %v", applied, len(files), err)
	}
	if pending, err = mysql.PendingMigrations(ctx, db); err != nil || len(pending) != 0 {
		t.Errorf("pending afterwards: %v, %v", pending, err)
	}
}

func TestEnsureDatabase(t *testing.T) {
	c := testenv.Config(t)
	cfg, err := driver.ParseDSN(c.MySQL.DSN)
	if err != nil {
		t.Fatal(err)
	}
	cfg.DBName += "_made"
	dsn := cfg.FormatDSN()
	t.Cleanup(func() {
		if pool, err := mysql.Open(context.Background(), dsn); err == nil {
			_, _ = pool.Write.Exec("DROP DATABASE " + cfg.DBName)
			_ = pool.Close()
		}
	})
	for _, want := range []bool{true, false} {
		if created, err := mysql.EnsureDatabase(t.Context(), dsn); err != nil || created != want {
			t.Fatalf("created %v, want %v, %v", created, want, err)
		}
	}
}
