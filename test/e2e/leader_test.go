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
	links := map[*harness.Process]*harness.Link{}
	start := func(name string) *harness.Process {
		l := w.NewLink()
		p := w.StartIndexer(name, l)
		links[p] = l
		return p
	}
	one := start("indexer 1")
	w.Leads(one)
	two := start("indexer 2")
	w.Serving()
	stopWriters := w.Writers(2, 20, seeds)

	one.Kill()
	began := time.Now()
	w.Leads(two)
	took := time.Since(began)
	t.Logf("the other indexer led %.1f s after the leader was killed", took.Seconds())
	if took > 30*time.Second {
		t.Errorf("taking over from a killed leader took %s", took)
	}

	// A bulk request of the leader is held back while the leader sleeps. It arrives when
	// others have long written newer documents, and must not replace any.
	three := start("indexer 3")
	release := make(chan struct{})
	wake := sync.OnceFunc(func() { close(release) })
	t.Cleanup(wake)
	slept := make(chan struct{})
	links[two].At(harness.Before("a bulk", harness.Bulk), 1, false, func() {
		two.Signal(syscall.SIGSTOP)
		close(slept)
		<-release
	})
	harness.WaitFor(t, slept, "the leader writes")
	began = time.Now()
	w.Leads(three)
	took = time.Since(began)
	t.Logf("the other indexer led %.1f s after the leader was stopped", took.Seconds())
	commits := stopWriters()
	w.MustBeEqual()
	wake()
	two.Signal(syscall.SIGCONT)
	two.Line("indexing was interrupted")
	t.Logf("%d transactions were committed", commits)
	w.MustBeEqual()

	// The one that slept is of use again.
	three.Stop()
	w.Leads(two)
	id := w.Exec(`INSERT INTO courses (name) VALUES ('醒来以后')`)
	w.Eventually("the indexer that slept goes on", func() (bool, string) {
		found, err := w.Indexed(t.Context(), catalog.KindCourse, id)
		if err != nil {
			return false, err.Error()
		}
		return found != "", "the new course is not in the index"
	})
	w.MustBeEqual()
	w.Tidy()
	two.Stop()
}
