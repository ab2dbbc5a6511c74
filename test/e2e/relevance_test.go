package e2e

import (
	"path/filepath"
	"testing"
)

// TestRelevance measures the search of the demo catalogue by the judged queries that the
// project ships, of known items and of what somebody wants, and fails when a class is more than
// two points worse than recorded. To record new figures, run
//
//	xunke eval --json eval/judged/demo.jsonl > eval/judged/demo_figures.json
//
// and the same of demo_meaning on an installation with nothing but `xunke demo` in it.
func TestRelevance(t *testing.T) {
	w := newWorld(t)
	w.Must("demo")
	indexer := w.StartIndexer("indexer", nil)
	indexer.Line("swapped")
	indexer.Stop()
	judged := func(name string) string {
		path, err := filepath.Abs(filepath.Join("..", "..", "eval", "judged", name))
		if err != nil {
			t.Fatal(err)
		}
		return path
	}
	for _, set := range []string{"demo", "demo_meaning"} {
		r := w.Run("eval", "--misses", "--compare", judged(set+"_figures.json"), judged(set+".jsonl"))
		t.Log(r.Stdout)
		if r.Status != 0 {
			t.Errorf("the search has become worse: %s", r)
		}
	}
}
