package verify

import (
	"context"
	"strconv"

	"golang.org/x/sync/errgroup"
)

// item is one expected document.
type item struct {
	id       int64
	document document
}

// pagesAhead is how many pages each side may be ahead of the comparison.
const pagesAhead = 2

// scan walks through both sides in the order of ids, side by side, and notes every
// document that differs. Memory is bounded by the pages in hand.
func (r *run) scan(ctx context.Context) error {
	total, err := r.Oracle.Count(ctx, r.kind)
	if err != nil {
		return err
	}
	r.progress().Phase("verify "+r.kind.Plural(), total)
	group, ctx := errgroup.WithContext(ctx)
	rows := side[item]{pages: make(chan []item, pagesAhead)}
	hits := side[Hit]{pages: make(chan []Hit, pagesAhead)}
	group.Go(func() error {
		defer close(rows.pages)
		return r.readRows(ctx, rows)
	})
	group.Go(func() error {
		defer close(hits.pages)
		return r.Index.Scan(ctx, r.index, r.options.Batch, func(page []Hit) error { return hits.put(ctx, page) })
	})
	group.Go(func() error { return r.merge(ctx, &rows, &hits) })
	return group.Wait()
}

func (r *run) readRows(ctx context.Context, rows side[item]) error {
	limit := r.options.rowLimit()
	for after := int64(0); ; {
		if err := limit.WaitN(ctx, r.options.Batch); err != nil {
			return err
		}
		facts, next, err := r.Oracle.Page(ctx, r.kind, after, r.options.Batch)
		if err != nil {
			return err
		}
		page := make([]item, len(facts))
		for i, f := range facts {
			if page[i].document, err = r.expect(f); err != nil {
				return err
			}
			page[i].id = f.ID
		}
		if err := rows.put(ctx, page); err != nil {
			return err
		}
		if next == 0 {
			return nil
		}
		after = next
	}
}

// merge compares what both sides say of each id.
func (r *run) merge(ctx context.Context, rows *side[item], hits *side[Hit]) error {
	for {
		row, err := rows.head(ctx)
		if err != nil {
			return err
		}
		hit, err := hits.head(ctx)
		if err != nil {
			return err
		}
		switch {
		case row == nil && hit == nil:
			return nil
		case hit != nil && hit.Name != strconv.FormatInt(hit.ID, 10):
			r.countMisnamed(*hit)
			hits.advance()
			r.totals.Documents++
			continue
		case hit == nil || (row != nil && row.id < hit.ID):
			r.suspect(row.id)
			rows.advance()
		case row == nil || hit.ID < row.id:
			r.suspect(hit.ID)
			hits.advance()
			r.totals.Documents++
			continue
		default:
			differs, err := compare(row.document, hit.Source)
			if err != nil {
				return err
			}
			if len(differs) > 0 {
				r.suspect(row.id)
			}
			rows.advance()
			hits.advance()
			r.totals.Documents++
		}
		r.totals.Rows++
		r.progress().Add(1)
	}
}

// countMisnamed counts a document whose _id is not its field id. Where the _id is an
// item's id, that item's document is what differs; any other was not written by an
// indexer and is not in flight, but surplus for certain.
func (r *run) countMisnamed(h Hit) {
	if id, err := strconv.ParseInt(h.Name, 10, 64); err == nil && id > 0 && strconv.FormatInt(id, 10) == h.Name {
		r.suspect(id)
		return
	}
	r.totals.count(Surplus)
	r.keep(Difference{Kind: r.kind, Document: h.Name, Problem: Surplus})
	r.report.note("document %q of %s was not written by an indexer and is not repaired (delete it: DELETE /%s/_doc/<_id>)", h.Name, r.index, r.index)
}

// side is one side of the comparison: pages that a reader puts and the merge takes.
type side[T any] struct {
	pages chan []T
	page  []T
}

func (s *side[T]) put(ctx context.Context, page []T) error {
	select {
	case s.pages <- page:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// head is the next element, nil at the end.
func (s *side[T]) head(ctx context.Context) (*T, error) {
	for len(s.page) == 0 {
		select {
		case page, more := <-s.pages:
			// A reader that failed closes its pages too. What the merge makes of that is
			// thrown away with the run.
			if !more {
				return nil, ctx.Err()
			}
			s.page = page
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return &s.page[0], nil
}

func (s *side[T]) advance() { s.page = s.page[1:] }
