package indexer

import (
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/indexer/binlog"
)

// Reason is why the indexer could not simply go on.
type Reason string

// The reasons. All but the last three begin a new epoch.
const (
	ReasonServer     Reason = "server"     // the source is another server: a failover, or a new server_uuid
	ReasonPurged     Reason = "purged"     // transactions that were not indexed are on no binlog any more
	ReasonLost       Reason = "lost"       // the source lacks transactions that it had
	ReasonRewritten  Reason = "rewritten"  // other transactions have the names of those that were indexed
	ReasonUnsigned   Reason = "unsigned"   // the history is known by no transaction's commit time
	ReasonCheckpoint Reason = "checkpoint" // the indexer's state is gone, the indices are not
	ReasonIndex      Reason = "index"      // an index is gone
	ReasonUnlogged   Reason = "unlogged"   // tables were dropped and made again with nothing of it on the binlog
	ReasonDefinition Reason = "definition" // a table's definition has changed, or rows went without events
)

// Reasons lists all reasons.
func Reasons() []Reason {
	return []Reason{
		ReasonServer, ReasonPurged, ReasonLost, ReasonRewritten, ReasonUnsigned, ReasonCheckpoint, ReasonIndex, ReasonUnlogged, ReasonDefinition,
	}
}

// hints say what the indexer does about it and what is left for an admin to look at.
var hints = map[Reason]string{
	ReasonServer:     "nothing has to be done: everything is read again while the old documents serve; see that the old source does not come back as one that takes writes",
	ReasonPurged:     "nothing has to be done: everything is read again while the old documents serve; keep the binlog for longer than the indexer may be away (binlog_expire_logs_seconds)",
	ReasonLost:       "nothing has to be done for the index: everything is read again while the old documents serve; find out why MySQL lost transactions (sync_binlog, a restored backup)",
	ReasonRewritten:  "nothing has to be done for the index: everything is read again while the old documents serve; find out who reset MySQL's history",
	ReasonUnsigned:   "nothing has to be done: everything is read again while the old documents serve",
	ReasonCheckpoint: "nothing has to be done: new indices are built beside those that serve; find out who deleted the state from Elasticsearch",
	ReasonIndex:      "nothing has to be done: a new index is built; find out who deleted it",
	ReasonUnlogged:   "nothing has to be done for the index: the documents of these tables are read again; make dumps for a server that runs with mysqldump --set-gtid-purged=OFF, and run: xunke rankings rebuild, if counts were restored",
	ReasonDefinition: "nothing has to be done: the documents of the table are read again",
}

// Recovery is one time at which the indexer could not simply go on, and made good for it.
type Recovery struct {
	Reason Reason    `json:"reason"`
	Why    string    `json:"why"` // in words
	Hint   string    `json:"hint"`
	Epoch  int64     `json:"epoch"` // in which it was made good
	Began  time.Time `json:"began"`
	Ended  time.Time `json:"ended,omitzero"` // when everything was read again; zero: not yet
}

// Running says whether something is still being read again.
func (r *Recovery) Running() bool { return r != nil && r.Ended.IsZero() }

// recover notes that something has to be made good. Another time of the same reason, while
// the first is under way, is a part of it.
func (s *State) recover(reason Reason, why string, now time.Time) {
	if r := s.Recovery; r.Running() && r.Reason == reason && r.Epoch == s.Epoch {
		return
	}
	s.Recovery = &Recovery{Reason: reason, Why: why, Hint: hints[reason], Epoch: s.Epoch, Began: now.UTC()}
	counts := make(map[Reason]int64, len(s.Recoveries)+1)
	for r, n := range s.Recoveries {
		counts[r] = n
	}
	counts[reason]++
	s.Recoveries = counts
}

// endRecovery ends the recovery under way once no sweep waits and every kind serves, and
// reports whether it did.
func (s *State) endRecovery(now time.Time) bool {
	if !s.Recovery.Running() {
		return false
	}
	for _, t := range s.FanOut {
		if t.Relation == binlog.Every(t.Relation.Target()) {
			return false
		}
	}
	for _, k := range catalog.Kinds() {
		if s.Serving(k) == nil {
			return false
		}
	}
	r := *s.Recovery
	r.Ended = now.UTC()
	s.Recovery = &r
	return true
}
