package indexer

import (
	"context"
	"fmt"
	"time"
)

// sign commits a row when no transaction of this history has been acknowledged yet. Until
// one is, there is no commit time to know the history by: if the source lost its last
// transactions then, and committed others under their names, nothing would tell.
func (l *leader) sign(ctx context.Context) error {
	if state, _ := l.look(); state.Last != nil {
		return nil
	}
	return l.Source.Mark(ctx, "history", time.Now().UTC().Format(time.RFC3339Nano))
}

// historyBroken compares the state with the source's history and says what is wrong,
// "" when nothing is. That the last transaction is the same one, and not another under
// its name, is found out by the stream, which gets it once more (see binlog.ErrHistory).
func historyBroken(s State, p Position) (string, error) {
	if s.ServerUUID != p.ServerUUID {
		// A promoted replica shares its GTIDs with the old source, but whether it had all
		// that was acknowledged here is not known for what it lost and got again.
		return fmt.Sprintf("the source was %s and is %s", s.ServerUUID, p.ServerUUID), nil
	}
	acked, err := parseGTIDSet(s.Acked)
	if err != nil {
		return "", err
	}
	seen, err := parseGTIDSet(s.Seen)
	if err != nil {
		return "", err
	}
	executed, err := parseGTIDSet(p.Executed)
	if err != nil {
		return "", err
	}
	purged, err := parseGTIDSet(p.Purged)
	if err != nil {
		return "", err
	}
	switch {
	case !acked.contains(purged):
		return fmt.Sprintf("transactions %s are purged from the binlog and only %s were indexed", p.Purged, s.Acked), nil
	case !executed.contains(acked):
		return fmt.Sprintf("transactions %s were indexed and the source has only %s", s.Acked, p.Executed), nil
	case !executed.contains(seen):
		return fmt.Sprintf("the source had transactions %s and has only %s", s.Seen, p.Executed), nil
	default:
		return "", nil
	}
}
