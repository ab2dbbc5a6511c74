// Package pipeline gives tests an indexer on the real servers, put together as the command
// does it and run in the test's own process, so that a test can put something else in the
// place of a part. Tests of the built program use test/harness.
package pipeline

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	mysqldriver "github.com/go-sql-driver/mysql"
	"go.uber.org/goleak"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/indexer"
	"github.com/xunke/xunke/internal/config"
	"github.com/xunke/xunke/internal/elastic"
	"github.com/xunke/xunke/internal/elastic/index"
	"github.com/xunke/xunke/internal/mysql"
	"github.com/xunke/xunke/internal/mysql/source"
	"github.com/xunke/xunke/internal/testenv"
	"github.com/xunke/xunke/mappings"
)

// Timeout is how long any one thing may take. It is for machines that are busy with
// something else.
const Timeout = 90 * time.Second

// Pipeline is an indexer with a database and indices of its own. What is changed of Deps
// and Options counts from the next Start on.
type Pipeline struct {
	T       *testing.T
	Config  config.Config
	Pool    *mysql.Pool
	DB      *sql.DB // the pool's connections
	Client  *elastic.Client
	Deps    indexer.Deps
	Options indexer.Options
	stop    func()
}

// Main runs the tests of a package and fails if they leave goroutines behind.
func Main(m *testing.M) {
	// canal keeps a ticker goroutine of its parser's package for the life of the process.
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("github.com/golang/glog.(*fileSink).flushDaemon"))
}

// New makes a pipeline with an empty catalogue. The indexer is not started.
func New(t *testing.T) *Pipeline {
	t.Helper()
	return NewOf(t, testenv.Config(t))
}

// NewOf makes a pipeline of a configuration of testenv's.
func NewOf(t *testing.T, c config.Config) *Pipeline {
	t.Helper()
	pool := testenv.Pool(t, c)
	db := pool.Write
	client := testenv.Elasticsearch(t, c)
	dsn, err := mysqldriver.ParseDSN(c.MySQL.DSN)
	if err != nil {
		t.Fatal("parse the test's DSN: not a DSN")
	}
	prefix := c.Elasticsearch.Prefix
	host := source.ReplicaHost(dsn.DBName, prefix)
	return &Pipeline{
		T: t, Config: c, Pool: pool, DB: db, Client: client, stop: func() {},
		Deps: indexer.Deps{
			Reader:   source.NewReader(db, prefix),
			Source:   source.New(pool, pool, host, slog.New(slog.DiscardHandler)),
			Lease:    source.NewLease(db, prefix),
			Requests: source.NewRequests(db),
			Writer:   index.NewWriter(client),
			Indices:  index.NewIndices(client, mappings.Options{Shards: c.Elasticsearch.Shards, Replicas: c.Elasticsearch.Replicas, Refresh: 100 * time.Millisecond}),
			Lister:   index.NewLister(client),
			States:   func() indexer.StateStore { return index.NewStateStore(client) },
			Log:      slog.New(slog.NewTextHandler(t.Output(), nil)),
		},
		Options: indexer.Options{
			Stream:    indexer.StreamOptions{DSN: c.MySQL.DSN, ServerID: c.Indexer.ServerID, Host: host},
			BatchSize: 500,
			Grace:     time.Hour,
			SumsEvery: 20 * time.Millisecond,
		},
	}
}

// Another is a second indexer of the same installation, which is not started.
func (p *Pipeline) Another() *Pipeline {
	other := *p
	other.stop = func() {}
	return &other
}

// Start runs the indexer until Stop or the test's end.
func (p *Pipeline) Start() {
	p.T.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	deps, options := p.Deps, p.Options
	go func() { ended <- indexer.Run(ctx, deps, options) }()
	p.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			p.T.Errorf("indexer: %v", err)
		}
	})
	p.T.Cleanup(p.stop)
}

// Stop ends the indexer and waits until it has ended.
func (p *Pipeline) Stop() {
	p.T.Helper()
	p.stop()
}

// Exec runs a statement and returns the id of the row that it made, 0 if it made none.
func (p *Pipeline) Exec(statement string, args ...any) int64 {
	p.T.Helper()
	result, err := p.DB.ExecContext(p.T.Context(), statement, args...)
	if err != nil {
		p.T.Fatalf("%s: %v", statement, err)
	}
	id, err := result.LastInsertId()
	if err != nil {
		p.T.Fatal(err)
	}
	return id
}

// Session runs statements on a connection of their own and returns a function that runs
// more of them there. The connection ends with t, and so does what was set in it.
func (p *Pipeline) Session(t *testing.T, statements ...string) (run func(statement string, args ...any)) {
	t.Helper()
	conn, err := p.DB.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Raw(func(any) error { return driver.ErrBadConn }) })
	run = func(statement string, args ...any) {
		t.Helper()
		if _, err := conn.ExecContext(t.Context(), statement, args...); err != nil {
			t.Fatalf("%.200s: %v", statement, err)
		}
	}
	for _, s := range statements {
		run(s)
	}
	return run
}

// WithoutBinlog is a statement for the beginning of a Session whose changes the indexer
// does not hear of.
const WithoutBinlog = `SET SESSION sql_log_bin = 0`

// State is the indexer's saved state.
func (p *Pipeline) State() (s indexer.State) {
	p.T.Helper()
	testenv.Eventually(p.T, Timeout, "the state", func() (bool, string) {
		var err error
		s, err = index.NewStateStore(p.Client).LoadState(p.T.Context())
		return err == nil, fmt.Sprint(err) // its index may just be coming up
	})
	return s
}

// ExecutedSet is the set of all transactions that MySQL has executed.
func (p *Pipeline) ExecutedSet() (set string) {
	p.T.Helper()
	if err := p.DB.QueryRowContext(p.T.Context(), `SELECT @@GLOBAL.gtid_executed`).Scan(&set); err != nil {
		p.T.Fatal(err)
	}
	return set
}

// WaitUntilServing waits until there is an index of each kind that serves.
func (p *Pipeline) WaitUntilServing() {
	p.T.Helper()
	testenv.Eventually(p.T, Timeout, "indices", func() (bool, string) {
		serving, err := p.Deps.Indices.Serving(p.T.Context())
		return err == nil && len(serving) == len(catalog.Kinds()), fmt.Sprintf("serving: %v, %v", serving, err)
	})
}

// WaitUntilIndexed waits until all that is committed is acknowledged in the saved state,
// with what it fans out to, and returns that state.
func (p *Pipeline) WaitUntilIndexed() (s indexer.State) {
	p.T.Helper()
	executed := p.ExecutedSet()
	testenv.Eventually(p.T, Timeout, "everything is in the index", func() (bool, string) {
		s = p.State()
		var lacks string
		if err := p.DB.QueryRowContext(p.T.Context(), `SELECT GTID_SUBTRACT(?, ?)`, executed, s.Acked).Scan(&lacks); err != nil {
			p.T.Fatal(err)
		}
		return lacks == "" && len(s.FanOut) == 0 && s.Parents.Len() == 0,
			fmt.Sprintf("%q is not acknowledged, waiting to fan out: %v, waiting for their sums: %v", lacks, s.FanOut, s.Parents)
	})
	return s
}
