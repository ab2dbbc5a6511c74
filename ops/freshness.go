package ops

import (
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/xunke/xunke/indexer"
	"github.com/xunke/xunke/internal/progress"
)

// sentinelLost is how old the last row that a search found may be before people are told.
const sentinelLost = 2 * time.Minute

// Freshness is how long a change takes from its commit until a search finds it, in seconds.
type Freshness struct {
	Last     float64   `json:"last_seconds"`
	P50      float64   `json:"p50_seconds"` // of the recent ones
	P99      float64   `json:"p99_seconds"`
	Recent   int       `json:"recent"`         // how many those are
	Missed   uint64    `json:"missed"`         // given up, ever
	Found    time.Time `json:"found,omitzero"` // when the last was found
	FoundAge float64   `json:"found_age_seconds"`

	all *indexer.Freshness
}

// addFreshness adds what the indexer that leads, or that led last, has measured.
func (s *Status) addFreshness(f *indexer.Freshness) {
	if f == nil {
		return
	}
	s.Freshness = &Freshness{
		Last: f.Last(), P50: f.Quantile(0.5), P99: f.Quantile(0.99), Recent: len(f.Recent), Missed: f.Missed,
		Found: f.Found, FoundAge: time.Since(lastFound(f)).Seconds(), all: f,
	}
	if age := time.Since(lastFound(f)); age > sentinelLost {
		s.problem("searches have not found what was changed for %s (xunke explain, xunke doctor)", progress.Duration(age))
	}
}

// lastFound is when a search found the sentinel last, or when it was first looked for.
func lastFound(f *indexer.Freshness) time.Time {
	if f.Found.IsZero() {
		return f.Since
	}
	return f.Found
}

// String is the freshness in words.
func (f *Freshness) String() string {
	line := fmt.Sprintf("%.2f s from commit to search; of the last %d p50 %.2f s, p99 %.2f s", f.Last, f.Recent, f.P50, f.P99)
	if f.Missed > 0 {
		line += fmt.Sprintf(", %d missed ever", f.Missed)
	}
	if f.Found.IsZero() {
		return line + "; none was found"
	}
	return line + "; " + ago(f.Found) + " ago"
}

var (
	indexFreshness = prometheus.NewDesc("xunke_index_freshness_seconds",
		"Time from a commit in MySQL until a search finds it, of a row that is written for this; a missed one counts with the time after which it was given up.", nil, nil)
	indexMissed = prometheus.NewDesc("xunke_index_freshness_missed_total",
		"Rows that were written for this and not found in time.", nil, nil)
	indexFound = prometheus.NewDesc("xunke_index_freshness_found_timestamp_seconds",
		"When a search last found such a row.", nil, nil)
)

// collect gives the figures to Prometheus.
func (f *Freshness) collect(out chan<- prometheus.Metric) {
	bounds := indexer.FreshnessBuckets()
	buckets, n := make(map[float64]uint64, len(bounds)), uint64(0)
	for i, bound := range bounds {
		if i < len(f.all.Buckets) {
			n += f.all.Buckets[i]
		}
		buckets[bound] = n
	}
	out <- prometheus.MustNewConstHistogram(indexFreshness, f.all.Count, f.all.Sum, buckets)
	out <- prometheus.MustNewConstMetric(indexMissed, prometheus.CounterValue, float64(f.all.Missed))
	out <- prometheus.MustNewConstMetric(indexFound, prometheus.GaugeValue, float64(lastFound(f.all).UnixMilli())/1000)
}
