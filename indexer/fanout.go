package indexer

import (
	"context"
	"slices"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/indexer/binlog"
)

// fanOutPage is how many documents one step of the slower lane reads: few enough that
// the faster lane's bulk requests are not stuck behind it.
const fanOutPage = 500

// runFanOut works off the persisted queue of fan-outs, one page after the other.
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
			// Before anything is read: a change from now on may be missing in it, and
			// therefore is queued again.
			l.update(func(s *State) {
				if len(s.FanOut) > 0 {
					s.FanOut[0].Begun = true
				}
			})
			continue
		}
		if err := l.fanOutStep(ctx, state); err != nil {
			return err
		}
	}
}

// fanOutStep does a page of the first task, which has begun.
func (l *leader) fanOutStep(ctx context.Context, state State) error {
	task := state.FanOut[0]
	ids, last, err := l.fanOutIDs(ctx, state, task)
	if err != nil {
		return err
	}
	kind := task.Relation.Target()
	keys := make([]catalog.Key, len(ids))
	for i, id := range ids {
		keys[i] = catalog.Key{Kind: kind, ID: id}
	}
	// A transaction that made nothing dirty but by fan-out, such as a tag's new name, was
	// acknowledged without a wait: the binlog tells of it before it can be read.
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
	})
	return nil
}

// fanOutIDs lists the next page of a task's documents, ascending, and whether it is the
// last. Every document of a kind means every row and every document: one that has lost
// its row must be found as well.
func (l *leader) fanOutIDs(ctx context.Context, state State, task Task) (ids []int64, last bool, err error) {
	ids, err = l.Reader.Page(ctx, task.FanOut, task.Cursor, fanOutPage)
	if err != nil {
		return nil, false, err
	}
	kind := task.Relation.Target()
	if task.Relation != binlog.Every(kind) {
		return ids, len(ids) < fanOutPage, nil
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
		indexed, err := l.Lister.IDs(ctx, g.Index, task.Cursor, fanOutPage)
		if err != nil {
			return nil, false, err
		}
		lists = append(lists, indexed)
	}
	ids, last = mergePages(lists, fanOutPage)
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
