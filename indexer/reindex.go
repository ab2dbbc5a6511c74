package indexer

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/indexer/binlog"
	"github.com/xunke/xunke/internal/gtid"
	"github.com/xunke/xunke/mappings"
)

// reindex builds a new generation of each kind while the old one serves, and swaps them.
func (l *leader) reindex(ctx context.Context, r Request) error {
	if err := l.register(ctx, r); err != nil {
		return err
	}
	err := l.buildAndSwap(ctx, r.Kinds)
	if e, ok := errors.AsType[*catalog.Error](err); ok && e.Code == catalog.CodeInvalid {
		l.phase(PhaseFailed, err.Error())
		return errors.Join(err, l.abandon(ctx, r.Kinds))
	}
	return err
}

// register makes the building generations, or takes up those that a crash has left. They
// are saved before the scan begins, since from then on they must get every change.
func (l *leader) register(ctx context.Context, r Request) error {
	var total int64
	for _, k := range r.Kinds {
		n, err := l.size(ctx, k)
		if err != nil {
			return err
		}
		total += n
		version, err := mappings.Version(k)
		if err != nil {
			return err
		}
		state, _ := l.look()
		if g := building(&state, k); g != nil {
			if g.Mapping == version {
				l.Log.Info("taking up a generation that was being built", "index", g.Index, "cursor", g.Cursor)
				continue
			}
			if err := l.drop(ctx, g.Index); err != nil {
				return err
			}
		}
		g, err := l.Indices.Create(ctx, k, state.Next+1)
		if err != nil {
			return err
		}
		l.update(func(s *State) {
			s.Next++
			s.Live = append(s.Live, g)
		})
	}
	l.update(func(s *State) {
		began := time.Now().UTC()
		var done int64
		if s.Reindex.running() && s.Reindex.Request == r.ID {
			began, done = s.Reindex.Started, s.Reindex.Done
		}
		s.Reindex = &Reindex{Request: r.ID, Kinds: r.Kinds, Phase: PhaseScan, Total: total, Done: done, Started: began}
	})
	return l.save(ctx)
}

// size is how many rows a scan reads: hidden ones, too, which get no document.
func (l *leader) size(ctx context.Context, k catalog.Kind) (int64, error) {
	if l.Sizer == nil {
		return l.Reader.Count(ctx, k)
	}
	return l.Sizer.Size(ctx, binlog.FanOut{Relation: binlog.Every(k)})
}

func building(s *State, k catalog.Kind) *Gen {
	for i := range s.Live {
		if s.Live[i].Kind == k && s.Live[i].Stage == StageBuilding {
			return &s.Live[i]
		}
	}
	return nil
}

func (l *leader) buildAndSwap(ctx context.Context, kinds []catalog.Kind) error {
	for _, k := range kinds {
		if err := l.scan(ctx, k); err != nil {
			return err
		}
	}
	l.phase(PhaseCatchUp, "")
	if err := l.catchUp(ctx); err != nil {
		return err
	}
	state, _ := l.look()
	to := map[catalog.Kind]string{}
	for _, k := range kinds {
		g := building(&state, k)
		to[k] = g.Index
		if err := l.Indices.Finish(ctx, g.Index); err != nil {
			return err
		}
	}
	l.phase(PhaseVerify, "")
	for _, k := range kinds {
		if err := l.check(ctx, *building(&state, k)); err != nil {
			return err
		}
	}
	l.phase(PhaseSwap, "")
	return l.swap(ctx, to)
}

// catchUp waits until everything that was committed before it began is acknowledged. The
// row that it writes proves that the stream itself still flows.
func (l *leader) catchUp(ctx context.Context) error { return l.catchUpMark(ctx, "reindex") }

