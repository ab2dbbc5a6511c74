package main

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"
)

// report is everything that was measured in one run. A part that was not measured is null.
type report struct {
	Began        time.Time            `json:"began"`
	Seconds      float64              `json:"seconds"`
	Machine      machine              `json:"machine"`
	Courses      int                  `json:"courses"`
	DemoSeconds  float64              `json:"demo_seconds"`
	FirstSeconds float64              `json:"first_index_seconds"` // from the indexer's start until all kinds serve
	Freshness    *freshnessFigures    `json:"freshness"`
	FanOut       *fanOutFigures       `json:"fan_out"`
	Search       *searchFigures       `json:"search"`
	Alternatives *alternativesFigures `json:"alternatives"`
	Repeated     *repeatedFigures     `json:"repeated"`
	Rankings     *rankingsFigures     `json:"rankings"`
	Meaning      *meaningFigures      `json:"meaning"`
	Growth       *growthFigures       `json:"growth"`
	Reindex      *reindexFigures      `json:"reindex"`
	Burst        *burstFigures        `json:"burst"`
}

// machine tells what the figures were taken on and how busy it was with other things.
type machine struct {
	CPUs          int    `json:"cpus"`
	LoadBefore    string `json:"load_before"`
	LoadAfter     string `json:"load_after"`
	MySQL         string `json:"mysql"`
	Durability    string `json:"mysql_durability"`
	Elasticsearch string `json:"elasticsearch"`
	HeapBytes     int64  `json:"elasticsearch_heap_bytes"`
}

func (i *installation) machine(ctx context.Context) (machine, error) {
	m := machine{CPUs: runtime.NumCPU(), LoadBefore: loadAverage()}
	err := i.db.QueryRowContext(ctx, `SELECT VERSION(), CONCAT('sync_binlog=', @@GLOBAL.sync_binlog,
		' innodb_flush_log_at_trx_commit=', @@GLOBAL.innodb_flush_log_at_trx_commit)`).Scan(&m.MySQL, &m.Durability)
	if err != nil {
		return m, fmt.Errorf("ask MySQL for its version: %w", err)
	}
	var root struct {
		Version struct {
			Number string `json:"number"`
		} `json:"version"`
	}
	if err := i.client.Do(ctx, "GET", "/", nil, &root); err != nil {
		return m, err
	}
	m.Elasticsearch = root.Version.Number
	var nodes struct {
		Nodes map[string]struct {
			JVM struct {
				Mem struct {
					Max int64 `json:"heap_max_in_bytes"`
				} `json:"mem"`
			} `json:"jvm"`
		} `json:"nodes"`
	}
	if err := i.client.Do(ctx, "GET", "/_nodes/stats/jvm?filter_path=nodes.*.jvm.mem.heap_max_in_bytes", nil, &nodes); err != nil {
		return m, err
	}
	for _, n := range nodes.Nodes {
		m.HeapBytes += n.JVM.Mem.Max
	}
	return m, nil
}

// loadAverage is the kernel's, "?" where it has none.
func loadAverage() string {
	raw, err := os.ReadFile("/proc/loadavg")
	if fields := strings.Fields(string(raw)); err == nil && len(fields) >= 3 {
		return strings.Join(fields[:3], " ")
	}
	return "?"
}

// line prints one line of a report.
type line func(format string, args ...any)

// figures are those of one part. They print nothing where the part was not measured.
type figures interface{ print(line line) }

// parts are the figures of all parts, in the order in which they are measured.
func (r report) parts() []figures {
	return []figures{r.Freshness, r.FanOut, r.Search, r.Alternatives, r.Repeated, r.Rankings, r.Meaning, r.Reindex, r.Burst, r.Growth}
}

// String is the report for people.
func (r report) String() string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("%d CPUs, load average %s before and %s after; MySQL %s (%s), Elasticsearch %s with %d MB of heap",
		r.Machine.CPUs, r.Machine.LoadBefore, r.Machine.LoadAfter, r.Machine.MySQL, r.Machine.Durability,
		r.Machine.Elasticsearch, r.Machine.HeapBytes>>20)
	line("%d courses, made in %.0f s, indexed for the first time in %.0f s (%.0f courses/s)",
		r.Courses, r.DemoSeconds, r.FirstSeconds, ratio(float64(r.Courses), r.FirstSeconds))
	for _, part := range r.parts() {
		part.print(line)
	}
	line("\n%.0f s in all", r.Seconds)
	return b.String()
}

// String is one line of figures.
func (q quantiles) String() string {
	return fmt.Sprintf("p50 %.0f ms, p90 %.0f ms, p99 %.0f ms, at most %.0f ms (%d)", q.P50, q.P90, q.P99, q.Max, q.Count)
}
