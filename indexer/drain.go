package indexer

import (
	"context"
	"slices"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/indexer/binlog"
	"github.com/xunke/xunke/indexer/histories"
)

// runDrain writes what the stream has sealed, batch after batch, and acknowledges each. What
// it leaves to slower lanes is part of the state that has the acknowledgement.
func (l *leader) runDrain(ctx context.Context) error {
	for {
		b, err := l.queue.take(ctx)
		if err != nil {
			return err
		}
		l.mu.Lock()
		l.drained, l.writing = b.oldest, true
		live, epoch := slices.Clone(l.state.Live), l.state.Epoch
		l.mu.Unlock()
		sums, err := l.sumsOf(ctx, b)
		if err != nil {
			return err
		}
		if err := l.drain(ctx, b, epoch, live); err != nil {
			return err
		}
		l.update(func(s *State) {
			s.addTasks(b.keys.FanOut)
			l.addParents(s, sums)
			l.noteSweep(b.keys.FanOut)
			l.apply.histories.ForgetAfter(b.keys.FanOut)
			l.acked.AddAll(b.sealed)
			s.Acked = l.acked.String()
			if b.count > 0 {
				s.Last = MarkOf(b.last)
			}
			l.drained, l.writing = time.Time{}, false
		})
	}
}

func (l *leader) drain(ctx context.Context, b *batch, epoch int64, live []Gen) error {
	wait := b.wait.String()
	keys := b.keys.Direct
	if len(keys) == 0 {
		return nil
	}
	touched := len(keys)
	if _, ok := keys[binlog.Sentinel()]; ok {
		touched-- // no count includes it
	}
	l.touched.Add(int64(touched))
	sorted := make([]catalog.Key, 0, len(keys))
	for k := range keys {
		sorted = append(sorted, k)
	}
	slices.SortFunc(sorted, compareKeys)
	return l.apply.applyChanges(ctx, epoch, wait, sorted, courseChanges(b.keys), live)
}

// courseChanges are the days of courses whose counts changed. Orgs and teachers are read
// whole here: those that are kept are for the lane that adds them up.
func courseChanges(keys binlog.Keys) histories.Changes {
	changed := make(histories.Changes, len(keys.Direct))
	for k := range keys.Direct {
		if k.Kind == catalog.KindCourse && k != binlog.Sentinel() {
			changed[k] = keys.Parents[k.ID]
		}
	}
	return changed
}

// compareKeys orders teachers, orgs and courses apart and by id: neighbours in MySQL's
// pages are read together.
func compareKeys(a, b catalog.Key) int {
	if a.Kind != b.Kind {
		if a.Kind < b.Kind {
			return 1
		}
		return -1
	}
	return int(a.ID - b.ID)
}
