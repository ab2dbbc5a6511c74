package chaos

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	gomysql "github.com/go-mysql-org/go-mysql/mysql"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/test/harness"
)

// succession is a failover installation whose source changes again and again.
type succession struct {
	*failover
	mishaps  sync.WaitGroup // of indexers, around the change that is under way
	kinds    *tally         // of changes
	meant    int64          // transactions that were lost on purpose
	other    int64          // transactions that were lost because the source died as it was
	remade   int            // how often an old source was made anew
	followed []time.Duration
}

// keepsakes are teachers of whom nobody but lose changes anything, by the ids that follow
// those of the seeded ones.
const keepsakes = 20

func keepsake(id int64) string { return fmt.Sprintf("故人%d", id) }

// TestFailoverAtRandom has another server become the source in random ways, for a quarter
// of the time that TestRandom takes. Writers go on all the while through the name that
// moves; of the indexers one knows both addresses and one the name.
func TestFailoverAtRandom(t *testing.T) {
	seeds := harness.Random(t, rand.Uint64N(1_000_000))
	f := &succession{failover: newFailover(t), kinds: &tally{done: map[string]int{}}}
	f.Insert("teachers (name)", keepsakes, func(i int) []any { return []any{keepsake(harness.SeedTeachers + int64(i))} })
	t.Cleanup(f.mishaps.Wait) // before their indexers are ended
	f.startAll()
	f.Serving()
	endKeep := f.keep()
	// No table is altered or emptied: everything would be read again then, too, which would
	// make good for a new epoch that does not do so.
	stop := f.Hire(harness.Crew{Writers: 3, PerSecond: 15, Changes: harness.Changes(), Hardy: true}, seeds)
	beside := reindexFaults()[:2]
	for until := time.Now().Add(chaosFor(t) / 4); time.Now().Before(until) && !t.Failed(); {
		if seeds.IntN(4) == 0 {
			f.strike(pick(beside, seeds), seeds) // and the source changes in the middle of it
		}
		way := pick(f.ways(), seeds)
		f.kinds.add(way.name)
		f.strike(way, seeds)
		f.pause(f.between(seeds, 0, 4*time.Second))
	}
	work := stop()
	f.again()
	f.dismiss()
	f.startAll()
	f.settle()
	endKeep()
	f.atRest()
	f.summary(work)
	f.T.Logf("changes of the source: %s; %d transactions were lost on purpose and %d with a source that died as it was, %d times an old source was made anew",
		f.kinds, f.meant, f.other, f.remade)
	if slices.Sort(f.followed); len(f.followed) > 0 {
		f.T.Logf("an indexer followed a promoted server, %d times: median %.1f s, at most %.1f s",
			len(f.followed), f.followed[len(f.followed)/2].Seconds(), f.followed[len(f.followed)-1].Seconds())
	}
	f.T.Logf("dead letters: %s", f.deadLetters())
}

// ways are those in which the source changes. After each there are a source and a replica
// that follows it.
func (f *succession) ways() []fault {
	return []fault{
		{"kill the source, whose replica has everything", 3, func(_ *site, r *rand.Rand) {
			f.source.do(`SET GLOBAL super_read_only = ON`) // or there would be more by then
			f.replica.catchUp(f.source)
			f.succeed(r, f.source.kill)
			if lost := f.rejoin(); lost > 0 {
				f.T.Errorf("%d transactions were lost though the replica had everything", lost)
			}
		}},
		{"kill the source as it is", 3, func(_ *site, r *rand.Rand) {
			f.succeed(r, f.source.kill)
			f.other += f.rejoin()
		}},
		{"kill the source, whose replica lacks what was indexed", 4, func(_ *site, r *rand.Rand) {
			f.replica.do(`STOP REPLICA`)
			f.pause(f.between(r, 300*time.Millisecond, 4*time.Second))
			wentBack := f.lose(r)
			f.succeed(r, f.source.kill)
			f.Eventually("what was lost is as it was", wentBack)
			f.meant += f.rejoin()
		}},
		{"switch over as planned", 4, func(_ *site, r *rand.Rand) {
			f.succeed(r, func() {
				f.source.do(`SET GLOBAL super_read_only = ON`)
				f.replica.catchUp(f.source)
			})
			f.replica.follow(f.source)
		}},
		{"give the source a new identity", 2, func(_ *site, r *rand.Rand) { f.restart(r, f.source.forgetIdentity) }},
		{"kill the source and start it again", 3, func(_ *site, r *rand.Rand) { f.restart(r, func() {}) }},
	}
}

// succeed has the source go and promotes the replica. It returns when an indexer follows
// the new source; the old one stands where the replica did, and does not follow yet.
func (f *succession) succeed(r *rand.Rand, leave func()) {
	outage, apart, nameFirst := f.between(r, 0, 2*time.Second), f.between(r, 0, 800*time.Millisecond), r.IntN(4) == 0
	f.mishap(r)
	leave()
	f.pause(outage)
	f.source, f.replica = f.replica, f.source
	if nameFirst { // whoever comes by it finds a server that does not take writes yet
		f.name.move(f.source.address())
		f.pause(apart)
	}
	f.source.promote()
	promoted := time.Now()
	f.mishaps.Go(func() { // until then the name leads to the old source
		f.pause(apart)
		f.name.move(f.source.address())
	})
	f.follows()
	f.followed = append(f.followed, time.Since(promoted))
	f.finds()
}

