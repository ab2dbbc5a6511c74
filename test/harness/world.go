package harness

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

// World is an installation of a test's own: a database, indices and Redis keys that
// nobody else uses, and the processes that work on them.
type World struct {
	T      *testing.T
	Config config.Config
	DB     *sql.DB         // what the tests change, as an application would
	Client *elastic.Client // what the tests look into, besides the processes
	env    []string
}

// New makes an installation with an up-to-date schema.
func New(t *testing.T) *World {
	t.Helper()
	w := Empty(t)
	w.Must("migrate")
	return w
}

// Empty makes an installation whose database has no tables.
func Empty(t *testing.T) *World {
	t.Helper()
	w := &World{T: t, Config: testenv.Config(t)}
	w.env = os.Environ() // with what testenv has set
	ctx, cancel := context.WithTimeout(context.Background(), Patience)
	defer cancel()
	pool, err := mysql.Open(ctx, w.Config.MySQL.DSN)
	if err != nil {
		t.Fatalf("open the test's database: %v", err)
	}
	w.DB = pool.Write
	t.Cleanup(func() { _ = pool.Close() })
	w.Client = testenv.Elasticsearch(t, w.Config)
	t.Cleanup(w.forgetRedis)
	return w
}

// On is the same installation for a subtest.
func (w *World) On(t *testing.T) *World {
	c := *w
	c.T = t
	return &c
}

// forgetRedis removes the keys of the installation.
func (w *World) forgetRedis() {
	ctx, cancel := context.WithTimeout(context.Background(), Patience)
	defer cancel()
	client := redis.NewClient(&redis.Options{Addr: w.Config.Redis.Addresses[0]})
	defer func() { _ = client.Close() }()
	keys := client.Scan(ctx, 0, "*"+w.Config.Redis.Prefix+"*", 1000).Iterator()
	for keys.Next(ctx) {
		client.Unlink(ctx, keys.Val())
	}
	if err := keys.Err(); err != nil {
		w.T.Errorf("remove the test's Redis keys: %v", err)
	}
}

// Environment is that of a process: settings are names of the environment without
// XUNKE_ and their values. Each process has a run_dir of its own.
func (w *World) Environment(settings ...string) []string {
	w.T.Helper()
	env := slices.Clone(w.env)
	set := func(name, value string) {
		env = slices.DeleteFunc(env, func(e string) bool { return strings.HasPrefix(e, "XUNKE_"+name+"=") })
		env = append(env, "XUNKE_"+name+"="+value)
	}
	set("RUN_DIR", w.T.TempDir())
	set("API_LISTEN", "127.0.0.1:0")
	set("INDEXER_SUMS_EVERY", "100ms")  // tests wait for them
	set("INDEXER_SENTINEL_EVERY", "0")  // tests count what is written
	set("INDEXER_RECONCILE_EVERY", "0") // it would mend what these tests look for
	for i := 0; i+1 < len(settings); i += 2 {
		set(settings[i], settings[i+1])
	}
	return env
}

// Start starts a command that goes on running.
func (w *World) Start(name string, settings []string, args ...string) *Process {
	w.T.Helper()
	return startProcess(w.T, name, w.Environment(settings...), args...)
}

// StartIndexer starts an indexer that reaches Elasticsearch through a link (nil: directly).
func (w *World) StartIndexer(name string, l *Link) *Process {
	w.T.Helper()
	var settings []string
	if l != nil {
		settings = append(settings, "ELASTICSEARCH_ADDRESSES", l.URL)
	}
	return w.Start(name, append(settings, "INDEXER_BATCH_SIZE", "100"), "index")
}

// Run runs a command to its end.
func (w *World) Run(args ...string) Result {
	w.T.Helper()
	return w.Start("xunke "+strings.Join(args, " "), nil, args...).Result()
}

// Must runs a command that has to end well.
func (w *World) Must(args ...string) Result {
	w.T.Helper()
	r := w.Run(args...)
	if r.Status != 0 {
		w.T.Fatalf("xunke %s: %s", strings.Join(args, " "), r)
	}
	return r
}

// Exec runs a statement and returns the id of the row that it made, if it made one.
func (w *World) Exec(statement string, args ...any) int64 {
	w.T.Helper()
	res, err := w.DB.ExecContext(w.T.Context(), statement, args...)
	if err != nil {
		w.T.Fatalf("%s: %v", statement, err)
	}
	id, err := res.LastInsertId()
	if err != nil {
		w.T.Fatal(err)
	}
	return id
}

// One returns the single value that a query yields.
func One[T any](w *World, query string, args ...any) T {
	w.T.Helper()
	var v T
	if err := w.DB.QueryRowContext(w.T.Context(), query, args...).Scan(&v); err != nil {
		w.T.Fatalf("%s: %v", query, err)
	}
	return v
}

// WriteLines writes a file of lines and returns its path.
func (w *World) WriteLines(name string, lines []string) string {
	w.T.Helper()
	path := filepath.Join(w.T.TempDir(), name)
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		w.T.Fatal(err)
	}
	return path
}

// deadline is a channel that yields when Patience has run out.
func deadline(t *testing.T) <-chan time.Time {
	t.Helper()
	timer := time.NewTimer(Patience)
	t.Cleanup(func() { timer.Stop() })
	return timer.C
}

func marks(n int) string { return strings.TrimSuffix(strings.Repeat("?, ", n), ", ") }

// Eventually waits for something that a process is to bring about.
func (w *World) Eventually(what string, ok func() (bool, string)) {
	w.T.Helper()
	testenv.Eventually(w.T, Patience, what, ok)
}

// Equals is a check for eventually.
func Equals[T comparable](got, want T) (bool, string) {
	return got == want, fmt.Sprintf("got %v and want %v", got, want)
}
