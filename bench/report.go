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
	Began        time.Time         `json:"began"`
	Seconds      float64           `json:"seconds"`
	Machine      machine           `json:"machine"`
	Courses      int               `json:"courses"`
	DemoSeconds  float64           `json:"demo_seconds"`
	FirstSeconds float64           `json:"first_index_seconds"` // from the indexer's start until all kinds serve
	Freshness    *freshnessFigures `json:"freshness"`
	FanOut       *fanOutFigures    `json:"fan_out"`
	Search       *searchFigures    `json:"search"`
	Rankings     *rankingsFigures  `json:"rankings"`
	Reindex      *reindexFigures   `json:"reindex"`
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

// String is the report for people.
func (r report) String() string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("%d CPUs, load average %s before and %s after; MySQL %s (%s), Elasticsearch %s with %d MB of heap",
		r.Machine.CPUs, r.Machine.LoadBefore, r.Machine.LoadAfter, r.Machine.MySQL, r.Machine.Durability,
		r.Machine.Elasticsearch, r.Machine.HeapBytes>>20)
	line("%d courses, made in %.0f s, indexed for the first time in %.0f s (%.0f courses/s)",
		r.Courses, r.DemoSeconds, r.FirstSeconds, ratio(float64(r.Courses), r.FirstSeconds))
	if f := r.Freshness; f != nil {
		line("\nfreshness, refresh interval %.0f ms", f.Refresh)
		line("  commit in MySQL → searchable    %s", f.Xunke)
		line("  index request → searchable      %s", f.Floor)
		line("  ratio                           p50 %.2f, p99 %.2f", f.Ratio50, f.Ratio99)
	}
	if f := r.FanOut; f != nil {
		line("\nfreshness of single rows beside an org with %d courses that is renamed (load average %s)", f.Courses, f.Load)
		line("  without                         %s", f.Alone)
		line("  with                            %s", f.Beside)
		line("  ratio                           p50 %.2f, p90 %.2f, p99 %.2f", f.Ratio50, f.Ratio90, f.Ratio99)
		line("  all courses of the org written  %.1f s, %.0f documents/s (mean of %d)", f.Seconds, f.PerSecond, f.FanOuts)
	}
	if s := r.Search; s != nil {
		line("\nsearch, %d clients, %d queries", s.Clients, s.Queries)
		for _, w := range s.Ways {
			line("  %-42s %6.0f requests/s (× %.2f)  p50 %.0f ms (× %.2f), p99 %.0f ms",
				w.Name, w.PerSecond, w.Ratio, w.Latency.P50, w.Ratio50, w.Latency.P99)
		}
	}
	if s := r.Rankings; s != nil {
		line("\nrankings of %d, %d clients", rankedItems, s.Clients)
		for _, w := range s.Ways {
			line("  %-42s %6.0f requests/s (× %.2f)  p50 %.2f ms (× %.2f), p99 %.1f ms, at most %.0f ms",
				w.Name, w.PerSecond, w.Ratio, w.Latency.P50, w.Ratio50, w.Latency.P99, w.Latency.Max)
		}
	}
	if x := r.Reindex; x != nil {
		line("\nreindex of %d courses under %.0f updates/s", x.Documents, x.UpdatesPerSec)
		line("  xunke reindex, all of it        %6.0f documents/s (%.1f s)", x.PerSecond, x.Seconds)
		line("  of that the scan                %6.0f documents/s", x.ScanPerSecond)
		for _, p := range x.Phases {
			line("    %-12s %.1f s", p.Name, p.Seconds)
		}
		line("  with the updates, in two indices %5.0f documents/s", x.Written)
		for n, raw := range x.Raw {
			line("  raw _bulk, %-6s               %6.0f documents/s (%.1f s and %.1f s of refresh)",
				[]string{"before", "after"}[n%2], raw.PerSecond, raw.Seconds, raw.Refresh)
		}
		line("  ratio                           %.2f, the scan's %.2f", x.Ratio, x.ScanRatio)
		line("  memory of the indexer           %d MB at most", x.Peak>>20)
		line("  verify                          equal, %.1f s", x.Verify)
	}
	line("\n%.0f s in all", r.Seconds)
	return b.String()
}

// String is one line of figures.
func (q quantiles) String() string {
	return fmt.Sprintf("p50 %.0f ms, p90 %.0f ms, p99 %.0f ms, at most %.0f ms (%d)", q.P50, q.P90, q.P99, q.Max, q.Count)
}
