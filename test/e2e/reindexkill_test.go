package e2e

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/xunke/xunke/indexer"
	"github.com/xunke/xunke/test/harness"
)

// reindexMoments are the requests of a reindex, in its order: it is killed at each.
func reindexMoments(w *world) []harness.Moment {
	live := w.State().Live
	building := func(r *http.Request) bool {
		return harness.Bulk(r) && !slices.ContainsFunc(live, func(g indexer.Gen) bool { return strings.Contains(r.URL.Path, "/"+g.Index+"-write") })
	}
	create := harness.Request("PUT", "/*-v*-g*")
	finish := harness.Request("PUT", "/*/_settings")
	count := harness.Request("POST", "/*/_count")
	sample := harness.Request("POST", "/*/_mget")
	swap := harness.Request("POST", "/_aliases")
	drop := harness.Request("DELETE", "/*-v*-g*")
	return []harness.Moment{
		harness.After("an index is created", create),
		harness.Before("a scanned page is written", building),
		harness.After("a scanned page is written", building),
		harness.Before("bulk loading ends", finish),
		harness.After("the documents are counted", count),
		harness.After("documents are sampled", sample),
		harness.Before("the swap", swap),
		harness.After("the swap", swap),
		harness.Before("an old index is deleted", drop),
		harness.After("an old index is deleted", drop),
	}
}

// TestKilledDuringReindex kills a reindex at each of its steps. The index that serves
// goes on serving, the next process resumes or cleans up, and in the end everything is
// equal and no index is left over.
func TestKilledDuringReindex(t *testing.T) {
	w := newWorld(t)
	w.Seed()
	seeds := harness.Random(t, 11)
	first := w.StartIndexer("the first indexer", nil)
	a := w.startAPI()
	w.Serving()
	a.ready(w)
	w.Must("reindex", "--kind", "course") // so that there is an old index to delete
	first.Stop()
	stopWriters := w.Writers(1, 10, seeds)
	stopSearchers := w.searchers(a, 1)

	// In turn: the indexer dies and the command that follows it takes over; the command
	// leads by itself and dies; the indexer and the command die and another indexer comes.
	ways := []struct {
		name string
		run  func(w *world, m harness.Moment)
	}{
		{"the command takes over", (*world).commandTakesOver},
		{"the command dies", (*world).commandDies},
		{"another indexer takes over", (*world).anotherIndexer},
	}
	for i, m := range reindexMoments(w) {
		way := ways[i%len(ways)]
		t.Run(fmt.Sprintf("%s, %s", m.Name, way.name), func(t *testing.T) {
			w := w.on(t)
			way.run(w, reindexMoments(w)[i])
			w.Eventually("no request is left", func() (bool, string) {
				return harness.Equals(one[int](w, `SELECT COUNT(*) FROM reindex_requests WHERE state NOT IN ('done', 'failed')`), 0)
			})
			w.Tidy()
		})
	}
	t.Logf("%d searches meanwhile", stopSearchers())
	commits := stopWriters()
	t.Logf("%d transactions meanwhile", commits)
	last := w.StartIndexer("the last indexer", nil)
	w.Leads(last)
	w.MustBeEqual()
	w.Tidy()
	last.Stop()
}

// commandTakesOver kills an indexer that was asked for a reindex. The command that asked
// finds nobody leading and finishes the work.
func (w *world) commandTakesOver(m harness.Moment) {
	w.T.Helper()
	l := w.NewLink()
	indexing := w.StartIndexer("the indexer", l)
	w.Leads(indexing)
	dead := l.KillAt(m, 1, indexing)
	command := w.Start("xunke reindex", nil, "reindex", "--kind", "course")
	harness.WaitFor(w.T, dead, m.Name)
	if r := command.Result(); r.Status != 0 {
		w.T.Errorf("the reindex whose indexer was killed ended with %s", r)
	}
}

// commandDies kills a command that does the work itself; the next one takes it up.
func (w *world) commandDies(m harness.Moment) {
	w.T.Helper()
	l := w.NewLink()
	started := make(chan *harness.Process, 1)
	dead := l.At(m, 1, true, func() { (<-started).Kill() })
	started <- w.Start("xunke reindex", []string{"ELASTICSEARCH_ADDRESSES", l.URL, "INDEXER_BATCH_SIZE", "100"}, "reindex", "--kind", "course")
	harness.WaitFor(w.T, dead, m.Name)
	w.Must("reindex", "--kind", "course")
}

// anotherIndexer kills the indexer and the command that asked; another indexer finds the
// request.
func (w *world) anotherIndexer(m harness.Moment) {
	w.T.Helper()
	l := w.NewLink()
	indexing := w.StartIndexer("the indexer", l)
	w.Leads(indexing)
	started := make(chan *harness.Process, 1)
	dead := l.At(m, 1, true, func() {
		(<-started).Kill() // first, so that it cannot take the work over
		indexing.Kill()
	})
	started <- w.Start("xunke reindex", nil, "reindex", "--kind", "course")
	harness.WaitFor(w.T, dead, m.Name)
	next := w.StartIndexer("another indexer", nil)
	w.Leads(next)
	w.Eventually("the request is done", func() (bool, string) {
		return harness.Equals(one[string](w, `SELECT state FROM reindex_requests ORDER BY id DESC LIMIT 1`), "done")
	})
	next.Stop()
}
