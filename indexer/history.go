package indexer

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/indexer/binlog"
	"github.com/xunke/xunke/internal/gtid"
)

// sign commits a row when no transaction of this history has been acknowledged yet. Until
// one is, there is no commit time to know the history by: if the source lost its last
// transactions then, and committed others under their names, nothing would show it.
func (l *leader) sign(ctx context.Context) error {
	if state, _ := l.look(); state.Last != nil {
		return nil
	}
	return l.Source.Mark(ctx, "history", time.Now().UTC().Format(time.RFC3339Nano))
}

// breach is why the history that was indexed cannot be continued.
type breach struct {
	reason Reason
	why    string
	// from is where the stream goes on, a GTID set: what is not in it is heard of at once,
	// everything else when the sweep comes to it.
	from string
}

// compareHistory compares the state with the source's history and says what is wrong, nil
// when nothing is. That the last transaction is the same one, and not another under its
// name, is found out by the stream, which gets it once more (see binlog.ErrHistory).
func compareHistory(s State, p Position) (*breach, error) {
	var sets [4]gtid.Set
	for i, text := range []string{s.Acked, s.Seen, p.Executed, p.Purged} {
		var err error
		if sets[i], err = gtid.Parse(text); err != nil {
			return nil, err
		}
	}
	acked, seen, executed, purged := sets[0], sets[1], sets[2], sets[3]
	broken := func(reason Reason, format string, args ...any) (*breach, error) {
		return &breach{reason: reason, why: fmt.Sprintf(format, args...), from: p.Executed}, nil
	}
	switch {
	case s.ServerUUID != p.ServerUUID:
		b := &breach{reason: ReasonServer, why: fmt.Sprintf("the source was %s and is %s, which has everything that was indexed", s.ServerUUID, p.ServerUUID)}
		if lost := acked.Subtract(executed).Count(); lost > 0 {
			b.why = fmt.Sprintf("the source was %s and is %s, which lacks %d transactions that were indexed", s.ServerUUID, p.ServerUUID, lost)
		}
		// What the two have in common need not be heard of again, nor can what is purged.
		from := acked.Intersect(executed)
		from.AddAll(purged)
		b.from = from.String()
		return b, nil
	case !acked.Contains(purged):
		return broken(ReasonPurged, "transactions %s are purged from the binlog and only %s were indexed", p.Purged, s.Acked)
	case !executed.Contains(acked):
		return broken(ReasonLost, "transactions %s were indexed and the source has only %s", s.Acked, p.Executed)
	case !executed.Contains(seen):
		return broken(ReasonLost, "the source had transactions %s and has only %s", s.Seen, p.Executed)
	case s.Doubt != "":
		return broken(cmp.Or(s.DoubtOf, ReasonRewritten), "%s", s.Doubt)
	case s.Last == nil:
		return broken(ReasonUnsigned, "no transaction of the history that was indexed is known by its time")
	default:
		return nil, nil
	}
}

// newEpoch begins a new history: everything is read again while the index serves, and
// outranks all that was written before.
func (l *leader) newEpoch(position Position, b breach) {
	l.state.Epoch++
	l.state.ServerUUID, l.state.Acked, l.state.Seen, l.state.Last = position.ServerUUID, b.from, position.Executed, nil
	l.state.LastError, l.state.ErrorAt = "new epoch: "+b.why, time.Now().UTC()
	l.state.FanOut, l.state.Doubt, l.state.DoubtOf = nil, "", ""
	l.state.TablesCreated = nil // of another server, or read again anyway
	l.state.Parents = Parents{Queued: l.state.Parents.Queued, Settled: l.state.Parents.Queued}
	l.state.addTasks(everything())
	l.recover(b.reason, b.why)
}

// recover notes what has to be made good, and says so. The caller has l.mu, or is alone.
func (l *leader) recover(reason Reason, why string) {
	before := l.state.Recovery
	l.state.recover(reason, why, time.Now())
	if r := l.state.Recovery; r != before {
		l.Log.Error("indexing could not simply go on, and makes good for it", "reason", reason, "why", why, "epoch", r.Epoch, "hint", r.Hint)
	}
}

// noteSweep tells of transactions that said nothing of their rows: of a table's definition,
// or rows that are not whole on the binlog.
func (l *leader) noteSweep(tasks map[binlog.FanOut]struct{}) {
	for _, k := range catalog.Kinds() {
		if _, ok := tasks[binlog.FanOut{Relation: binlog.Every(k)}]; ok {
			l.recover(ReasonDefinition, "a table that documents are made of was altered or emptied, or rows came without the row before, or an XA transaction ended that had begun unseen")
			select {
			case l.redefined <- struct{}{}:
			default:
			}
			return
		}
	}
}

// endRecovery ends a recovery that is complete, and logs it. The caller has l.mu.
func (l *leader) endRecovery() {
	if l.state.endRecovery(time.Now()) {
		r := l.state.Recovery
		l.Log.Info("everything is read again", "reason", r.Reason, "epoch", r.Epoch, "took", r.Ended.Sub(r.Began).Round(time.Millisecond).String())
	}
}
