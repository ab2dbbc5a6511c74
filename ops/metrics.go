package ops

import (
	"context"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/xunke/xunke/indexer"
)

// metricsAge is how old the figures of the index may be: however many ask for them, the
// servers are asked once in that time.
const metricsAge = 10 * time.Second

// Metrics are the figures of the index and of the indexer that a status has, read when
// they are asked for. What a server does not say is left out.
type Metrics struct {
	Status func(ctx context.Context) Status // bounds itself in time

	mu   sync.Mutex
	last Status
	read time.Time
}

var _ prometheus.Collector = (*Metrics)(nil)

// The figures of an installation. They are the same whichever API process is asked.
var (
	indexUnacked = prometheus.NewDesc("xunke_index_unacked_transactions",
		"Transactions that MySQL has committed and that are not in the index yet.", nil, nil)
	indexOldest = prometheus.NewDesc("xunke_index_oldest_unacked_seconds",
		"Time since the oldest of them was committed; 0 without any.", nil, nil)
	indexLeading = prometheus.NewDesc("xunke_index_leading",
		"1 if an indexer leads, 0 if none does.", nil, nil)
	indexFanOuts = prometheus.NewDesc("xunke_index_fan_outs",
		"Changes of an item that still have to be written to the documents of others.", nil, nil)
	indexParents = prometheus.NewDesc("xunke_index_parents",
		"Orgs and teachers whose sums over their courses are to be read again.", nil, nil)
	indexDeadLetters = prometheus.NewDesc("xunke_index_dead_letters",
		"Documents that Elasticsearch refused and nobody has dealt with.", nil, nil)
	indexDocuments = prometheus.NewDesc("xunke_index_documents",
		"Documents that searches may find, by kind.", []string{"kind"}, nil)
	indexDrift = prometheus.NewDesc("xunke_index_drift",
		"Documents that were not as their rows at the last comparison, repaired ones too, by kind.", []string{"kind"}, nil)
	indexReconciled = prometheus.NewDesc("xunke_index_reconciled_timestamp_seconds",
		"When documents and rows were last compared.", nil, nil)
	indexRecoveries = prometheus.NewDesc("xunke_index_recoveries_total",
		"How often the indexer could not simply go on and read everything again, by reason.", []string{"reason"}, nil)
	indexRecovering = prometheus.NewDesc("xunke_index_recovering",
		"1 while everything is read again, else 0.", nil, nil)
	indexEpoch = prometheus.NewDesc("xunke_index_epoch",
		"How many histories of MySQL were indexed.", nil, nil)
	mysqlWritable = prometheus.NewDesc("xunke_mysql_writable_servers",
		"Servers of MySQL that take writes; it ought to be 1.", nil, nil)
	indexNeedsReindex = prometheus.NewDesc("xunke_index_needs_reindex",
		"1 if the serving index has another mapping than the program, by kind.", []string{"kind"}, nil)
)

// Describe implements prometheus.Collector.
func (m *Metrics) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{indexUnacked, indexOldest, indexLeading, indexFanOuts, indexParents, indexDeadLetters, indexDocuments, indexNeedsReindex,
		indexDrift, indexReconciled, indexRecoveries, indexRecovering, indexEpoch, mysqlWritable,
		vectorsMissing, vectorsOldest, vectorsMade,
		indexFreshness, indexMissed, indexFound} {
		out <- d
	}
}

// Collect implements prometheus.Collector.
func (m *Metrics) Collect(out chan<- prometheus.Metric) {
	s := m.Recent()
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	if s.Lag.Transactions != nil {
		gauge(indexUnacked, float64(*s.Lag.Transactions))
	}
	if s.Lag.OldestAge != nil {
		gauge(indexOldest, *s.Lag.OldestAge)
	}
	if s.Leader.Leads != nil {
		gauge(indexLeading, oneIf(*s.Leader.Leads))
	}
	if s.DeadLetters != nil {
		gauge(indexDeadLetters, float64(*s.DeadLetters))
	}
	if !s.SavedAt.IsZero() {
		gauge(indexFanOuts, float64(len(s.FanOut)))
		gauge(indexParents, float64(s.Parents))
		gauge(indexEpoch, float64(s.Epoch))
		gauge(indexRecovering, oneIf(s.Recovery.Running()))
		for _, r := range indexer.Reasons() {
			// Those that never happened are there as well: only then an increase can be seen.
			out <- prometheus.MustNewConstMetric(indexRecoveries, prometheus.CounterValue, float64(s.Recoveries[r]), string(r))
		}
	}
	gauge(mysqlWritable, float64(len(s.Writable)))
	if s.Reconciled != nil {
		gauge(indexReconciled, float64(s.Reconciled.Finished.UnixMilli())/1000)
		for _, d := range s.Reconciled.Kinds {
			gauge(indexDrift, float64(d.Total()), string(d.Kind))
		}
	}
	if s.Vectors != nil {
		collectVectors(s.Vectors, out)
	}
	if s.Freshness != nil {
		s.Freshness.collect(out)
	}
	for _, k := range s.Kinds {
		if k.Documents != nil {
			gauge(indexDocuments, float64(*k.Documents), string(k.Kind))
		}
		if k.Mapping != 0 {
			gauge(indexNeedsReindex, oneIf(k.NeedsReindex), string(k.Kind))
		}
	}
}

func oneIf(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// Recent is the status of a moment ago. Those who ask at the same time wait for one answer.
func (m *Metrics) Recent() Status {
	m.mu.Lock()
	defer m.mu.Unlock()
	if time.Since(m.read) > metricsAge {
		// A collector has no context; Status bounds itself.
		m.last, m.read = m.Status(context.Background()), time.Now()
	}
	return m.last
}
