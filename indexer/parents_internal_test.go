package indexer

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/indexer/binlog"
	"github.com/xunke/xunke/indexer/histories"
	"github.com/xunke/xunke/internal/gtid"
)

func org(id int64) catalog.Key     { return catalog.Key{Kind: catalog.KindOrg, ID: id} }
func teacher(id int64) catalog.Key { return catalog.Key{Kind: catalog.KindTeacher, ID: id} }

func keepsNone(catalog.Key) bool { return false }

// TestDaysAreReadSoonAfterAllWas has an org take long to read whole.
func TestDaysAreReadSoonAfterAllWas(t *testing.T) {
	const every = 2 * time.Second
	q, now := newParentQueue(Parents{}, every), time.Now()
	keeps := func(k catalog.Key) bool { return k == org(1) }
	q.add(org(1), binlog.EveryDay())
	q.add(org(2), binlog.OneDay(7))
	if page, _, _ := q.take(now, keeps); len(page) != 2 {
		t.Fatalf("took %v", page)
	}
	q.settle(now, every)
	q.add(org(1), binlog.OneDay(7))
	q.add(org(2), binlog.OneDay(7))
	page, changed, _ := q.take(now.Add(every), keeps)
	if !slices.Equal(page, []catalog.Key{org(1)}) || !slices.Equal(changed[org(1)].Numbers(), []int64{7}) {
		t.Errorf("took %v and of it %v; what is not kept has to be read whole, and rests", page, changed)
	}
	q.settle(now.Add(every), every/10)
	q.add(org(1), binlog.EveryDay())
	if page, _, wait := q.take(now.Add(2*every), keeps); page != nil || wait != (parentsApart-2)*every {
		t.Errorf("took %v, to wait %s until it is read whole", page, wait)
	}
}

func TestParentsAreReadOnceInAWhile(t *testing.T) {
	const every = 2 * time.Second
	q := newParentQueue(Parents{}, every)
	now := time.Now()
	for range 3 {
		q.add(org(1), binlog.OneDay(1))
	}
	q.add(teacher(2), binlog.EveryDay())
	page, _, _ := q.take(now, keepsNone)
	if !slices.Equal(page, []catalog.Key{teacher(2), org(1)}) {
		t.Fatalf("took %v", page)
	}
	q.add(org(1), binlog.OneDay(1)) // while it is being read
	if p := q.save(); !slices.Equal(p.Orgs, []int64{1}) || !slices.Equal(p.Teachers, []int64{2}) || p.Queued != 3 || p.Settled != 0 {
		t.Errorf("while a page is read %+v is saved", p)
	}
	q.settle(now, 0)
	if p := q.save(); p.Len() != 1 || !p.Has(org(1)) || p.Has(teacher(2)) || p.Settled != 2 {
		t.Errorf("after the page %+v is saved", p)
	}
	if page, _, wait := q.take(now.Add(every/2), keepsNone); page != nil || wait != every/2 {
		t.Errorf("took %v again, to wait %s", page, wait)
	}
	if page, _, _ := q.take(now.Add(every), keepsNone); len(page) != 1 {
		t.Errorf("took %v when its time had come", page)
	}
	q.settle(now.Add(every), every/2)
	if page, _, wait := q.take(now.Add(every), keepsNone); page != nil || wait != 0 || q.save().Settled != 3 {
		t.Errorf("nothing waits: %v, %s, %+v", page, wait, q.save())
	}
	q.add(org(1), binlog.OneDay(1))
	if page, _, wait := q.take(now.Add(2*every), keepsNone); page != nil || wait != 4*every {
		t.Errorf("took %v again, to wait %s, though it took long to read", page, wait)
	}
}

func TestParentsThatWaitLongestAreReadFirst(t *testing.T) {
	q := newParentQueue(Parents{}, time.Second)
	for id := int64(parentsPage + 10); id > 0; id-- {
		q.add(org(id), binlog.EveryDay())
	}
	page, _, _ := q.take(time.Now(), keepsNone)
	if len(page) != parentsPage || slices.Contains(page, org(1)) {
		t.Errorf("took %d, the newest among them: %v", len(page), slices.Contains(page, org(1)))
	}
	again := newParentQueue(q.save(), time.Second)
	if p := again.save(); p.Len() != parentsPage+10 || p.Settled >= p.Queued-int64(parentsPage+9) {
		t.Errorf("after a crash %d wait, %d of %d settled", p.Len(), p.Settled, p.Queued)
	}
}

