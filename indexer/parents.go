package indexer

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/indexer/binlog"
	"github.com/xunke/xunke/indexer/histories"
	"github.com/xunke/xunke/internal/retry"
)

const (
	// parentsPage is how many of them are read at a time.
	parentsPage = 200
	// parentsGiveWay is how long a page waits, at most, for the drain to have nothing to do,
	// and parentsRest how many times as long as a page took the next one waits while the drain
	// is busy: of a burst of courses the lane takes a fifth of the time.
	parentsGiveWay = time.Second
	parentsRest    = 4
	// parentsApart is how many times as long as it took to read them the orgs and teachers of a
	// page stay as they are read, and parentsMost how long at most.
	parentsApart = 10
	parentsMost  = time.Minute
	// maxParents bounds what waits. Beyond it a sweep of all orgs and teachers is cheaper than
	// the list, and covers it.
	maxParents = 50_000
)

// Parents is the list, as it is saved, of orgs and teachers whose sums over their courses are
// to be read again: what acknowledged transactions still change of them.
type Parents struct {
	Orgs     []int64 `json:"orgs,omitempty"`
	Teachers []int64 `json:"teachers,omitempty"`
	// Queued counts what was ever put on the list, and of it the first Settled are written.
	Queued  int64 `json:"queued"`
	Settled int64 `json:"settled"`
}

// Len is how many wait.
func (p Parents) Len() int { return len(p.Orgs) + len(p.Teachers) }

// Has says whether an item waits.
func (p Parents) Has(k catalog.Key) bool {
	return k.Kind == catalog.KindOrg && slices.Contains(p.Orgs, k.ID) ||
		k.Kind == catalog.KindTeacher && slices.Contains(p.Teachers, k.ID)
}

// parentQueue is the list while there is a leader. Its zero value is empty; leader.mu guards it.
type parentQueue struct {
	waiting map[catalog.Key]int64 // its number on the list
	days    histories.Changes     // of those that wait: the days of which the sums changed
	reading map[catalog.Key]int64 // the page in hand: a crash puts it on the list again
	next    map[catalog.Key]rest  // as far as it is not over yet
	costly  bool                  // whether the page in hand is read whole
	queued  int64
	every   time.Duration // the least time from one reading to the next: what changes within it is read once
}

// rest says when an org or a teacher may be read again: of its history only days, or all of it.
type rest struct{ days, whole time.Time }

// newParentQueue goes on with a saved list.
func newParentQueue(saved Parents, every time.Duration) parentQueue {
	q := parentQueue{queued: saved.Queued, every: every}
	for _, id := range saved.Orgs {
		q.add(catalog.Key{Kind: catalog.KindOrg, ID: id}, binlog.EveryDay())
	}
	for _, id := range saved.Teachers {
		q.add(catalog.Key{Kind: catalog.KindTeacher, ID: id}, binlog.EveryDay())
	}
	return q
}

// add puts an item on the list. One that is being read is put there again, since what is read
// of it may lack the change.
func (q *parentQueue) add(k catalog.Key, days binlog.Days) {
	if q.waiting == nil {
		q.waiting, q.days = map[catalog.Key]int64{}, histories.Changes{}
	}
	q.days[k] = q.days[k].With(days)
	if _, ok := q.waiting[k]; !ok {
		q.queued++
		q.waiting[k] = q.queued
	}
}

// take takes a page of those whose time has come, those that wait longest first, and the days
// on which the sums of each changed. keeps says whose histories are kept, so that these days
// are all that is read: they are in other pages than those that take long. Where there is no
// page, wait says when there may be; 0: nothing waits.
func (q *parentQueue) take(now time.Time, keeps func(catalog.Key) bool) (page []catalog.Key, changed histories.Changes, wait time.Duration) {
	maps.DeleteFunc(q.next, func(_ catalog.Key, r rest) bool { return !r.whole.After(now) && !r.days.After(now) })
	costly := map[catalog.Key]bool{}
	for k := range q.waiting {
		costly[k] = q.days[k].Every() || !keeps(k)
		at := q.next[k].days
		if costly[k] {
			at = q.next[k].whole
		}
		if left := at.Sub(now); left <= 0 {
			page = append(page, k)
		} else if wait == 0 || left < wait {
			wait = left
		}
	}
	if len(page) == 0 {
		return nil, nil, wait
	}
	slices.SortFunc(page, func(a, b catalog.Key) int { return int(q.waiting[a] - q.waiting[b]) })
	q.costly = costly[page[0]]
	page = slices.DeleteFunc(page, func(k catalog.Key) bool { return costly[k] != q.costly })
	page = page[:min(len(page), parentsPage)]
	q.reading, changed = make(map[catalog.Key]int64, len(page)), make(histories.Changes, len(page))
	for _, k := range page {
		q.reading[k], changed[k] = q.waiting[k], q.days[k]
		delete(q.waiting, k)
		delete(q.days, k)
	}
	slices.SortFunc(page, compareKeys)
	return page, changed, 0
}