// catchUpMark does so with a row of some name.
func (l *leader) catchUpMark(ctx context.Context, name string) error {
	if err := l.Source.Mark(ctx, name, time.Now().UTC().Format(time.RFC3339Nano)); err != nil {
		return err
	}
	position, err := l.Source.Position(ctx)
	if err != nil {
		return err
	}
	target, err := gtid.Parse(position.Executed)
	if err != nil {
		return err
	}
	for {
		l.mu.Lock()
		reached, changed := l.acked.Contains(target), l.changed
		l.mu.Unlock()
		if reached {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// swap points the aliases at new indices and lets the old ones wait for a rollback.
func (l *leader) swap(ctx context.Context, to map[catalog.Kind]string) error {
	if err := l.Indices.Swap(ctx, to); err != nil {
		return err
	}
	var old []string
	l.update(func(s *State) {
		now := time.Now().UTC()
		for i := range s.Live {
			g := &s.Live[i]
			index, ours := to[g.Kind]
			switch {
			case !ours:
			case g.Index == index:
				g.Stage, g.RetiredAt = StageServing, time.Time{}
			case g.Stage == StageServing:
				g.Stage, g.RetiredAt = StageRetired, now
			case g.Stage == StageRetired:
				old = append(old, g.Index) // one step back is kept, not two
			}
		}
		// In the same save as the stages, so that no crash finds the one without the other.
		if s.Reindex != nil {
			s.Reindex.Phase, s.Reindex.Finished = PhaseDone, now
		}
	})
	if err := l.save(ctx); err != nil {
		return err
	}
	for _, index := range old {
		if err := l.drop(ctx, index); err != nil {
			return err
		}
	}
	l.Log.Info("swapped", "to", to)
	return nil
}

// rollBack swaps the retired generations of the kinds back in. They have got every
// change since, so nothing is lost by it.
func (l *leader) rollBack(ctx context.Context, r Request) error {
	state, _ := l.look()
	to := map[catalog.Kind]string{}
	for _, g := range state.Live {
		if g.Stage == StageRetired && slices.Contains(r.Kinds, g.Kind) {
			to[g.Kind] = g.Index
		}
	}
	if len(to) == 0 {
		return catalog.Invalidf("kind", "there is no earlier generation of %v to go back to (one is kept for %s after a swap)", r.Kinds, l.options.Grace)
	}
	l.update(func(s *State) {
		now := time.Now().UTC()
		s.Reindex = &Reindex{Request: r.ID, Kinds: r.Kinds, Phase: PhaseSwap, Started: now, Message: "rollback"}
	})
	return l.swap(ctx, to)
}

// letGo deletes retired generations whose grace is over.
func (l *leader) letGo(ctx context.Context) error {
	state, _ := l.look()
	for _, g := range state.Live {
		if g.Stage == StageRetired && time.Since(g.RetiredAt) > l.options.Grace {
			if err := l.drop(ctx, g.Index); err != nil {
				return err
			}
		}
	}
	return nil
}

// abandon drops the generations that were being built; the serving ones stay.
func (l *leader) abandon(ctx context.Context, kinds []catalog.Kind) error {
	state, _ := l.look()
	for _, k := range kinds {
		if g := building(&state, k); g != nil {
			if err := l.drop(ctx, g.Index); err != nil {
				return err
			}
		}
	}
	return l.save(ctx)
}

// drop forgets a generation, saves that, and only then deletes its index. A write that
// is under way misses the index and finds that it is dropped.
func (l *leader) drop(ctx context.Context, index string) error {
	l.update(func(s *State) {
		s.Live = slices.DeleteFunc(s.Live, func(g Gen) bool { return g.Index == index })
	})
	if err := l.save(ctx); err != nil {
		return err
	}
	return l.Indices.Delete(ctx, index)
}

func (l *leader) phase(p Phase, message string) {
	l.Log.Info("reindex", "phase", p, "message", message)
	l.update(func(s *State) {
		if s.Reindex == nil {
			return
		}
		s.Reindex.Phase, s.Reindex.Message = p, message
		if p == PhaseDone || p == PhaseFailed {
			s.Reindex.Finished = time.Now().UTC()
		}
	})
}
