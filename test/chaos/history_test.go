package chaos

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/xunke/xunke/indexer"
	"github.com/xunke/xunke/test/harness"
)

// TestHistory has MySQL lose a part of its history, or all of it, and go on. What then has
// the same names is not what was indexed under them.
func TestHistory(t *testing.T) {
	v := ownServers(t)
	forgetHistory(t)
	s := newSite(t, 1)
	s.settle()
	t.Run("everything forgotten while the indexer is away", func(t *testing.T) {
		s := s.on(t)
		s.slots[0].kill()
		s.Exec(`RESET MASTER`)
		s.outgrow()
		s.newEpoch(s.startAll, indexer.ReasonRewritten)
	})
	t.Run("everything forgotten under a running indexer", func(t *testing.T) {
		s := s.on(t)
		s.newEpoch(func() {
			s.Exec(`RESET MASTER`)
			s.outgrow()
		}, indexer.ReasonLost, indexer.ReasonRewritten) // by how soon it is noticed
	})
	t.Run("an older volume, and what is written after", func(t *testing.T) {
		s := s.on(t)
		kept := v.copyVolume()
		s.again()
		s.outgrow()
		s.settle()
		s.slots[0].kill()
		v.restoreVolume(kept)
		s.again()
		s.outgrow()
		s.newEpoch(s.startAll, indexer.ReasonRewritten)
	})
	t.Run("an older volume under a running indexer", func(t *testing.T) {
		s := s.on(t)
		kept := v.copyVolume()
		s.again()
		s.Exec(`UPDATE courses SET name = '失去的名字' WHERE id <= 30`)
		s.Exec(`DELETE FROM lessons WHERE course_id <= 30`)
		s.settle()
		s.newEpoch(func() {
			v.restoreVolume(kept)
			s.again()
		}, indexer.ReasonLost, indexer.ReasonRewritten)
	})
	t.Run("a binlog that is purged too early", func(t *testing.T) {
		s := s.on(t)
		s.slots[0].kill()
		s.Exec(`UPDATE courses SET name = '没有人听见' WHERE id BETWEEN 40 AND 60`)
		s.Exec(`FLUSH BINARY LOGS`)
		s.Exec(`UPDATE teachers SET name = '听见的人' WHERE id = 4`)
		s.purge()
		s.newEpoch(s.startAll, indexer.ReasonPurged)
	})
}

// forgetHistory makes the server forget all transactions before the first of a test, so
// that it has few.
func forgetHistory(t *testing.T) {
	t.Helper()
	w := harness.Empty(t)
	w.Exec(`RESET MASTER`)
}

// again waits until the server takes statements again after it was away: connections of
// the pool break one by one.
func (s *site) again() {
	s.T.Helper()
	s.Eventually("MySQL answers", func() (bool, string) {
		for range 10 {
			if err := s.DB.PingContext(s.T.Context()); err != nil {
				return false, err.Error()
			}
		}
		return true, ""
	})
}

// outgrow commits transactions until the server has executed all that are acknowledged, by
// their names, and more: then every comparison of GTID sets passes. As many exactly would
// be noticed under an open stream with the next transaction only: that is the sentinel's,
// which these tests do without.
func (s *site) outgrow() {
	s.T.Helper()
	acked := s.State().Acked
	for i := 0; ; i++ {
		s.Exec(`INSERT INTO teachers (name) VALUES (?)`, fmt.Sprintf("新史%d", i))
		s.Exec(`UPDATE courses SET name = ? WHERE id = ?`, fmt.Sprintf("新史%d", i), 1+i%harness.SeedCourses)
		if harness.One[bool](s.World, `SELECT GTID_SUBSET(?, @@GLOBAL.gtid_executed)`, acked) {
			break
		}
	}
	s.Exec(`INSERT INTO teachers (name) VALUES ('新史终')`)
}

// newEpoch checks that something makes the indexer begin a new epoch for one of the reasons,
// and that all is equal after that. Where none begins, what differs is more worth knowing.
func (s *site) newEpoch(run func(), reasons ...indexer.Reason) {
	s.T.Helper()
	before := s.State().Epoch
	run()
	began := time.Now()
	for s.State().Epoch == before && time.Since(began) < harness.Patience/2 {
		s.pause(100 * time.Millisecond)
	}
	took := time.Since(began)
	if s.State().Epoch == before {
		s.T.Errorf("no new epoch began within %s", harness.Patience/2)
	}
	s.T.Logf("a new epoch began after %.1f s: %s", took.Seconds(), s.State().LastError)
	s.settle()
	s.checkRecovery(reasons...)
}

// checkRecovery checks that the state tells of a recovery for one of the reasons that has come to
// its end.
func (s *site) checkRecovery(reasons ...indexer.Reason) {
	s.T.Helper()
	now := s.State()
	if r := now.Recovery; r == nil || r.Running() || !slices.Contains(reasons, r.Reason) || r.Hint == "" || r.Epoch != now.Epoch || now.Recoveries[r.Reason] == 0 {
		s.T.Errorf("what the state tells: %+v, %v; want one for the reasons %q", r, now.Recoveries, reasons)
	}
}

// purge removes all binlogs but the last.
func (s *site) purge() {
	s.T.Helper()
	rows, err := s.DB.QueryContext(context.Background(), `SHOW BINARY LOGS`)
	if err != nil {
		s.T.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	var name, size, encrypted string
	for rows.Next() {
		if err := rows.Scan(&name, &size, &encrypted); err != nil {
			s.T.Fatal(err)
		}
	}
	if err := rows.Err(); err != nil {
		s.T.Fatal(err)
	}
	s.Exec(`PURGE BINARY LOGS TO '` + name + `'`)
}
