package e2e

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/xunke/xunke/indexer"
)

// reindexMoments are the requests of a reindex, in its order: it is killed at each.
func reindexMoments(w *world) []moment {
	live := w.state().Live
	building := func(r *http.Request) bool {
		return bulk(r) && !slices.ContainsFunc(live, func(g indexer.Gen) bool { return strings.Contains(r.URL.Path, "/"+g.Index+"-write") })
	}
	create := request("PUT", "/*-v*-g*")
	finish := request("PUT", "/*/_settings")
	count := request("POST", "/*/_count")
	sample := request("POST", "/*/_mget")
	swap := request("POST", "/_aliases")
	drop := request("DELETE", "/*-v*-g*")
	return []moment{
		after("an index is created", create),
		before("a scanned page is written", building),
		after("a scanned page is written", building),
		before("bulk loading ends", finish),
		after("the documents are counted", count),
		after("documents are sampled", sample),
		before("the swap", swap),
		after("the swap", swap),
		before("an old index is deleted", drop),
		after("an old index is deleted", drop),
	}
}

// TestKilledDuringReindex kills a reindex at each of its steps. The index that serves
// goes on serving, the next process resumes or cleans up, and in the end everything is
// equal and no index is left over.
func TestKilledDuringReindex(t *testing.T) {
	w := newWorld(t)
	w.seed()
	seeds := random(t, 11)
	first := w.startIndexer("the first indexer", nil)
	a := w.startAPI()
	w.serving()
	a.ready(w)
	w.must("reindex", "--kind", "course") // so that there is an old index to delete
	first.stop()
	stopWriters := w.writers(1, 10, seeds)
	stopSearchers := w.searchers(a, 1)

	// In turn: the indexer dies and the command that follows it takes over; the command
	// leads by itself and dies; the indexer and the command die and another indexer comes.
	ways := []struct {
		name string
		run  func(w *world, m moment)
	}{
		{"the command takes over", (*world).commandTakesOver},
		{"the command dies", (*world).commandDies},
		{"another indexer takes over", (*world).anotherIndexer},
	}
	for i, m := range reindexMoments(w) {
		way := ways[i%len(ways)]
		t.Run(fmt.Sprintf("%s, %s", m.name, way.name), func(t *testing.T) {
			w := w.on(t)
			way.run(w, reindexMoments(w)[i])
			w.eventually("no request is left", func() (bool, string) {
				return equals(one[int](w, `SELECT COUNT(*) FROM reindex_requests WHERE state NOT IN ('done', 'failed')`), 0)
			})
			w.tidy()
		})
	}
	t.Logf("%d searches meanwhile", stopSearchers())
	commits := stopWriters()
	t.Logf("%d transactions meanwhile", commits)
	last := w.startIndexer("the last indexer", nil)
	w.leads(last)
	w.mustBeEqual()
	w.tidy()
	last.stop()
}

// commandTakesOver kills an indexer that was asked for a reindex. The command that asked
// finds nobody leading and finishes the work.
func (w *world) commandTakesOver(m moment) {
	w.t.Helper()
	l := w.newLink()
	indexing := w.startIndexer("the indexer", l)
	w.leads(indexing)
	dead := l.killAt(m, 1, indexing)
	command := w.start("xunke reindex", nil, "reindex", "--kind", "course")
	waitFor(w.t, dead, m.name)
	if r := command.result(); r.status != 0 {
		w.t.Errorf("the reindex whose indexer was killed ended with %s", r)
	}
}

// commandDies kills a command that does the work itself; the next one takes it up.
func (w *world) commandDies(m moment) {
	w.t.Helper()
	l := w.newLink()
	started := make(chan *process, 1)
	dead := l.at(m, 1, true, func() { (<-started).kill() })
	started <- w.start("xunke reindex", []string{"ELASTICSEARCH_ADDRESSES", l.url, "INDEXER_BATCH_SIZE", "100"}, "reindex", "--kind", "course")
	waitFor(w.t, dead, m.name)
	w.must("reindex", "--kind", "course")
}

// anotherIndexer kills the indexer and the command that asked; another indexer finds the
// request.
func (w *world) anotherIndexer(m moment) {
	w.t.Helper()
	l := w.newLink()
	indexing := w.startIndexer("the indexer", l)
	w.leads(indexing)
	started := make(chan *process, 1)
	dead := l.at(m, 1, true, func() {
		(<-started).kill() // first, so that it cannot take the work over
		indexing.kill()
	})
	started <- w.start("xunke reindex", nil, "reindex", "--kind", "course")
	waitFor(w.t, dead, m.name)
	next := w.startIndexer("another indexer", nil)
	w.leads(next)
	w.eventually("the request is done", func() (bool, string) {
		return equals(one[string](w, `SELECT state FROM reindex_requests ORDER BY id DESC LIMIT 1`), "done")
	})
	next.stop()
}
