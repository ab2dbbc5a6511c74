package chaos

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/indexer"
	"github.com/xunke/xunke/test/harness"
)

// failover is an installation on a source and its replica. Its first indexer knows both
// addresses, its second one a name that is moved.
type failover struct {
	*site
	source, replica *mysqld
	name            *name
}

// newFailover makes one whose indexers do not run yet.
func newFailover(t *testing.T) *failover {
	t.Helper()
	f := &failover{}
	f.source, f.replica = newPair(t)
	f.name = newName(t, f.source.address())
	t.Setenv("XUNKE_TEST_MYSQL_DSN", "root@tcp("+f.name.address()+")/")
	f.site = idleSite(t, 2)
	both := []string{f.source.address(), f.replica.address()}
	f.slots[0].extra = []string{"MYSQL_ADDRESSES", strings.Join(both, ",")}
	return f
}

// TestFailover lets another server become the source, again and again, in the ways in which
// that happens. No indexer is started anew for it.
func TestFailover(t *testing.T) {
	f := newFailover(t)
	f.slots[0].start()
	f.Serving()
	f.settle()
	for _, one := range []struct {
		name string
		run  func(f *failover)
	}{
		{"the source dies, its replica had everything", diesComplete},
		{"the name moves to the replica, the source lives on read-only", nameMoves},
		{"the source dies, its replica lacks what was indexed", diesIncomplete},
		{"the source starts with a new identity", newIdentity},
		{"the old source is back and takes writes", comesBack},
	} {
		if !t.Run(one.name, func(t *testing.T) {
			g := *f
			g.site = f.on(t)
			one.run(&g)
			f.source, f.replica = g.source, g.replica
		}) {
			return
		}
	}
}

func diesComplete(f *failover) {
	p := f.slots[0].running()
	f.Exec(`UPDATE courses SET name = '最后的改动' WHERE id <= 20`)
	f.replica.catchUp(f.source)
	f.source.kill()
	p.Line("none of the servers in mysql.addresses takes writes", "promote one")
	f.takeOver(p, "which has everything that was indexed")
}

func nameMoves(f *failover) {
	f.slots[0].end()
	f.replica.start("--super-read-only")
	f.replica.follow(f.source)
	p := f.slots[1].start()
	f.Leads(p)
	f.settle()
	f.replica.catchUp(f.source)
	f.source.do(`SET GLOBAL super_read_only = ON`)
	f.replica.catchUp(f.source)
	f.takeOver(p, "which has everything that was indexed")
}

func diesIncomplete(f *failover) {
	f.slots[1].end()
	f.replica.follow(f.source)
	p := f.slots[0].start()
	f.Leads(p)
	f.settle()
	f.replica.do(`SET GLOBAL binlog_row_image = MINIMAL`)
	if r := f.Start("doctor", f.slots[0].extra, "doctor").Result(); !strings.Contains(r.Stdout, `replicas: `+f.replica.address()+`: binlog_row_image is "MINIMAL"`) {
		f.T.Errorf("doctor does not tell of a replica that is not fit: %s", r)
	}
	f.replica.do(`SET GLOBAL binlog_row_image = FULL`, `STOP REPLICA`)
	// None of this will ever have happened, but it is indexed.
	f.Exec(`UPDATE courses SET name = '失去的名字' WHERE id <= 30`)
	f.Exec(`UPDATE orgs SET name = '失去的机构' WHERE id = 1`)
	lost := f.Exec(`INSERT INTO teachers (name) VALUES ('失去的教师')`)
	f.Exec(`DELETE FROM lessons WHERE course_id <= 30`)
	f.settle()
	f.source.kill()
	f.takeOver(p, "which lacks ")
	if found, err := f.FoundName(f.T.Context(), catalog.KindTeacher, lost); err != nil || strings.HasPrefix(found, "失去") {
		f.T.Errorf("teacher %d, who was lost, is called %q (%v)", lost, found, err)
	}
}

func newIdentity(f *failover) {
	epoch := f.State().Epoch
	f.source.kill()
	f.source.forgetIdentity()
	f.source.start()
	f.Eventually("a new epoch begins", func() (bool, string) { return harness.Equals(f.State().Epoch, epoch+1) })
	f.again()
	f.settle()
	f.checkRecovery(indexer.ReasonServer)
}

