package e2e

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/xunke/xunke/internal/config"
	"github.com/xunke/xunke/internal/elastic"
	"github.com/xunke/xunke/internal/mysql"
	"github.com/xunke/xunke/internal/testenv"
)

// world is an installation of a test's own: a database, indices and Redis keys that
// nobody else uses, and the processes that work on them.
type world struct {
	t      *testing.T
	config config.Config
	db     *sql.DB         // what the tests change, as an application would
	client *elastic.Client // what the tests look into, besides the processes
	env    []string
}

// newWorld makes an installation with an up-to-date schema.
func newWorld(t *testing.T) *world {
	t.Helper()
	w := emptyWorld(t)
	w.must("migrate")
	return w
}

// emptyWorld makes an installation whose database has no tables.
func emptyWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, config: testenv.Config(t)}
	w.env = os.Environ() // with what testenv has set
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	var err error
	if w.db, err = mysql.Open(ctx, w.config.MySQL.DSN); err != nil {
		t.Fatalf("open the test's database: %v", err)
	}
	t.Cleanup(func() { _ = w.db.Close() })
	w.client = testenv.Elasticsearch(t, w.config)
	t.Cleanup(w.forgetRedis)
	return w
}

// on is the same installation for a subtest.
func (w *world) on(t *testing.T) *world {
	c := *w
	c.t = t
	return &c
}

// forgetRedis removes the keys of the installation.
func (w *world) forgetRedis() {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	client := redis.NewClient(&redis.Options{Addr: w.config.Redis.Addresses[0]})
	defer func() { _ = client.Close() }()
	keys := client.Scan(ctx, 0, "*"+w.config.Redis.Prefix+"*", 1000).Iterator()
	for keys.Next(ctx) {
		client.Unlink(ctx, keys.Val())
	}
	if err := keys.Err(); err != nil {
		w.t.Errorf("remove the test's Redis keys: %v", err)
	}
}

// environment is that of a process: settings are names of the environment without
// XUNKE_ and their values. Each process has a run_dir of its own.
func (w *world) environment(settings ...string) []string {
	w.t.Helper()
	env := slices.Clone(w.env)
	set := func(name, value string) {
		env = slices.DeleteFunc(env, func(e string) bool { return strings.HasPrefix(e, "XUNKE_"+name+"=") })
		env = append(env, "XUNKE_"+name+"="+value)
	}
	set("RUN_DIR", w.t.TempDir())
	set("API_LISTEN", "127.0.0.1:0")
	for i := 0; i+1 < len(settings); i += 2 {
		set(settings[i], settings[i+1])
	}
	return env
}

// start starts a command that goes on running.
func (w *world) start(name string, settings []string, args ...string) *process {
	w.t.Helper()
	return startProcess(w.t, name, w.environment(settings...), args...)
}

// startIndexer starts an indexer that reaches Elasticsearch through a link (nil: directly).
func (w *world) startIndexer(name string, l *link) *process {
	w.t.Helper()
	var settings []string
	if l != nil {
		settings = append(settings, "ELASTICSEARCH_ADDRESSES", l.url)
	}
	return w.start(name, append(settings, "INDEXER_BATCH_SIZE", "100"), "index")
}

// run runs a command to its end.
func (w *world) run(args ...string) result {
	w.t.Helper()
	return w.start("xunke "+strings.Join(args, " "), nil, args...).result()
}

// must runs a command that has to end well.
func (w *world) must(args ...string) result {
	w.t.Helper()
	r := w.run(args...)
	if r.status != 0 {
		w.t.Fatalf("xunke %s: %s", strings.Join(args, " "), r)
	}
	return r
}

// exec runs a statement and returns the id of the row that it made, if it made one.
func (w *world) exec(statement string, args ...any) int64 {
	w.t.Helper()
	res, err := w.db.ExecContext(w.t.Context(), statement, args...)
	if err != nil {
		w.t.Fatalf("%s: %v", statement, err)
	}
	id, err := res.LastInsertId()
	if err != nil {
		w.t.Fatal(err)
	}
	return id
}

// one returns the single value that a query yields.
func one[T any](w *world, query string, args ...any) T {
	w.t.Helper()
	var v T
	if err := w.db.QueryRowContext(w.t.Context(), query, args...).Scan(&v); err != nil {
		w.t.Fatalf("%s: %v", query, err)
	}
	return v
}

// write writes a file of lines and returns its path.
func (w *world) write(name string, lines []string) string {
	w.t.Helper()
	path := filepath.Join(w.t.TempDir(), name)
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		w.t.Fatal(err)
	}
	return path
}

// deadline is a channel that yields when patience has run out.
func deadline(t *testing.T) <-chan time.Time {
	t.Helper()
	timer := time.NewTimer(patience)
	t.Cleanup(func() { timer.Stop() })
	return timer.C
}

func marks(n int) string { return strings.TrimSuffix(strings.Repeat("?, ", n), ", ") }

// eventually waits for something that a process is to bring about.
func (w *world) eventually(what string, ok func() (bool, string)) {
	w.t.Helper()
	testenv.Eventually(w.t, patience, what, ok)
}

// equals is a check for eventually.
func equals[T comparable](got, want T) (bool, string) {
	return got == want, fmt.Sprintf("got %v and want %v", got, want)
}
