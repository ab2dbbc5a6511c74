package chaos

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/test/harness"
)

// site is an installation to which things happen: its indexers, each with ways of its own
// to every server, and what is watched of it.
type site struct {
	*harness.World
	slots []*slot
	watch *watch
	tally *tally
	brisk bool // faults are short
}

// tally counts what was done.
type tally struct {
	mu   sync.Mutex
	done map[string]int
}

// slot is the place of an indexer. Processes come and go in it; the wires stay.
type slot struct {
	site *site
	name string
	http *harness.Link // between the wire and Elasticsearch

	elastic, mysql, stream, redis *wire

	extra []string // settings beside those of the wires

	mu      sync.Mutex
	process *harness.Process
	starts  int
	wanted  bool // an indexer ought to run
}

// newSite makes an installation with a seeded catalogue and n indexers that run.
func newSite(t *testing.T, n int) *site {
	t.Helper()
	s := idleSite(t, n)
	s.startAll()
	s.Serving()
	return s
}

// idleSite is one whose indexers do not run yet.
func idleSite(t *testing.T, n int) *site {
	t.Helper()
	s := &site{World: harness.New(t), tally: &tally{done: map[string]int{}}}
	s.Seed()
	for i := range n {
		s.slots = append(s.slots, s.newSlot(fmt.Sprintf("indexer %c", 'A'+i)))
	}
	s.watch = s.startWatch()
	return s
}

// on is the same site for a subtest; its indexers stay those of the test above.
func (s *site) on(t *testing.T) *site {
	return &site{World: s.On(t), slots: s.slots, watch: s.watch, tally: s.tally, brisk: s.brisk}
}

func (s *site) newSlot(name string) *slot {
	s.T.Helper()
	one := &slot{site: s, name: name, http: s.NewLink()}
	target, err := url.Parse(one.http.URL)
	if err != nil {
		s.T.Fatal(err)
	}
	one.elastic = newWire(s.T, name+" to Elasticsearch", target.Host)
	one.mysql = newWire(s.T, name+" to MySQL", s.address())
	one.stream = newWire(s.T, name+" to the binlog", s.address())
	one.redis = newWire(s.T, name+" to Redis", s.Config.Redis.Addresses[0])
	return one
}

// address is where MySQL is.
func (s *site) address() string {
	s.T.Helper()
	dsn, err := mysql.ParseDSN(s.Config.MySQL.DSN)
	if err != nil {
		s.T.Fatal("read the test's DSN")
	}
	return dsn.Addr
}

// through is the DSN of the installation by way of a wire.
func (s *site) through(w *wire) string {
	dsn, err := mysql.ParseDSN(s.Config.MySQL.DSN)
	if err != nil {
		s.T.Fatal("read the test's DSN")
	}
	dsn.Addr = w.address()
	return dsn.FormatDSN()
}

// settings are those of a process in the slot.
func (o *slot) settings() []string {
	return append([]string{
		"ELASTICSEARCH_ADDRESSES", "http://" + o.elastic.address(),
		"MYSQL_DSN", o.site.through(o.mysql),
		"INDEXER_REPLICATION_DSN", o.site.through(o.stream),
		"REDIS_ADDRESSES", o.redis.address(),
		"INDEXER_BATCH_SIZE", "100",
	}, o.extra...)
}

// start starts an indexer in the slot unless one runs there.
func (o *slot) start() *harness.Process {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.wanted = true
	if o.process != nil && !o.process.HasEnded() {
		return o.process
	}
	o.starts++
	o.process = o.site.Start(fmt.Sprintf("%s, run %d", o.name, o.starts), o.settings(), "index")
	return o.process
}

// running is the slot's process, nil when none runs.
func (o *slot) running() *harness.Process {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.process == nil || o.process.HasEnded() {
		return nil
	}
	return o.process
}

// kill kills the slot's process, if one runs.
func (o *slot) kill() {
	o.rest()
	if p := o.running(); p != nil {
		o.site.watch.away(p.PID(), "killed")
		p.Kill()
	}
}

// end asks the slot's process to end in order.
func (o *slot) end() {
	o.rest()
	if p := o.running(); p != nil {
		p.Stop()
	}
}

// rest says that no indexer ought to run in the slot for now.
func (o *slot) rest() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.wanted = false
}

// keep starts indexers again that have ended by themselves, as a supervisor does: one that
// finds no MySQL when it starts says so and ends. The returned function ends that.
func (s *site) keep() (end func()) {
	ctx, cancel := context.WithCancel(s.T.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
			case <-ctx.Done():
				return
			}
			for _, o := range s.slots {
				o.mu.Lock()
				ended := o.wanted && o.process != nil && o.process.HasEnded()
				o.mu.Unlock()
				if ended {
					s.tally.add("  an indexer ended by itself and was started again")
					o.start()
				}
			}
		}
	}()
	return func() {
		cancel()
		<-done
	}
}

// leader is the slot that leads by the account of the shared state, or any that runs where
// nobody does for a while.
func (s *site) leader() *slot {
	for range 50 {
		pid := s.watch.leader()
		for _, o := range s.slots {
			if p := o.running(); p != nil && p.PID() == pid {
				return o
			}
		}
		s.pause(lookEvery)
	}
	for _, o := range s.slots {
		if o.running() != nil {
			return o
		}
	}
	return s.slots[0]
}

// startAll starts an indexer in every slot that has none.
func (s *site) startAll() {
	for _, o := range s.slots {
		o.start()
	}
}

// pause waits, or until the test is over.
func (s *site) pause(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-s.T.Context().Done():
	}
}

// add counts something.
func (t *tally) add(name string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.done[name]++
}

func (t *tally) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	var list []string
	for _, name := range slices.Sorted(maps.Keys(t.done)) {
		list = append(list, fmt.Sprintf("%s %d", name, t.done[name]))
	}
	return strings.Join(list, ", ")
}

// settle waits until the indexers say that all is in the index, and compares every field
// of every document: first by the oracle of these tests, then by `xunke verify`. A row of
// each kind is written before and must be found: it shows that the indexer follows the
// history that there is now, and makes it notice an index that has vanished.
func (s *site) settle() {
	s.T.Helper()
	s.Eventually("no request for a reindex is left", func() (bool, string) {
		return harness.Equals(harness.One[int](s.World, `SELECT COUNT(*) FROM reindex_requests WHERE state NOT IN ('done', 'failed')`), 0)
	})
	token := fmt.Sprintf("安静%d", time.Now().UnixNano())
	for _, k := range catalog.Kinds() {
		id := s.Exec("INSERT INTO "+k.Plural()+" (name) VALUES (?)", token)
		s.Eventually("what is written now is found", func() (bool, string) {
			name, err := s.FoundName(s.T.Context(), k, id)
			return err == nil && name == token, fmt.Sprintf("%s %d is called %q (%v); the last error is %q", k, id, name, err, s.State().LastError)
		})
	}
	s.WaitUntilIndexed()
	if s.EqualNow() {
		s.Must("verify")
	}
	s.watch.report(s.T)
}
