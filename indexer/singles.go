package indexer

import (
	"context"
	"maps"
	"slices"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/indexer/binlog"
	"github.com/xunke/xunke/internal/gtid"
)

const (
	// singleKeys is how many documents a transaction changes, at most, that an editor waits for.
	singleKeys = 10
	// singleBehind is how many keys wait, or are being written, before single changes are
	// written ahead of them. Fewer take no longer than the detour.
	singleBehind = 500
	// maxSingles bounds the single changes that wait to be written ahead. More are no single
	// changes any more, and have their turn.
	maxSingles = 1000
)

// singles are courses that small transactions changed while much else waits.
type singles struct {
	keys map[catalog.Key]struct{}
	wait gtid.Set // must be executed before they are read
}

// note takes the courses of a transaction. The document that tells how fresh searches are is
// not among them: it has its turn, and so tells how long the others wait.
func (s *singles) note(g binlog.GTID, keys binlog.Keys) (noted bool) {
	for k := range keys.Direct {
		if k.Kind != catalog.KindCourse || k == binlog.Sentinel() || len(s.keys) >= maxSingles {
			continue
		}
		if s.keys == nil {
			s.keys, s.wait = map[catalog.Key]struct{}{}, gtid.NewSet()
		}
		s.keys[k], noted = struct{}{}, true
		s.wait.Add(g.UUID, g.Number)
	}
	return noted
}

// takeSingles waits until there are single changes to write ahead, and takes them all.
func (q *queue) takeSingles(ctx context.Context) (keys []catalog.Key, wait gtid.Set, err error) {
	for {
		q.mu.Lock()
		taken := q.singles
		q.singles = singles{}
		q.mu.Unlock()
		if len(taken.keys) > 0 {
			return slices.SortedFunc(maps.Keys(taken.keys), compareKeys), taken.wait, nil
		}
		select {
		case <-q.single:
		case <-ctx.Done():
			return nil, wait, ctx.Err()
		}
	}
}

// runSingles writes single changes of courses while the drain has much to do, so that whoever
// edits a course does not wait for an import. Order does not matter to documents, since each is
// read as its row is now, and with its version. It does to the acknowledgement: that is still
// given when the drain comes to the transaction, and writes the course once more.
func (l *leader) runSingles(ctx context.Context) error {
	for {
		keys, wait, err := l.queue.takeSingles(ctx)
		if err != nil {
			return err
		}
		state, _ := l.look()
		if err := l.apply.apply(ctx, state.Epoch, wait.String(), keys, state.Live); err != nil {
			return err
		}
	}
}
