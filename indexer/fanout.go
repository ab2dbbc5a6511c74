package indexer

import (
	"context"
	"slices"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/indexer/binlog"
	"github.com/xunke/xunke/internal/retry"
)

// runFanOut works off the persisted queue of fan-outs, one page after the other, at the pace
// that Elasticsearch and the faster lane leave to it.
func (l *leader) runFanOut(ctx context.Context) error {
	for {
		state, changed := l.look()
		if len(state.FanOut) == 0 {
			select {
			case <-changed:
				continue
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		if !state.FanOut[0].Begun {
			if err := l.beginFanOut(ctx, state.FanOut[0]); err != nil {
				return err
			}
			continue
		}
		if err := l.yieldToDrain(ctx); err != nil {
			return err
		}
		began, retries := time.Now(), l.apply.retries.Load()
		if err := l.fanOutStep(ctx, state); err != nil {
			return err
		}
		l.pace.record(time.Since(began), l.apply.retries.Load() > retries)
	}
}

// beginFanOut marks the first task as begun, before anything of it is read: a change from
// now on may be missing in what is read, and therefore is queued again.
func (l *leader) beginFanOut(ctx context.Context, task Task) error {
	var total int64
	if l.Sizer != nil {
		var err error
		if total, err = l.Sizer.Size(ctx, task.FanOut); err != nil {
			return err
		}
	}
	l.update(func(s *State) {
		if len(s.FanOut) > 0 && s.FanOut[0] == task {
			s.FanOut[0].Begun, s.FanOut[0].BegunAt, s.FanOut[0].Total = true, time.Now().UTC(), total
		}
	})
	return nil
}

// yieldToDrain waits as long as Elasticsearch wants it, and then a little for the faster lane:
// if that always has something to do, the slower one has to go on at the same time.
func (l *leader) yieldToDrain(ctx context.Context) error {
	if err := retry.Sleep(ctx, l.pace.pause); err != nil {
		return err
	}
	return l.waitForDrain(ctx, giveWay)
}

func (l *leader) drainIsBusy() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.writing || !l.queue.empty()
}

// waitForDrain waits until the drain has nothing in hand, but no longer than a time.
func (l *leader) waitForDrain(ctx context.Context, within time.Duration) error {
	timer := time.NewTimer(within)
	defer timer.Stop()
	for {
		l.mu.Lock()
		busy, changed := l.writing || !l.queue.empty(), l.changed
		l.mu.Unlock()
		if !busy {
			return nil
		}
		select {
		case <-changed:
		case <-timer.C:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// fanOutStep does a page of the first task, which has begun.
func (l *leader) fanOutStep(ctx context.Context, state State) error {
	task, page := state.FanOut[0], l.pace.size()
	ids, last, err := l.fanOutIDs(ctx, state, task, page)
	if err != nil {
		return err
	}
	kind := task.Relation.Target()
	keys := make([]catalog.Key, len(ids))
	for i, id := range ids {
		keys[i] = catalog.Key{Kind: kind, ID: id}
	}
	// A transaction that made nothing dirty but by fan-out, such as a tag's new name, was
	// acknowledged without a wait: it is on the binlog before it can be read.
	if err := l.apply.apply(ctx, state.Epoch, state.Acked, keys, state.Live); err != nil {
		return err
	}
	l.update(func(s *State) {
		// A new epoch may have replaced the queue meanwhile; what was read for the old one
		// is harmless, but the new task is not done.
		if len(s.FanOut) == 0 || s.FanOut[0] != task {
			return
		}
		if last {
			s.FanOut = slices.Delete(s.FanOut, 0, 1)
			s.FannedOut++
			return
		}
		s.FanOut[0].Cursor = ids[len(ids)-1]
		s.FanOut[0].Done += int64(len(ids))
		s.FanOut[0].Page = page
	})
	return nil
}

// fanOutIDs lists the next page of a task's documents, ascending, and whether it is the
// last. Every document of a kind means every row and every document: one that has lost
// its row must be found as well.
func (l *leader) fanOutIDs(ctx context.Context, state State, task Task, limit int) (ids []int64, last bool, err error) {
	ids, err = l.Reader.Page(ctx, task.FanOut, task.Cursor, limit)
	if err != nil {
		return nil, false, err
	}
	kind := task.Relation.Target()
	if task.Relation != binlog.Every(kind) {
		return ids, len(ids) < limit, nil
	}
	lists := [][]int64{ids}
	for _, g := range state.Live {
		if g.Kind != kind {
			continue
		}
		if task.Cursor == 0 {
			if err := l.Lister.Refresh(ctx, g.Index); err != nil {
				return nil, false, err
			}
		}
		indexed, err := l.Lister.IDs(ctx, g.Index, task.Cursor, limit)
		if err != nil {
			return nil, false, err
		}
		lists = append(lists, indexed)
	}
	ids, last = mergePages(lists, limit)
	return ids, last, nil
}

// mergePages unites pages of ascending ids that all begin at one cursor and have up to
// limit ids. Beyond the end of a full page nothing is known of its list, so the union
// ends at the nearest such end. last says that no page was full.
func mergePages(pages [][]int64, limit int) (ids []int64, last bool) {
	last = true
	var bound int64
	for _, p := range pages {
		if len(p) == limit && (last || p[limit-1] < bound) {
			last, bound = false, p[limit-1]
		}
		ids = append(ids, p...)
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	if !last {
		end, _ := slices.BinarySearch(ids, bound) // bound is the last of a page, so it is there
		ids = ids[:end+1]
	}
	return ids, last
}

// everything is a sweep of all rows and documents.
func everything() map[binlog.FanOut]struct{} {
	all := map[binlog.FanOut]struct{}{}
	for _, k := range catalog.Kinds() {
		all[binlog.FanOut{Relation: binlog.Every(k)}] = struct{}{}
	}
	return all
}
