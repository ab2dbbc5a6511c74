package chaos

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	gomysql "github.com/go-mysql-org/go-mysql/mysql"

	"github.com/xunke/xunke/indexer"
	"github.com/xunke/xunke/internal/elastic/index"
)

const (
	// lookEvery is how often the shared state and the processes are looked at. The state
	// is saved every 200 ms.
	lookEvery = 50 * time.Millisecond
	// memoryCeiling is what an indexer may have in memory at most: what it has at rest, the
	// largest batch, and the events between it and MySQL.
	memoryCeiling = 700 << 20
)

// watch looks at the state that the indexers share, without pause and past all wires: what
// was acknowledged once must stay acknowledged.
type watch struct {
	s *site

	mu        sync.Mutex
	last      indexer.State
	since     time.Time // states that were saved before do not count
	looks     int
	epochs    int
	problems  []string
	peak      int64           // bytes that an indexer had in memory at most
	gone      map[int]leaving // leaders that were killed or stopped
	takeovers map[string][]time.Duration
}

type leaving struct {
	how string
	at  time.Time
}

func (s *site) startWatch() *watch {
	w := &watch{s: s, gone: map[int]leaving{}, takeovers: map[string][]time.Duration{}}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(lookEvery)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				w.look(ctx)
			case <-ctx.Done():
				return
			}
		}
	}()
	s.T.Cleanup(func() {
		cancel()
		<-done
		w.report(s.T)
	})
	return w
}

// look takes one look. That Elasticsearch does not answer now is no news.
func (w *watch) look(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	state, err := index.NewStateStore(w.s.Client).LoadState(ctx)
	if err == nil && state.Epoch > 0 {
		w.compare(state)
	}
	for _, o := range w.s.slots {
		if p := o.running(); p != nil {
			bytes := resident(p.PID())
			w.mu.Lock()
			w.peak = max(w.peak, bytes)
			w.mu.Unlock()
		}
	}
}

func (w *watch) compare(now indexer.State) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if now.SavedAt.Before(w.since) {
		return
	}
	before := w.last
	w.last = now
	w.looks++
	if before.Epoch == 0 {
		return
	}
	if now.PID != before.PID {
		if l, ok := w.gone[before.PID]; ok {
			w.takeovers[l.how] = append(w.takeovers[l.how], time.Since(l.at))
		}
		clear(w.gone)
	}
	switch {
	case now.Epoch < before.Epoch:
		w.problem("the epoch went from %d to %d", before.Epoch, now.Epoch)
	case now.Epoch > before.Epoch:
		w.epochs++
	case !contains(now.Acked, before.Acked):
		w.problem("%s was acknowledged and then only %s", before.Acked, now.Acked)
	case now.FannedOut < before.FannedOut:
		w.problem("%d fan-outs had ended and then only %d", before.FannedOut, now.FannedOut)
	}
	for _, g := range now.Live {
		if old := before.Generation(g.Index); old != nil && (g.Cursor < old.Cursor || old.Scanned && !g.Scanned) {
			w.problem("the scan of %s went back from %d to %d", g.Index, old.Cursor, g.Cursor)
		}
	}
}

func (w *watch) problem(format string, args ...any) {
	if len(w.problems) < 10 {
		w.problems = append(w.problems, fmt.Sprintf(format, args...))
	}
}

// report fails a test for what was seen so far, once.
func (w *watch) report(t *testing.T) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, p := range w.problems {
		t.Errorf("the checkpoint is not monotone: %s", p)
	}
	w.problems = nil
	if w.peak > memoryCeiling {
		t.Errorf("an indexer had %d MiB in memory, and %d is the ceiling", w.peak>>20, int64(memoryCeiling)>>20)
		w.peak = 0
	}
}

// forget has something make the indexers forget their state, and begins anew with the one
// that comes after.
func (w *watch) forget(by func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	by()
	w.last, w.since = indexer.State{}, time.Now()
}

func (w *watch) leader() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.last.PID
}

// away notes that a process is killed or stopped now: if it leads, the time until another
// does is measured.
func (w *watch) away(pid int, how string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.gone[pid] = leaving{how: how, at: time.Now()}
}

func (w *watch) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	text := fmt.Sprintf("%d looks at the state, %d new epochs, at most %d MiB in an indexer", w.looks, w.epochs, w.peak>>20)
	for how, took := range w.takeovers {
		slices.Sort(took)
		text += fmt.Sprintf("; led again after a leader was %s, %d times: median %.1f s, at most %.1f s",
			how, len(took), took[len(took)/2].Seconds(), took[len(took)-1].Seconds())
	}
	return text
}

// contains says whether a GTID set has all of another.
func contains(set, other string) bool {
	a, errA := gomysql.ParseMysqlGTIDSet(clean(set))
	b, errB := gomysql.ParseMysqlGTIDSet(clean(other))
	return errA == nil && errB == nil && a.Contain(b)
}

func clean(set string) string { return strings.Join(strings.Fields(set), "") }

var highWater = regexp.MustCompile(`VmHWM:\s+(\d+) kB`)

// resident is the most that a process has had in memory, in bytes; 0 when it is gone.
func resident(pid int) int64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	found := highWater.FindSubmatch(status)
	if found == nil {
		return 0
	}
	kilobytes, err := strconv.ParseInt(string(found[1]), 10, 64)
	if err != nil {
		return 0
	}
	return kilobytes << 10
}
