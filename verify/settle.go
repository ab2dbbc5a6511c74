package verify

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"slices"

	"github.com/xunke/xunke/indexer"
)

// settlePage is how many documents are looked at again together. They and what is
// expected of them are held in memory.
const settlePage = 500

// stored is a document as it was found; nil: there is none. Its source is nil when the
// document is marked as deleted.
type stored struct {
	version int64
	source  json.RawMessage
}

func (s *stored) live() bool { return s != nil && s.source != nil }

func (s *stored) same(other *stored) bool {
	if s == nil || other == nil {
		return s == other
	}
	return s.version == other.version && bytes.Equal(s.source, other.source)
}

// suspicion is a document that differed when it was last looked at.
type suspicion struct {
	before  *stored // as it was before its row was read
	looks   int
	problem Problem // found at every look so far
	fields  []Field // that differed in the same way at every look so far
}

// settle looks again at documents and returns those that differ for certain.
func (r *run) settle(ctx context.Context, phase string, ids []int64) ([]Difference, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	r.progress().Phase(phase, int64(len(ids)))
	var found []Difference
	for page := range slices.Chunk(ids, settlePage) {
		differs, err := r.settleSome(ctx, page)
		if err != nil {
			return nil, err
		}
		found = append(found, differs...)
		r.progress().Add(int64(len(page)))
	}
	return found, nil
}

// settleSome gets the documents, reads their rows, waits until the indexer has written
// all that was committed by then, and gets the documents again. A document that is still
// the same was written after every change that the read saw, and before it: so it must be
// equal to the read. One that has been written meanwhile gets another round.
func (r *run) settleSome(ctx context.Context, ids []int64) ([]Difference, error) {
	documents, err := r.documents(ctx, ids)
	if err != nil {
		return nil, err
	}
	pending := make(map[int64]suspicion, len(ids))
	for _, id := range ids {
		pending[id] = suspicion{before: documents[id]}
	}
	var differs []Difference
	for range r.options.Rounds {
		rows, err := r.expectAll(ctx, ids)
		if err != nil {
			return nil, err
		}
		caughtUp, err := r.wait.waitForIndex(ctx)
		if err != nil {
			return nil, err
		}
		if !caughtUp {
			r.report.note("%s, so what is committed and not yet indexed is reported as different (run: xunke index)", r.wait.why)
		}
		if documents, err = r.documents(ctx, ids); err != nil {
			return nil, err
		}
		for _, id := range ids {
			s, found := pending[id], documents[id]
			problem, fields, err := check(rows[id], found)
			if err != nil {
				return nil, err
			}
			if problem == "" {
				delete(pending, id)
				continue
			}
			if caughtUp && !found.same(s.before) {
				pending[id] = s.again(found, problem, fields)
				continue
			}
			delete(pending, id)
			differs = append(differs, r.difference(id, problem, fields, found))
		}
		if ids = slices.Sorted(maps.Keys(pending)); len(ids) == 0 {
			break
		}
	}
	for _, id := range ids {
		// It was written at every look. What was wrong each time in the same way is wrong;
		// what was another each time is what moves.
		if s := pending[id]; s.problem != "" && (s.problem != Different || len(s.fields) > 0) {
			differs = append(differs, r.difference(id, s.problem, s.fields, s.before))
		} else {
			r.totals.Moving++
		}
	}
	slices.SortFunc(differs, func(a, b Difference) int { return cmp.Compare(a.ID, b.ID) })
	return differs, nil
}

// again is the suspicion after one more look that found another document.
func (s suspicion) again(found *stored, problem Problem, fields []Field) suspicion {
	next := suspicion{before: found, looks: s.looks + 1, problem: problem, fields: fields}
	if s.looks == 0 {
		return next
	}
	if s.problem != problem {
		next.problem = ""
	}
	next.fields = slices.DeleteFunc(fields, func(f Field) bool { return !slices.Contains(s.fields, f) })
	return next
}

func (r *run) difference(id int64, problem Problem, fields []Field, found *stored) Difference {
	d := Difference{Kind: r.kind, ID: id, Problem: problem, Fields: fields}
	if found != nil {
		d.version = found.version
	}
	return d
}

// check compares one document with one state of its row.
func check(expected document, found *stored) (Problem, []Field, error) {
	switch {
	case expected == nil && found.live():
		return Surplus, nil, nil
	case expected == nil:
		return "", nil, nil
	case !found.live():
		return Missing, nil, nil
	}
	fields, err := compare(expected, found.source)
	if err != nil || len(fields) == 0 {
		return "", nil, err
	}
	return Different, fields, nil
}

// expectAll reads rows and says which documents there ought to be.
func (r *run) expectAll(ctx context.Context, ids []int64) (map[int64]document, error) {
	facts, _, err := r.Oracle.Of(ctx, r.kind, ids)
	if err != nil {
		return nil, err
	}
	documents := make(map[int64]document, len(facts))
	for id, f := range facts {
		if documents[id], err = r.expect(f); err != nil {
			return nil, err
		}
	}
	return documents, nil
}

// documents gets documents in real time.
func (r *run) documents(ctx context.Context, ids []int64) (map[int64]*stored, error) {
	sample, err := r.Index.Sample(ctx, r.index, ids)
	if err != nil {
		return nil, err
	}
	documents := make(map[int64]*stored, len(sample))
	for id := range sample {
		documents[id] = sampleDocument(sample, id)
	}
	return documents, nil
}

// sampleDocument is one document of a sample, nil when it has none.
func sampleDocument(sample map[int64]indexer.Stored, id int64) *stored {
	d, ok := sample[id]
	if !ok {
		return nil
	}
	var mark struct {
		Deleted bool `json:"deleted"`
	}
	if json.Unmarshal(d.Source, &mark) == nil && mark.Deleted {
		return &stored{version: d.Version}
	}
	return &stored{version: d.Version, source: d.Source}
}
