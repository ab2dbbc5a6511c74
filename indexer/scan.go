package indexer

import (
	"context"
	"fmt"

	"golang.org/x/sync/errgroup"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/indexer/binlog"
)

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
