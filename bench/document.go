package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/xunke/xunke/bench/plot"
)

// Files of the document in its folder.
const (
	figuresFile      = "performance.json"
	documentFile     = "PERFORMANCE.md"
	alternativesPlot = "performance-searches.svg"
	growthPlot       = "performance-growth.svg"
)

// document writes the report as a page with tables and plots, and the figures beside it.
func (r report) document(folder string) error {
	raw, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return fmt.Errorf("encode the report: %w", err)
	}
	files := map[string]string{figuresFile: string(raw) + "\n", documentFile: r.markdown()}
	if a := r.Alternatives; a != nil {
		files[alternativesPlot] = a.plot()
	}
	if g := r.Growth; g != nil && len(g.Sizes) > 1 {
		files[growthPlot] = g.plot()
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644); err != nil { //nolint:gosec // to be read by everybody
			return fmt.Errorf("write the report: %w", err)
		}
	}
	return nil
}

// readReport reads figures that were written before.
func readReport(path string) (r report, err error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return r, fmt.Errorf("read figures: %w", err)
	}
	if err := json.Unmarshal(raw, &r); err != nil {
		return r, fmt.Errorf("read figures of %s: %w", path, err)
	}
	return r, nil
}

// markdown is the page. Everything that is a figure comes from the report; what a part
// means is told by the part.
func (r report) markdown() string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("# Performance\n")
	line("Made by the bench on %s: `make bench-all` writes this page anew, with more parts and larger catalogues if these are few. The figures are those of", r.Began.Format(time.DateOnly))
	line("[%s](%s). Absolute figures move from machine to machine, so read the ratios: what is compared was", figuresFile, figuresFile)
	line("measured in turns in the same run, on the same servers.\n")
	line("| | |\n| --- | --- |")
	line("| processors | %d, shared by clients, API, indexer, MySQL and Elasticsearch |", r.Machine.CPUs)
	line("| load average | %s before, %s after |", r.Machine.LoadBefore, r.Machine.LoadAfter)
	line("| MySQL | %s (%s) |", r.Machine.MySQL, r.Machine.Durability)
	line("| Elasticsearch | %s, %d MB of heap |", r.Machine.Elasticsearch, r.Machine.HeapBytes>>20)
	line("| catalogue | %d courses of `xunke demo` |", r.Courses)
	if a := r.Alternatives; a != nil {
		line("\n## Searches beside what one would pick instead\n\n![requests a second](%s)\n", alternativesPlot)
		line("%d clients ask %d pieces of two to six letters of course names, %d rounds in turns; Xunke's cache of answers is off.", a.Clients, a.Queries, a.Rounds)
		line("The naive body is a `multi_match` under a `function_score` with four facets and highlights, sent to the same")
		line("index without Xunke. MySQL counts and reads one page, without facets or highlights.\n")
		line("| way | requests/s (least to most) | × naive | p50 | p99 |\n| --- | --- | --- | --- | --- |")
		for _, w := range a.Ways {
			line("| %s | %.1f (%.1f to %.1f) | %.3g | %.0f ms | %.0f ms |", w.Name, w.PerSecond.Median, w.PerSecond.Least, w.PerSecond.Most, w.Ratio.Median, w.P50.Median, w.P99.Median)
		}
	}
	if g := r.Growth; g != nil && len(g.Sizes) > 0 {
		line("\n## Growth\n\n![latency over courses](%s)\n", growthPlot)
		line("Each size in an installation of its own; %d clients search; the cache of answers is off.\n", g.Clients)
		line("| courses | first index | reindex | search p50 | p99 | indexer | API | index a document |\n| --- | --- | --- | --- | --- | --- | --- | --- |")
		for _, s := range g.Sizes {
			line("| %d | %.0f/s | %.0f/s | %.1f ms | %.1f ms | %d MB | %d MB | %.0f bytes |", s.Courses, s.FirstIndex, s.Reindex, s.Search.P50, s.Search.P99, s.Indexer>>20, s.API>>20, s.IndexPerItem)
		}
	}
	line("\n## Everything that was measured\n\n```")
	b.WriteString(r.String())
	line("```")
	return b.String()
}

func (a *alternativesFigures) plot() string {
	var bars []plot.Bar
	for _, w := range a.Ways {
		bars = append(bars, plot.Bar{
			Label: w.Name, Value: w.PerSecond.Median, Least: w.PerSecond.Least, Most: w.PerSecond.Most,
			Own: strings.HasPrefix(w.Name, "Xunke"), Shown: fmt.Sprintf("%.3g/s", w.PerSecond.Median),
		})
	}
	return plot.Bars(fmt.Sprintf("Searches a second, %d clients (logarithmic)", a.Clients), bars)
}

func (g *growthFigures) plot() string {
	var sizes, p50, p99 []float64
	for _, s := range g.Sizes {
		sizes, p50, p99 = append(sizes, float64(s.Courses)), append(p50, s.Search.P50), append(p99, s.Search.P99)
	}
	return plot.Lines("Search latency over the number of courses", "ms", sizes, []plot.Line{{Label: "p50", Values: p50, Own: true}, {Label: "p99", Values: p99}})
}