// siblings is a Reader whose courses are all of one org, and that counts how often that is read.
type siblings struct {
	counting
	mu       sync.Mutex
	orgWaits []string // what each reading of the org waited for
}

// reads is how often the org was read, and what that waited for.
func (r *siblings) reads() (n int, waits []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.orgWaits), slices.Clone(r.orgWaits)
}

func (r *siblings) Parents(_ context.Context, _ string, _, _ []int64) (map[int64][]catalog.Key, map[int64]binlog.Days, error) {
	return map[int64][]catalog.Key{7: {org(1)}}, nil, nil
}

func (r *siblings) Read(ctx context.Context, wait string, keys []catalog.Key, days map[catalog.Key][]int64) (Snapshot, error) {
	if slices.Contains(keys, org(1)) {
		r.mu.Lock()
		r.orgWaits = append(r.orgWaits, wait)
		r.mu.Unlock()
	}
	return r.counting.Read(ctx, wait, keys, days)
}

// TestABurstReadsAnOrgOnceInAWhile has courses of one org change, each in a transaction of its
// own, and the org itself.
func TestABurstReadsAnOrgOnceInAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reader := &siblings{counting: counting{executed: gtid.NewSet()}}
		l := &leader{
			Deps:    Deps{Reader: reader, Log: slog.New(slog.DiscardHandler)},
			options: Options{BatchSize: 100}, queue: newQueue(), changed: make(chan struct{}), acked: gtid.NewSet(), parents: newParentQueue(Parents{}, time.Second),
		}
		var err error
		if l.apply, err = newApplier(l.Deps, l.options.BatchSize, l.isLive); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 2)
		go func() { ended <- l.runDrain(ctx) }()
		seal := func(n int64, of func(binlog.Keys)) {
			keys := binlog.NewKeys()
			of(keys)
			if err := l.queue.Seal(t.Context(), transaction(n), keys); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
		}
		counted := func(keys binlog.Keys) { keys.Parents[7] = binlog.Days{} }
		for n := range int64(50) {
			seal(n+1, counted)
		}
		state, _ := l.look()
		l.mu.Lock()
		saved := l.parents.save()
		l.mu.Unlock()
		if n, _ := reader.reads(); state.Acked != serverA+":1-50" || n != 0 || !saved.Has(org(1)) {
			t.Errorf("%s is acknowledged, the org was read %d times and %+v is saved", state.Acked, n, saved)
		}
		go func() { ended <- l.runParents(ctx) }()
		synctest.Wait()
		for n := range int64(50) {
			seal(n+51, counted)
		}
		if n, waits := reader.reads(); n != 1 || waits[0] != serverA+":1-50" {
			t.Errorf("the org was read %d times, waiting for %v", n, waits)
		}
		seal(101, func(keys binlog.Keys) { keys.Direct[org(1)] = struct{}{} })
		if n, _ := reader.reads(); n != 2 {
			t.Errorf("the org itself was changed and it was read %d times", n)
		}
		<-time.After(time.Second) // by the clock of synctest
		synctest.Wait()
		l.mu.Lock()
		left := l.parents.save()
		l.mu.Unlock()
		if n, _ := reader.reads(); n != 3 || left.Len() != 0 {
			t.Errorf("in the end the org was read %d times and %+v waits", n, left)
		}
		cancel()
		<-ended
		<-ended
	})
}

func TestTooManyParentsBecomeASweep(t *testing.T) {
	l := &leader{apply: &applier{histories: histories.New()}}
	sums := map[catalog.Key]binlog.Days{}
	for id := range int64(maxParents + 1) {
		sums[teacher(id+1)] = binlog.Days{}
	}
	l.addParents(&l.state, sums)
	if len(l.parents.waiting) != 0 || len(l.state.FanOut) != 2 || l.state.FanOut[0].Relation.Parent() != "" {
		t.Errorf("%d wait and %v is to be done", len(l.parents.waiting), l.state.FanOut)
	}
}
