package verify_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/indexer"
	"github.com/xunke/xunke/internal/elastic/index"
	"github.com/xunke/xunke/internal/mysql/oracle"
	"github.com/xunke/xunke/internal/mysql/source"
	"github.com/xunke/xunke/internal/testenv/pipeline"
	"github.com/xunke/xunke/verify"
)

func TestMain(m *testing.M) { pipeline.Main(m) }

// harness is a catalogue, its indexer and a verifier on the real servers.
type harness struct {
	*pipeline.Pipeline
	v verify.Verifier
}

// newHarness makes the catalogue of seed.
func newHarness(t *testing.T) *harness {
	t.Helper()
	p := pipeline.New(t)
	for _, statement := range seed {
		p.Exec(statement)
	}
	return &harness{p, verify.Verifier{
		Oracle:  oracle.New(p.DB),
		Index:   index.NewLister(p.Client),
		Aliases: p.Deps.Indices,
		States:  index.NewStateStore(p.Client),
		Leader:  source.NewLease(p.DB, p.Config.Elasticsearch.Prefix),
		// Pages of three: every one of the small catalogues has several.
		Options: verify.Options{Batch: 3, StallTimeout: 30 * time.Second},
	}}
}

// index runs the indexer until everything serves, and on until Stop or the test's end.
func (h *harness) index() {
	h.T.Helper()
	h.Start()
	h.WaitUntilServing()
}

// changeSilently runs a statement that the binlog does not hear of: a change that is lost.
func (h *harness) changeSilently(statement string) {
	h.T.Helper()
	h.Session(h.T, pipeline.WithoutBinlog, statement)
}

// writeEvery is how often the statements of write are run.
const writeEvery = 25 * time.Millisecond

// write runs statements again and again, with a growing number in them, until the
// returned function is called. It returns once they have been run for the first time.
func (h *harness) write(statements ...string) (stop func()) {
	h.T.Helper()
	ctx, cancel := context.WithCancel(h.T.Context())
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
				if _, err := h.DB.ExecContext(ctx, s); err != nil && ctx.Err() == nil {
					h.T.Errorf("%s: %v", s, err)
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
	h.T.Helper()
	if err := h.Client.Do(h.T.Context(), method, path, body, nil); err != nil {
		h.T.Fatalf("%s %s: %v", method, path, err)
	}
}

func (h *harness) verify(kinds ...catalog.Kind) verify.Report {
	h.T.Helper()
	if len(kinds) == 0 {
		kinds = catalog.Kinds()
	}
	report, err := h.v.Run(h.T.Context(), kinds)
	if err != nil {
		h.T.Fatal(err)
	}
	return report
}

// equal fails the test with what differs.
func (h *harness) equal() verify.Report {
	h.T.Helper()
	report := h.verify()
	if !report.Equal || len(report.Differences) > 0 {
		for _, d := range report.Differences {
			h.T.Errorf("%s", d)
		}
		h.T.Fatalf("not equal: %+v", report)
	}
	return report
}

// repairs lets the verifier repair the way the command does.
func (h *harness) repairs() {
	h.v.Repairer = repairer{h}
}

type repairer struct{ h *harness }

func (r repairer) Repair(ctx context.Context, s indexer.State, keys []catalog.Key) error {
	return indexer.Repair(ctx, r.h.Deps, r.h.Options.BatchSize, s, keys)
}

func (r repairer) Advance(ctx context.Context) error {
	return r.h.Deps.Source.Mark(ctx, "repair", "test")
}
