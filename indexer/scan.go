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
	pages := make(chan scannedPage, pagesAhead-1)
	group, scanning := errgroup.WithContext(ctx)
	group.Go(func() error {
		defer close(pages)
		return l.scanPages(scanning, *g, until, func(keys []catalog.Key, done func()) {
			group.Go(func() error {
				if err := l.apply.apply(scanning, state.Epoch, "", keys, []Gen{*g}); err != nil {
					return err
				}
				done()
				return nil
			})
		}, pages)
	})
	group.Go(func() error { return l.recordPages(scanning, g.Index, pages) })
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

// scannedPage is a page of rows on its way to the index.
type scannedPage struct {
	cursor int64
	count  int
	done   chan struct{} // closed once it is written
}

// scanPages reads the rows up to an id and has each page written beside the next ones.
func (l *leader) scanPages(ctx context.Context, g Gen, until int64, write func(keys []catalog.Key, done func()), pages chan<- scannedPage) error {
	every := binlog.FanOut{Relation: binlog.Every(g.Kind)}
	for cursor := g.Cursor; cursor < until; {
		ids, err := l.Reader.Page(ctx, every, cursor, l.options.BatchSize)
		if err != nil || len(ids) == 0 {
			return err
		}
		keys := make([]catalog.Key, len(ids))
		for i, id := range ids {
			keys[i] = catalog.Key{Kind: g.Kind, ID: id}
		}
		cursor = ids[len(ids)-1]
		page := scannedPage{cursor: cursor, count: len(ids), done: make(chan struct{})}
		write(keys, func() { close(page.done) })
		select {
		case pages <- page:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// recordPages has the cursor follow the pages that are written.
func (l *leader) recordPages(ctx context.Context, index string, pages <-chan scannedPage) error {
	for page := range pages {
		select {
		case <-page.done:
		case <-ctx.Done():
			return ctx.Err()
		}
		l.update(func(s *State) {
			if s.Reindex != nil {
				s.Reindex.Done += int64(page.count)
			}
			if b := s.Generation(index); b != nil {
				b.Cursor = page.cursor
			}
		})
	}
	return nil
}