func comesBack(f *failover) {
	f.replica.start()
	f.replica.do(`INSERT INTO ` + f.database() + `.teachers (name) VALUES ('写错了地方')`)
	s := f.status()
	if len(s.Writable) != 2 || s.Writable[0] != f.source.address() || !slices.ContainsFunc(s.Problems, func(p string) bool { return strings.Contains(p, "take writes") }) {
		f.T.Errorf("status with two servers that take writes: %v, %v", s.Writable, s.Problems)
	}
	before := f.State()
	f.slots[0].end()
	p := f.slots[0].start()
	f.Leads(p)
	p.Line("two servers take writes", f.replica.address(), "super_read_only")
	f.settle()
	if now := f.State(); now.Epoch != before.Epoch || now.ServerUUID != before.ServerUUID {
		f.T.Errorf("a new epoch began: %s", now.LastError)
	}
	f.slots[0].end()
}

// takeOver promotes the replica and checks that the indexer goes on with it by itself, that
// nothing is wrong in the end, and that what happened is told.
func (f *failover) takeOver(p *harness.Process, why string) {
	f.T.Helper()
	before := f.State()
	f.replica.promote()
	promoted := time.Now()
	f.name.move(f.replica.address())
	f.source, f.replica = f.replica, f.source
	id := f.first()
	f.Eventually("the indexer follows the promoted server", func() (bool, string) {
		s := f.State()
		return s.Epoch == before.Epoch+1 && s.PID == p.PID(), fmt.Sprintf("epoch %d of %s: %s", s.Epoch, s.ServerUUID, s.LastError)
	})
	led := time.Since(promoted)
	f.Eventually("the first row at the promoted server is found", func() (bool, string) {
		found, err := f.FoundName(f.T.Context(), catalog.KindTeacher, id)
		return err == nil && found == "第一行", fmt.Sprint(found, err)
	})
	f.T.Logf("an indexer followed the promoted server after %.1f s, its first row was found after %.1f s", led.Seconds(), time.Since(promoted).Seconds())
	for i := range 20 {
		f.Exec(`UPDATE courses SET minutes = minutes + 1 WHERE id = ?`, i+1)
	}
	p.Line("indexing could not simply go on", "reason=server", "hint=")
	f.settle()
	s := f.State()
	if s.Recovery.Running() || s.Recovery == nil || s.Recovery.Reason != indexer.ReasonServer || !strings.Contains(s.Recovery.Why, why) ||
		s.Recoveries[indexer.ReasonServer] != before.Recoveries[indexer.ReasonServer]+1 {
		f.T.Errorf("what the state tells: %+v, %v; want %q", s.Recovery, s.Recoveries, why)
	}
	if told := f.status(); told.Recovery == nil || told.Recovery.Why != s.Recovery.Why || told.Epoch != s.Epoch {
		f.T.Errorf("what status tells: %+v", told)
	}
}

// first commits the first row after a promotion, as an application does that tries until
// it may.
func (f *failover) first() (id int64) {
	f.T.Helper()
	f.Eventually("the promoted server takes writes", func() (bool, string) {
		result, err := f.DB.ExecContext(f.T.Context(), `INSERT INTO teachers (name) VALUES ('第一行')`)
		if err != nil {
			return false, err.Error()
		}
		id, err = result.LastInsertId()
		return err == nil, fmt.Sprint(err)
	})
	return id
}

func (f *failover) database() string { return harness.One[string](f.World, `SELECT DATABASE()`) }

// told is what these tests want to know of `xunke status`.
type told struct {
	Problems []string          `json:"problems"`
	Writable []string          `json:"writable"`
	Epoch    int64             `json:"epoch"`
	Recovery *indexer.Recovery `json:"recovery"`
}

// status asks for the status by both addresses.
func (f *failover) status() (s told) {
	f.T.Helper()
	r := f.Start("status", f.slots[0].extra, "status", "--json").Result()
	if err := json.Unmarshal([]byte(r.Stdout), &s); err != nil {
		f.T.Fatalf("%v: %s", err, r)
	}
	return s
}
