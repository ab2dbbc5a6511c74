package ops

import (
	"context"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/indexer"
)

func TestIndexMetrics(t *testing.T) {
	asked := 0
	letters, documents, leads, transactions, age := int64(2), int64(7), false, uint64(3), 1.5
	m := &Metrics{Status: func(context.Context) Status {
		asked++
		s := Status{DeadLetters: &letters, Kinds: []KindStatus{
			{Kind: catalog.KindCourse, Documents: &documents, Mapping: 1, NeedsReindex: true},
			{Kind: catalog.KindOrg}, // nothing is known of it
		}, Reconciled: &indexer.Reconciled{Finished: time.Unix(1700000000, 0), Kinds: []indexer.Drift{
			{Kind: catalog.KindCourse, Missing: 1, Surplus: 2, Different: 3, Repaired: 6},
		}}}
		s.SavedAt, s.Epoch, s.Writable = time.Unix(1700000000, 0), 3, []string{"a"}
		s.Recovery = &indexer.Recovery{Reason: indexer.ReasonServer}
		s.Recoveries = map[indexer.Reason]int64{indexer.ReasonServer: 2}
		s.addFreshness(&indexer.Freshness{
			Found: time.Unix(1700000000, 0), Recent: []float64{0.15, 60}, Buckets: []uint64{0, 0, 1}, Count: 2, Sum: 60.15, Missed: 1,
		})
		s.Leader.Leads, s.Lag = &leads, LagStatus{Transactions: &transactions, OldestAge: &age}
		return s
	}}
	registry := prometheus.NewRegistry()
	if err := registry.Register(m); err != nil {
		t.Fatal(err)
	}
	const want = `# HELP xunke_index_dead_letters Documents that Elasticsearch refused and nobody has dealt with.
# TYPE xunke_index_dead_letters gauge
xunke_index_dead_letters 2
# HELP xunke_index_documents Documents that searches may find, by kind.
# TYPE xunke_index_documents gauge
xunke_index_documents{kind="course"} 7
# HELP xunke_index_drift Documents that were not as their rows at the last comparison, repaired ones too, by kind.
# TYPE xunke_index_drift gauge
xunke_index_drift{kind="course"} 6
# HELP xunke_index_epoch How many histories of MySQL were indexed.
# TYPE xunke_index_epoch gauge
xunke_index_epoch 3
# HELP xunke_index_fan_outs Changes of an item that still have to be written to the documents of others.
# TYPE xunke_index_fan_outs gauge
xunke_index_fan_outs 0
# HELP xunke_index_freshness_found_timestamp_seconds When a search last found such a row.
# TYPE xunke_index_freshness_found_timestamp_seconds gauge
xunke_index_freshness_found_timestamp_seconds 1.7e+09
# HELP xunke_index_freshness_missed_total Rows that were written for this and not found in time.
# TYPE xunke_index_freshness_missed_total counter
xunke_index_freshness_missed_total 1
# HELP xunke_index_freshness_seconds Time from a commit in MySQL until a search finds it, of a row that is written for this; a missed one counts with the time after which it was given up.
# TYPE xunke_index_freshness_seconds histogram
xunke_index_freshness_seconds_bucket{le="0.05"} 0
xunke_index_freshness_seconds_bucket{le="0.1"} 0
xunke_index_freshness_seconds_bucket{le="0.2"} 1
xunke_index_freshness_seconds_bucket{le="0.3"} 1
xunke_index_freshness_seconds_bucket{le="0.4"} 1
xunke_index_freshness_seconds_bucket{le="0.5"} 1
xunke_index_freshness_seconds_bucket{le="0.6"} 1
xunke_index_freshness_seconds_bucket{le="0.8"} 1
xunke_index_freshness_seconds_bucket{le="1"} 1
xunke_index_freshness_seconds_bucket{le="1.5"} 1
xunke_index_freshness_seconds_bucket{le="2"} 1
xunke_index_freshness_seconds_bucket{le="3"} 1
xunke_index_freshness_seconds_bucket{le="5"} 1
xunke_index_freshness_seconds_bucket{le="10"} 1
xunke_index_freshness_seconds_bucket{le="20"} 1
xunke_index_freshness_seconds_bucket{le="30"} 1
xunke_index_freshness_seconds_bucket{le="+Inf"} 2
xunke_index_freshness_seconds_sum 60.15
xunke_index_freshness_seconds_count 2
# HELP xunke_index_leading 1 if an indexer leads, 0 if none does.
# TYPE xunke_index_leading gauge
xunke_index_leading 0
# HELP xunke_index_needs_reindex 1 if the serving index has another mapping than the program, by kind.
# TYPE xunke_index_needs_reindex gauge
xunke_index_needs_reindex{kind="course"} 1
# HELP xunke_index_oldest_unacked_seconds Time since the oldest of them was committed; 0 without any.
# TYPE xunke_index_oldest_unacked_seconds gauge
xunke_index_oldest_unacked_seconds 1.5
# HELP xunke_index_parents Orgs and teachers whose sums over their courses are to be read again.
# TYPE xunke_index_parents gauge
xunke_index_parents 0
# HELP xunke_index_reconciled_timestamp_seconds When documents and rows were last compared.
# TYPE xunke_index_reconciled_timestamp_seconds gauge
xunke_index_reconciled_timestamp_seconds 1.7e+09
# HELP xunke_index_recoveries_total How often the indexer could not simply go on and read everything again, by reason.
# TYPE xunke_index_recoveries_total counter
xunke_index_recoveries_total{reason="checkpoint"} 0
xunke_index_recoveries_total{reason="definition"} 0
xunke_index_recoveries_total{reason="index"} 0
xunke_index_recoveries_total{reason="lost"} 0
xunke_index_recoveries_total{reason="purged"} 0
xunke_index_recoveries_total{reason="rewritten"} 0
xunke_index_recoveries_total{reason="server"} 2
xunke_index_recoveries_total{reason="unlogged"} 0
xunke_index_recoveries_total{reason="unsigned"} 0
# HELP xunke_index_recovering 1 while everything is read again, else 0.
# TYPE xunke_index_recovering gauge
xunke_index_recovering 1
# HELP xunke_index_unacked_transactions Transactions that MySQL has committed and that are not in the index yet.
# TYPE xunke_index_unacked_transactions gauge
xunke_index_unacked_transactions 3
# HELP xunke_mysql_writable_servers Servers of MySQL that take writes; it ought to be 1.
# TYPE xunke_mysql_writable_servers gauge
xunke_mysql_writable_servers 1
`
	for range 2 {
		answer := httptest.NewRecorder()
		promhttp.HandlerFor(registry, promhttp.HandlerOpts{}).ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), "GET", "/metrics", nil))
		if got := answer.Body.String(); got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
	}
	if asked != 1 {
		t.Errorf("the servers were asked %d times within a moment", asked)
	}
}

// TestAlertsAskForWhatIsMeasured checks that the figures in the alert rules exist.
func TestAlertsAskForWhatIsMeasured(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join("..", "docker", "prometheus", "xunke.rules.yml"))
	if err != nil {
		t.Fatal(err)
	}
	api, err := os.ReadFile(filepath.Join("..", "docs", "API.md"))
	if err != nil {
		t.Fatal(err)
	}
	described := make(chan *prometheus.Desc, 100)
	(&Metrics{}).Describe(described)
	close(described)
	known := string(api)
	for d := range described {
		if name := regexp.MustCompile(`xunke_\w+`).FindString(d.String()); !strings.Contains(known, "`"+name+"`") {
			t.Errorf("docs/API.md does not list %s", name)
		}
	}
	names := regexp.MustCompile(`xunke_\w+`).FindAllString(string(raw), -1)
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		name = strings.TrimSuffix(name, "_bucket") // of a histogram
		if !strings.Contains(known, "`"+name+"`") {
			t.Errorf("a rule asks for %s, which docs/API.md does not list", name)
		}
	}
	if len(names) < 8 {
		t.Errorf("the rules ask for %v only", names)
	}
}