// restart kills the source and starts it again after something was done to it.
func (f *succession) restart(r *rand.Rand, change func()) {
	outage := f.between(r, 0, 3*time.Second)
	f.mishap(r)
	f.source.kill()
	f.pause(outage)
	change()
	f.source.start()
	f.follows()
	f.finds()
	f.replica.catchUp(f.source)
}

// mishap has the leader, in half of the cases, be killed or stopped within two seconds from
// now, which is around the promotion.
func (f *succession) mishap(r *rand.Rand) {
	kind, when := r.IntN(10), f.between(r, 0, 2*time.Second)
	away, stopped := f.between(r, 0, 4*time.Second), f.between(r, time.Second, 14*time.Second)
	f.mishaps.Go(func() {
		if kind >= 5 {
			return
		}
		f.pause(when)
		o := f.leader()
		if kind < 3 {
			f.tally.add("  the leader was killed meanwhile")
			o.kill()
			f.pause(away)
			o.start()
			return
		}
		if p := o.running(); p != nil {
			f.tally.add("  the leader was stopped meanwhile")
			f.watch.away(p.PID(), "stopped")
			p.Signal(syscall.SIGSTOP)
			f.pause(stopped)
			p.Signal(syscall.SIGCONT)
		}
	})
}

// follows waits until an indexer follows the source that there is.
func (f *succession) follows() {
	uuid := f.source.value(`SELECT @@server_uuid`)
	f.Eventually("an indexer follows the source", func() (bool, string) {
		s := f.State()
		return s.ServerUUID == uuid, fmt.Sprintf("epoch %d of %s, and the source is %s: %s", s.Epoch, s.ServerUUID, uuid, s.LastError)
	})
}

// finds commits a row at the source and waits until it is found, and until nothing happens to
// the indexers any more.
func (f *succession) finds() {
	id := f.first()
	f.Eventually("the first row at the source is found", func() (bool, string) {
		found, err := f.FoundName(f.T.Context(), catalog.KindTeacher, id)
		return err == nil && found == "第一行", fmt.Sprintf("%q (%v); the last error is %q", found, err, f.State().LastError)
	})
	f.mishaps.Wait()
}

// lose renames a keepsake, deletes one, and makes a teacher whose id nobody else will ever
// have. It returns when that is indexed. None of it will have happened: what is returned
// says whether the index knows. Nothing but reading everything again can make good for it.
func (f *succession) lose(r *rand.Rand) (wentBack func() (bool, string)) {
	renamed := harness.SeedTeachers + 1 + r.Int64N(keepsakes/2)
	deleted := renamed + keepsakes/2
	made := 10_000_000 + r.Int64N(1_000_000_000)
	f.Exec(`UPDATE teachers SET name = '失去的名字' WHERE id = ?`, renamed)
	f.Exec(`DELETE FROM teachers WHERE id = ?`, deleted)
	f.Exec(`INSERT INTO teachers (id, name) VALUES (?, '失去的教师')`, made)
	are := func(names ...string) func() (bool, string) {
		return func() (bool, string) {
			for i, id := range []int64{renamed, deleted, made} {
				if found, err := f.FoundName(f.T.Context(), catalog.KindTeacher, id); err != nil || found != names[i] {
					return false, fmt.Sprintf("teacher %d is called %q and not %q (%v)", id, found, names[i], err)
				}
			}
			return true, ""
		}
	}
	f.Eventually("what will be lost is indexed", are("失去的名字", "", "失去的教师"))
	return are(keepsake(renamed), keepsake(deleted), "")
}

// rejoin makes the old source, which has died, the replica of the new one. Where it has
// transactions that the new one lacks it is made anew from a copy; their number is returned.
func (f *succession) rejoin() (lost int64) {
	f.replica.start("--super-read-only")
	lost = f.transactions(f.replica.value(`SELECT GTID_SUBTRACT(@@GLOBAL.gtid_executed, ?)`, f.source.value(`SELECT @@GLOBAL.gtid_executed`)))
	if lost > 0 {
		f.remade++
		f.replica.kill()
		f.source.kill()
		f.replica.copy(f.source)
		f.source.start()
		f.replica.start("--super-read-only")
	}
	f.replica.follow(f.source)
	return lost
}

// transactions is how many a GTID set has.
func (f *succession) transactions(set string) (n int64) {
	parsed, err := gomysql.ParseMysqlGTIDSet(clean(set))
	if err != nil {
		f.T.Fatalf("read a GTID set: %v", err)
	}
	for _, tags := range *parsed.(*gomysql.MysqlGTIDSet) {
		for _, intervals := range tags {
			for _, i := range intervals {
				n += i.Stop - i.Start
			}
		}
	}
	return n
}
