// Package testenv gives tests the real servers: a database, an index prefix and a Redis
// key prefix of their own on servers that `make test` or `make dev` has started. It never
// skips: a test that needs a server which is not there fails and says how to get it.
package testenv

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"fmt"
	"net/url"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/redis/go-redis/v9"

	"github.com/xunke/xunke/internal/config"
	"github.com/xunke/xunke/internal/elastic"
	xmysql "github.com/xunke/xunke/internal/mysql"
)

// Config is a configuration for one test: a fresh, empty database (not migrated), and
// prefixes that nobody else has. Everything is removed when the test ends.
func Config(t testing.TB) config.Config {
	t.Helper()
	name := "xt_" + token(t)
	server := Variable(t, "XUNKE_TEST_MYSQL_DSN")
	dsn, err := mysql.ParseDSN(server)
	if err != nil {
		t.Fatal("parse XUNKE_TEST_MYSQL_DSN: not a DSN")
	}
	dsn.DBName = name
	root := openRoot(t, server)
	Exec(t, root, "CREATE DATABASE "+name)

	t.Setenv("XUNKE_CONFIG", "")
	t.Setenv("XUNKE_MYSQL_DSN", dsn.FormatDSN())
	elasticsearch := ElasticsearchServer(t)
	t.Setenv("XUNKE_ELASTICSEARCH_ADDRESSES", elasticsearch.Addresses[0])
	t.Setenv("XUNKE_ELASTICSEARCH_USERNAME", elasticsearch.Username)
	t.Setenv("XUNKE_ELASTICSEARCH_PASSWORD", elasticsearch.Password)
	t.Setenv("XUNKE_ELASTICSEARCH_PREFIX", name)
	t.Setenv("XUNKE_REDIS_ADDRESSES", Variable(t, "XUNKE_TEST_REDIS"))
	t.Setenv("XUNKE_REDIS_PREFIX", name)
	t.Setenv("XUNKE_RUN_DIR", t.TempDir())
	t.Setenv("XUNKE_INDEXER_SERVER_ID", fmt.Sprint(serverID(t)))
	t.Setenv("XDG_CACHE_HOME", t.TempDir()) // no configuration of a local stack is found
	c, err := config.Load("")
	if err != nil {
		t.Fatalf("load test configuration: %v", err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if client, err := elastic.Open(elasticOptions(c)); err == nil {
			dropIndices(ctx, t, client)
			client.Close()
		}
		dropKeys(ctx, t, c.Redis)
		if _, err := root.ExecContext(ctx, "DROP DATABASE IF EXISTS "+name); err != nil {
			t.Errorf("drop test database: %v", err)
		}
		_ = root.Close()
	})
	return c
}

// MySQL opens the database of a configuration and brings its schema up to date.
func MySQL(t testing.TB, c config.Config) *sql.DB {
	t.Helper()
	return Pool(t, c).Write
}

// Pool is what MySQL opens, with its servers.
func Pool(t testing.TB, c config.Config) *xmysql.Pool {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	pool, err := xmysql.Open(ctx, c.MySQL.DSN)
	if err != nil {
		t.Fatalf("open test database: %v", err)
	}
	t.Cleanup(func() { _ = pool.Close() })
	if _, err := xmysql.Migrate(ctx, pool.Write); err != nil {
		t.Fatalf("migrate test database: %v", err)
	}
	return pool
}

// ElasticsearchServer says where the server of the tests is and who asks. The program gets the
// password apart from the address, so that a test can have it ask somewhere else.
func ElasticsearchServer(t testing.TB) elastic.Options {
	t.Helper()
	address, err := url.Parse(Variable(t, "XUNKE_TEST_ELASTICSEARCH"))
	if err != nil {
		t.Fatal("parse XUNKE_TEST_ELASTICSEARCH: not http://user:password@host:port")
	}
	password, _ := address.User.Password()
	return elastic.Options{Addresses: []string{elastic.PlainAddress(address.String())}, Username: address.User.Username(), Password: password}
}

// Elasticsearch opens the client of a configuration.
func Elasticsearch(t testing.TB, c config.Config) *elastic.Client {
	t.Helper()
	client, err := elastic.Open(elasticOptions(c))
	if err != nil {
		t.Fatalf("open Elasticsearch: %v", err)
	}
	t.Cleanup(client.Close)
	return client
}

func elasticOptions(c config.Config) elastic.Options {
	e := c.Elasticsearch
	return elastic.Options{Addresses: e.Addresses, Username: e.Username, Password: e.Password, APIKey: e.APIKey, CA: e.CA, Prefix: e.Prefix}
}

// Eventually asks until ok says true and fails the test with the last reason when the
// deadline passes first. It polls: what it waits for happens in another process.
func Eventually(t testing.TB, within time.Duration, what string, ok func() (bool, string)) {
	t.Helper()
	deadline := time.NewTimer(within)
	defer deadline.Stop()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		done, why := ok()
		if done {
			return
		}
		select {
		case <-tick.C:
		case <-deadline.C:
			t.Fatalf("%s: not within %s: %s", what, within, why)
		}
	}
}

func dropIndices(ctx context.Context, t testing.TB, client *elastic.Client) {
	t.Helper()
	var indices map[string]any
	if err := client.Do(ctx, "GET", "/"+client.Prefix+"-*?expand_wildcards=all", nil, &indices); err != nil {
		t.Errorf("list test indices: %v", err)
		return
	}
	for name := range indices {
		if err := client.Do(ctx, "DELETE", "/"+name, nil, nil); err != nil && !elastic.IsStatus(err, 404) {
			t.Errorf("drop test index %s: %v", name, err)
		}
	}
}

// dropKeys removes what is in Redis under a prefix. A Redis that does not answer any more
// is no failure of the test.
func dropKeys(ctx context.Context, t testing.TB, c config.Redis) {
	t.Helper()
	client := redis.NewUniversalClient(&redis.UniversalOptions{Addrs: c.Addresses, MaxRetries: -1, DisableIdentity: true})
	defer func() { _ = client.Close() }()
	keys := client.Scan(ctx, 0, "{"+c.Prefix+":*", 1000).Iterator()
	for keys.Next(ctx) {
		if err := client.Unlink(ctx, keys.Val()).Err(); err != nil {
			t.Errorf("drop test key: %v", err)
			return
		}
	}
}

func openRoot(t testing.TB, dsn string) *sql.DB {
	t.Helper()
	db, err := sql.Open("mysql", dsn)
	if err != nil {
		t.Fatalf("open MySQL: %v", err)
	}
	if err := db.PingContext(t.Context()); err != nil {
		t.Fatalf("reach MySQL: %v (`make dev` starts the servers)", err)
	}
	return db
}

// Exec runs statements one after the other and fails the test with the first that fails.
func Exec(t testing.TB, db *sql.DB, statements ...string) {
	t.Helper()
	for _, statement := range statements {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

func token(t testing.TB) string {
	t.Helper()
	b := make([]byte, 6)
	if _, err := rand.Read(b); err != nil {
		t.Fatal(err)
	}
	return hex.EncodeToString(b)
}

func serverID(t testing.TB) uint32 {
	t.Helper()
	b := make([]byte, 3)
	if _, err := rand.Read(b); err != nil {
		t.Fatal(err)
	}
	return 1<<24 | uint32(b[0])<<16 | uint32(b[1])<<8 | uint32(b[2])
}
