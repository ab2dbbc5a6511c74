package verify_test

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	driver "github.com/go-sql-driver/mysql"
	"go.uber.org/goleak"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/indexer"
	"github.com/xunke/xunke/internal/elastic"
	"github.com/xunke/xunke/internal/elastic/index"
	"github.com/xunke/xunke/internal/mysql/oracle"
	"github.com/xunke/xunke/internal/mysql/source"
	"github.com/xunke/xunke/internal/testenv"
	"github.com/xunke/xunke/mappings"
	"github.com/xunke/xunke/verify"
)

func TestMain(m *testing.M) {
	// canal keeps a ticker goroutine of its parser's package for the life of the process.
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("github.com/golang/glog.(*fileSink).flushDaemon"))
}

const patience = 90 * time.Second

// harness is a catalogue, its indexer and a verifier on the real servers.
type harness struct {
	t       *testing.T
	db      *sql.DB
	client  *elastic.Client
	deps    indexer.Deps
	options indexer.Options
	lease   *source.Lease
	v       verify.Verifier
}

// newHarness seeds a catalogue; change may put something else in the indexer's place.
func newHarness(t *testing.T, change ...func(*indexer.Deps)) *harness {
	t.Helper()
	c := testenv.Config(t)
	pool := testenv.Pool(t, c)
	db := pool.Write
	client := testenv.Elasticsearch(t, c)
	dsn, err := driver.ParseDSN(c.MySQL.DSN)
	if err != nil {
		t.Fatal(err)
	}
	h := &harness{t: t, db: db, client: client, lease: source.NewLease(db, c.Elasticsearch.Prefix)}
	host := source.ReplicaHost(dsn.DBName, c.Elasticsearch.Prefix)
	h.deps = indexer.Deps{
		Reader:   source.NewReader(db, c.Elasticsearch.Prefix),
		Source:   source.New(pool, pool, host, slog.New(slog.DiscardHandler)),
		Lease:    h.lease,
		Requests: source.NewRequests(db),
		Writer:   index.NewWriter(client),
		Indices:  index.NewIndices(client, mappings.Options{Shards: c.Elasticsearch.Shards, Replicas: c.Elasticsearch.Replicas, Refresh: 100 * time.Millisecond}),
		Lister:   index.NewLister(client),
		States:   func() indexer.StateStore { return index.NewStateStore(client) },
		Log:      slog.New(slog.NewTextHandler(testWriter{t}, &slog.HandlerOptions{Level: slog.LevelWarn})),
	}
	for _, f := range change {
		f(&h.deps)
	}
	h.options = indexer.Options{
		Stream:    indexer.StreamOptions{DSN: c.MySQL.DSN, ServerID: c.Indexer.ServerID, Host: host},
		BatchSize: 500,
		Grace:     time.Hour,
	}
	h.v = verify.Verifier{
		Oracle:  oracle.New(db),
		Index:   index.NewLister(client),
		Aliases: h.deps.Indices,
		States:  index.NewStateStore(client),
		Leader:  h.lease,
		// Pages of three: every one of the small catalogues has several.
		Options: verify.Options{Batch: 3, Patience: 30 * time.Second},
	}
	for _, statement := range seed {
		h.exec(statement)
	}
	return h
}

type testWriter struct{ t *testing.T }

func (w testWriter) Write(p []byte) (int, error) {
	w.t.Logf("%s", strings.TrimSpace(string(p)))
	return len(p), nil
}

// index runs the indexer until everything serves, and on until the test ends or the
// returned function is called.
func (h *harness) index() (stop func()) {
	h.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- indexer.Run(ctx, h.deps, h.options) }()
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-ended; err != nil {
			h.t.Errorf("indexer: %v", err)
		}
	}
	h.t.Cleanup(stop)
	testenv.Eventually(h.t, patience, "indices", func() (bool, string) {
		serving, err := h.deps.Indices.Serving(h.t.Context())
		return err == nil && len(serving) == len(catalog.Kinds()), fmt.Sprintf("serving: %v, %v", serving, err)
	})
	return stop
}

func (h *harness) exec(statement string, args ...any) {
	h.t.Helper()
	if _, err := h.db.ExecContext(h.t.Context(), statement, args...); err != nil {
		h.t.Fatalf("%s: %v", statement, err)
	}
}

// silently runs a statement that the binlog does not hear of: a change that is lost.
func (h *harness) silently(statement string) {
	h.t.Helper()
	conn, err := h.db.Conn(h.t.Context())
	if err != nil {
		h.t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	for _, s := range []string{"SET SESSION sql_log_bin = 0", statement, "SET SESSION sql_log_bin = 1"} {
		if _, err := conn.ExecContext(h.t.Context(), s); err != nil {
			h.t.Fatalf("%s: %v", s, err)
		}
	}
}

// writeEvery is how often the statements of write are run.
const writeEvery = 25 * time.Millisecond

// write runs statements again and again, with a growing number in them, until the
// returned function is called. It returns once they have been run for the first time.
func (h *harness) write(statements ...string) (stop func()) {
	h.t.Helper()
	ctx, cancel := context.WithCancel(h.t.Context())
	var writer sync.WaitGroup
	begun := make(chan struct{})
	writer.Go(func() {
		tick := time.NewTicker(writeEvery)
		defer tick.Stop()
		for n := 0; ; n++ {
			for _, s := range statements {
				if strings.Contains(s, "%") {
					s = fmt.Sprintf(s, n)
				}
				if _, err := h.db.ExecContext(ctx, s); err != nil && ctx.Err() == nil {
					h.t.Errorf("%s: %v", s, err)
				}
			}
			if n == 0 {
				close(begun)
			}
			select {
			case <-tick.C:
			case <-ctx.Done():
				return
			}
		}
	})
	<-begun
	return func() {
		cancel()
		writer.Wait()
	}
}

// tamper changes the index behind the indexer's back.
func (h *harness) tamper(method, path string, body any) {
	h.t.Helper()
	if err := h.client.Do(h.t.Context(), method, path, body, nil); err != nil {
		h.t.Fatalf("%s %s: %v", method, path, err)
	}
}

func (h *harness) verify(kinds ...catalog.Kind) verify.Report {
	h.t.Helper()
	if len(kinds) == 0 {
		kinds = catalog.Kinds()
	}
	report, err := h.v.Run(h.t.Context(), kinds)
	if err != nil {
		h.t.Fatal(err)
	}
	return report
}

// equal fails the test with what differs.
func (h *harness) equal() verify.Report {
	h.t.Helper()
	report := h.verify()
	if !report.Equal || len(report.Differences) > 0 {
		for _, d := range report.Differences {
			h.t.Errorf("%s", d)
		}
		h.t.Fatalf("not equal: %+v", report)
	}
	return report
}

// repairs lets the verifier repair the way the command does.
func (h *harness) repairs() {
	h.v.Repairer = repairer{h}
}

type repairer struct{ h *harness }

func (r repairer) Repair(ctx context.Context, s indexer.State, keys []catalog.Key) error {
	return indexer.Repair(ctx, r.h.deps, r.h.options.BatchSize, s, keys)
}

func (r repairer) Advance(ctx context.Context) error {
	return r.h.deps.Source.Mark(ctx, "repair", "test")
}
