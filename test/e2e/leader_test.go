package e2e

import (
	"sync"
	"syscall"
	"testing"
	"time"
)

// TestLeadership runs two indexers. The leader is killed, and later the other one is
// stopped in the middle of a write for longer than the lease lasts.
func TestLeadership(t *testing.T) {
	w := newWorld(t)
	w.seed()
	seeds := random(t, 13)
	links := map[*process]*link{}
	start := func(name string) *process {
		l := w.newLink()
		p := w.startIndexer(name, l)
		links[p] = l
		return p
	}
	one := start("indexer 1")
	w.leads(one)
	two := start("indexer 2")
	w.serving()
	stopWriters := w.writers(2, 20, seeds)

	one.kill()
	began := time.Now()
	w.leads(two)
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
	links[two].at(before("a bulk", bulk), 1, false, func() {
		two.signal(syscall.SIGSTOP)
		close(slept)
		<-release
	})
	waitFor(t, slept, "the leader writes")
	began = time.Now()
	w.leads(three)
	took = time.Since(began)
	t.Logf("the other indexer led %.1f s after the leader was stopped", took.Seconds())
	commits := stopWriters()
	w.mustBeEqual()
	wake()
	two.signal(syscall.SIGCONT)
	two.line("indexing was interrupted")
	t.Logf("%d transactions were committed", commits)
	w.mustBeEqual()

	// The one that slept is of use again.
	three.stop()
	w.leads(two)
	id := w.exec(`INSERT INTO courses (name) VALUES ('醒来以后')`)
	w.eventually("the indexer that slept goes on", func() (bool, string) {
		documents, err := w.documents(t.Context(), "course")
		if err != nil {
			return false, err.Error()
		}
		return documents[id] != "", "the new course is not in the index"
	})
	w.mustBeEqual()
	w.tidy()
	two.stop()
}
