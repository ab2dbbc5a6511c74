package indexer

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/indexer/binlog"
	"github.com/xunke/xunke/internal/gtid"
	"github.com/xunke/xunke/mappings"
)

// requestEvery is how often requests are looked for.
const requestEvery = 500 * time.Millisecond

// runRequests builds what is missing at the start and then does what admins ask for, one
// after the other.
func (l *leader) runRequests(ctx context.Context) error {
	if missing := l.missing(); len(missing) > 0 {
		if err := l.reindex(ctx, Request{Action: "reindex", Kinds: missing}); err != nil {
			return fmt.Errorf("build the first index: %w", err)
		}
	}
	tick := time.NewTicker(requestEvery)
	defer tick.Stop()
	for {
		request, err := l.Requests.Next(ctx)
		if err != nil {
			return err
		}
		if request != nil {
			if err := l.serve(ctx, *request); err != nil {
				return err
			}
			continue
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// missing lists the kinds that no generation serves.
func (l *leader) missing() []catalog.Kind {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.DeleteFunc(catalog.Kinds(), func(k catalog.Kind) bool { return l.state.Serving(k) != nil })
}

// serve does one request and records how it ended. What fails for good fails the
// request; what may heal ends the leadership, and the next one takes the request up again.
func (l *leader) serve(ctx context.Context, r Request) error {
	if state, _ := l.look(); state.Reindex != nil && state.Reindex.Request == r.ID && state.Reindex.Phase == PhaseDone {
		// It was done when the process that did it died; doing it again would, for a
		// rollback, undo it.
		return l.Requests.Finish(ctx, r.ID, "")
	}
	if len(r.Kinds) == 0 {
		r.Kinds = catalog.Kinds()
	}
	var err error
	if r.Action == "rollback" {
		err = l.rollBack(ctx, r)
	} else {
		err = l.reindex(ctx, r)
	}
	if err == nil {
		return l.Requests.Finish(ctx, r.ID, "")
	}
	if e, ok := errors.AsType[*catalog.Error](err); ok && e.Code == catalog.CodeInvalid {
		l.Log.Error("request failed", "request", r.ID, "action", r.Action, "err", err)
		return l.Requests.Finish(ctx, r.ID, err.Error())
	}
	return err
}

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

// scan reads every row of a kind in key order and writes it to the building generation.
// The cursor follows the acknowledgements, in order, however many pages are in flight.
func (l *leader) scan(ctx context.Context, k catalog.Kind) error {
	state, _ := l.look()
	g := building(&state, k)
	if g.Scanned {
		return nil
	}
	// Rows beyond the last one of now are on the stream, which the generation gets since
	// it was registered. Looking on would chase a busy writer for ever.
	until, err := l.Reader.Last(ctx, k)
	if err != nil {
		return err
	}
	if s := binlog.Sentinel(); l.Sentinel != nil && k == s.Kind {
		// It is no row of the kind, and may be looked for when this generation begins to serve.
		if err := l.apply.apply(ctx, state.Epoch, "", []catalog.Key{s}, []Gen{*g}); err != nil {
			return err
		}
	}
	type flight struct {
		cursor int64
		count  int
		done   chan struct{}
	}
	flights := make(chan flight, pagesAhead-1)
	group, scanning := errgroup.WithContext(ctx)
	group.Go(func() error {
		defer close(flights)
		every := binlog.FanOut{Relation: binlog.Every(k)}
		for cursor := g.Cursor; ; {
			ids, err := l.Reader.Page(scanning, every, cursor, l.options.BatchSize)
			if err != nil || len(ids) == 0 {
				return err
			}
			keys := make([]catalog.Key, len(ids))
			for i, id := range ids {
				keys[i] = catalog.Key{Kind: k, ID: id}
			}
			cursor = ids[len(ids)-1]
			f := flight{cursor: cursor, count: len(ids), done: make(chan struct{})}
			group.Go(func() error {
				if err := l.apply.apply(scanning, state.Epoch, "", keys, []Gen{*g}); err != nil {
					return err
				}
				close(f.done)
				return nil
			})
			select {
			case flights <- f:
			case <-scanning.Done():
				return scanning.Err()
			}
			if cursor >= until {
				return nil
			}
		}
	})
	group.Go(func() error {
		for f := range flights {
			select {
			case <-f.done:
			case <-scanning.Done():
				return scanning.Err()
			}
			l.update(func(s *State) {
				if s.Reindex != nil {
					s.Reindex.Done += int64(f.count)
				}
				if b := s.Generation(g.Index); b != nil {
					b.Cursor = f.cursor
				}
			})
		}
		return nil
	})
	if err := group.Wait(); err != nil {
		return fmt.Errorf("scan %s: %w", k.Plural(), err)
	}
	l.update(func(s *State) {
		if b := s.Generation(g.Index); b != nil {
			b.Scanned = true
		}
	})
	return l.save(ctx)
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