// settle ends what take has begun, and which took some time. What takes long to read, as all
// of an org with thousands of courses, is read the less often; days of it, which take little,
// are not.
func (q *parentQueue) settle(now time.Time, took time.Duration) {
	if q.next == nil {
		q.next = map[catalog.Key]rest{}
	}
	again := now.Add(min(max(q.every, parentsApart*took), max(q.every, parentsMost)))
	for k := range q.reading {
		r := rest{days: again, whole: again}
		if q.costly {
			r.days = now.Add(q.every)
		} else if before := q.next[k].whole; before.After(again) {
			r.whole = before
		}
		q.next[k] = r
	}
	q.reading = nil
}

// save is the list as it is saved.
func (q *parentQueue) save() Parents {
	p := Parents{Queued: q.queued, Settled: q.queued}
	for _, some := range []map[catalog.Key]int64{q.reading, q.waiting} {
		for k, number := range some {
			p.Settled = min(p.Settled, number-1)
			if k.Kind == catalog.KindOrg {
				p.Orgs = append(p.Orgs, k.ID)
			} else {
				p.Teachers = append(p.Teachers, k.ID)
			}
		}
	}
	for _, ids := range []*[]int64{&p.Orgs, &p.Teachers} {
		slices.Sort(*ids)
		*ids = slices.Compact(*ids)
	}
	return p
}

// sumsOf finds the orgs and teachers whose sums a batch may have changed, and those by day on
// which days. Whoever counts in them now is asked for: a course that moved since is on the
// stream with the org that it left, for every day.
func (l *leader) sumsOf(ctx context.Context, b *batch) (histories.Changes, error) {
	sums := histories.Changes(maps.Clone(b.keys.Sums))
	courses := slices.Sorted(maps.Keys(b.keys.Parents))
	for page := range slices.Chunk(courses, l.options.BatchSize) {
		var counted []int64
		for _, course := range page {
			if b.keys.Parents[course].Counted() {
				counted = append(counted, course)
			}
		}
		parents, days, err := l.Reader.Parents(ctx, b.wait.String(), page, counted)
		if err != nil {
			return nil, err
		}
		for course, keys := range parents {
			for _, k := range keys {
				sums[k] = sums[k].With(b.keys.Parents[course]).With(days[course])
			}
		}
	}
	return sums, nil
}

// addParents puts items on the list. The caller has l.mu.
func (l *leader) addParents(s *State, sums histories.Changes) {
	for k, days := range sums {
		l.parents.add(k, days)
	}
	if len(l.parents.waiting) <= maxParents {
		return
	}
	clear(l.parents.waiting)
	clear(l.parents.days)
	l.apply.histories.Forget()
	s.addTasks(map[binlog.FanOut]struct{}{{Relation: binlog.EveryOrg}: {}, {Relation: binlog.EveryTeacher}: {}})
}

// runParents reads orgs and teachers again whose sums over their courses have changed, in a
// lane of its own: what one costs to read grows with its courses, and courses that change one
// after the other would have it read each time.
func (l *leader) runParents(ctx context.Context) error {
	for {
		l.mu.Lock()
		page, changed, wait := l.parents.take(time.Now(), l.apply.histories.Keeps)
		notice := l.changed
		l.mu.Unlock()
		if len(page) == 0 {
			if err := sleepOr(ctx, notice, wait); err != nil {
				return err
			}
			continue
		}
		if err := l.waitForDrain(ctx, parentsGiveWay); err != nil {
			return err
		}
		took, err := l.parentsStep(ctx, page, changed)
		if err != nil {
			return err
		}
		if l.drainIsBusy() {
			if err := retry.Sleep(ctx, parentsRest*took); err != nil {
				return err
			}
		}
	}
}

// parentsStep reads and writes a page. What put it on the list is acknowledged, but may not
// be visible yet.
func (l *leader) parentsStep(ctx context.Context, page []catalog.Key, changed histories.Changes) (took time.Duration, err error) {
	began := time.Now()
	state, _ := l.look()
	if err := l.apply.applyChanges(ctx, state.Epoch, state.Acked, page, changed, state.Live); err != nil {
		return 0, err
	}
	took = time.Since(began)
	l.update(func(*State) { l.parents.settle(time.Now(), took) })
	return took, nil
}

// sleepOr waits for a change, or for a time if that is not 0.
func sleepOr(ctx context.Context, changed <-chan struct{}, wait time.Duration) error {
	var due <-chan time.Time
	if wait > 0 {
		timer := time.NewTimer(wait)
		defer timer.Stop()
		due = timer.C
	}
	select {
	case <-changed:
		return nil
	case <-due:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
