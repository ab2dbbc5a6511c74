package e2e

import (
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/test/harness"
)

// TestLeadership runs two indexers. The leader is killed, and later the other one is
// stopped in the middle of a write for longer than the lease lasts.
func TestLeadership(t *testing.T) {
	w := newWorld(t)
	w.Seed()
	seeds := harness.Random(t, 13)
	one := w.StartIndexer("indexer 1", w.NewLink())
	w.Leads(one)
	link := w.NewLink()
	two := w.StartIndexer("indexer 2", link)
	w.Serving()
	stopWriters := w.Writers(2, 20, seeds)

	one.Kill()
	w.takesOver(two, "killed")

	// A bulk request of the leader is held back while the leader sleeps. It arrives when
	// others have long written newer documents, and must not replace any.
	three := w.StartIndexer("indexer 3", w.NewLink())
	letGo := w.stopInBulk(two, link)
	w.takesOver(three, "stopped")
	commits := stopWriters()
	w.MustBeEqual()
	letGo()
	two.Signal(syscall.SIGCONT)
	two.Line("indexing was interrupted")
	t.Logf("%d transactions were committed", commits)
	w.MustBeEqual()

	three.Stop()
	w.goesOn(two)
	w.MustBeEqual()
	w.Tidy()
	two.Stop()
}

// takesOver waits until an indexer leads after what has happened to the leader just now.
func (w *world) takesOver(p *harness.Process, how string) {
	w.T.Helper()
	began := time.Now()
	w.Leads(p)
	took := time.Since(began)
	w.T.Logf("the other indexer led %.1f s after the leader was %s", took.Seconds(), how)
	if took > 30*time.Second {
		w.T.Errorf("taking over from a leader that was %s took %s", how, took)
	}
}

// stopInBulk stops the leader while it sends a bulk request, which is held back until it is
// let go.
func (w *world) stopInBulk(leader *harness.Process, link *harness.Link) (letGo func()) {
	w.T.Helper()
	release := make(chan struct{})
	letGo = sync.OnceFunc(func() { close(release) })
	w.T.Cleanup(letGo)
	stopped := make(chan struct{})
	link.At(harness.Before("a bulk", harness.Bulk), 1, false, func() {
		leader.Signal(syscall.SIGSTOP)
		close(stopped)
		<-release
	})
	harness.WaitFor(w.T, stopped, "the leader writes")
	return letGo
}

// goesOn sees that an indexer that has slept is of use again.
func (w *world) goesOn(p *harness.Process) {
	w.T.Helper()
	w.Leads(p)
	id := w.Exec(`INSERT INTO courses (name) VALUES ('醒来以后')`)
	w.Eventually("the indexer that slept goes on", func() (bool, string) {
		found, err := w.FoundName(w.T.Context(), catalog.KindCourse, id)
		if err != nil {
			return false, err.Error()
		}
		return found != "", "the new course is not in the index"
	})
}
