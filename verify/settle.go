package verify

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"

	"github.com/xunke/xunke/indexer"
)

// settlePage is how many documents are looked at again together. Both states of each of
// their rows are held in memory.
const settlePage = 500

// stored is a document as it was found; nil: there is none. Its source is nil when the
// document is marked as deleted.
type stored struct {
	version int64
	source  json.RawMessage
}

func (s *stored) live() bool { return s != nil && s.source != nil }

// suspicion is a document that differed when it was last looked at.
type suspicion struct {
	was document // what was expected of it before the wait
	// outdated is a version that a write since must have exceeded: the row changed after
	// the read that this is the version of, and the change is acknowledged. 0: unknown.
	outdated int64
	read     int64 // version of the read of was
}

// settle looks again at documents and returns those that differ for certain.
func (r *run) settle(ctx context.Context, phase string, ids []int64) ([]Difference, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	r.Meter.Phase(phase, int64(len(ids)))
	var found []Difference
	for page := range slices.Chunk(ids, settlePage) {
		differs, err := r.settleSome(ctx, page)
		if err != nil {
			return nil, err
		}
		found = append(found, differs...)
		r.Meter.Add(int64(len(page)))
	}
	return found, nil
}

// settleSome reads the rows, waits until the indexer has written all that was committed
// by then, gets the documents and reads the rows again. A row that said the same both
// times leaves no doubt about what its document must hold; a row that moved gets another
// round.
func (r *run) settleSome(ctx context.Context, ids []int64) ([]Difference, error) {
	state, err := r.States.LoadState(ctx)
	if err != nil {
		return nil, err
	}
	rows, read, err := r.expectAll(ctx, state, ids)
	if err != nil {
		return nil, err
	}
	pending := make(map[int64]suspicion, len(ids))
	for _, id := range ids {
		pending[id] = suspicion{was: rows[id], read: read}
	}
	var differs []Difference
	for range r.options.Rounds {
		state, caughtUp, err := r.wait.caughtUp(ctx)
		if err != nil {
			return nil, err
		}
		if !caughtUp {
			r.report.note("%s, so what is committed and not yet indexed is reported as different (run: xunke index)", r.wait.why)
		}
		ids = keysOf(pending)
		documents, err := r.documents(ctx, ids)
		if err != nil {
			return nil, err
		}
		rows, read, err := r.expectAll(ctx, state, ids)
		if err != nil {
			return nil, err
		}
		for _, id := range ids {
			s, now, found := pending[id], rows[id], documents[id]
			if !caughtUp {
				s.was = now // nothing is in flight that would arrive
			}
			problem, fields, err := judge(s, now, found)
			switch {
			case err != nil:
				return nil, err
			case problem == moving:
				next := suspicion{was: now, read: read}
				if !sameDocument(s.was, now) {
					next.outdated = s.read
				}
				pending[id] = next
				continue
			case problem != "":
				d := Difference{Kind: r.kind, ID: id, Problem: problem, Fields: fields}
				if found != nil {
					d.version = found.version
				}
				differs = append(differs, d)
			}
			delete(pending, id)
		}
		if len(pending) == 0 {
			break
		}
	}
	r.totals.Moving += int64(len(pending))
	slices.SortFunc(differs, func(a, b Difference) int { return int(a.ID - b.ID) })
	return differs, nil
}

// moving is judge's answer when the row changed while it was looked at.
const moving Problem = "moving"

// judge says how a document that was got between two reads of its row differs, "" if it
// is equal. It is equal when it is what the row said at either moment. It differs when a
// field that was the same at both moments is another in the document, or when the
// document is older than a change that is acknowledged.
func judge(s suspicion, now document, found *stored) (Problem, []Field, error) {
	atEnd, fields, err := check(now, found)
	if err != nil || atEnd == "" {
		return "", nil, err
	}
	atBegin, before, err := check(s.was, found)
	if err != nil || atBegin == "" {
		return "", nil, err
	}
	if found != nil && found.version <= s.outdated {
		return atEnd, fields, nil
	}
	if (s.was == nil) != (now == nil) {
		return moving, nil, nil
	}
	if atEnd != Different {
		return atEnd, nil, nil
	}
	still := slices.DeleteFunc(fields, func(f Field) bool {
		return !sameValue(f.Name, s.was[f.Name], now[f.Name]) ||
			!slices.ContainsFunc(before, func(b Field) bool { return b.Name == f.Name })
	})
	if len(still) == 0 {
		return moving, nil, nil
	}
	return Different, still, nil
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

func sameDocument(a, b document) bool {
	if len(a) != len(b) || (a == nil) != (b == nil) {
		return false
	}
	for name, value := range a {
		if !bytes.Equal(value, b[name]) {
			return false
		}
	}
	return true
}

// expectAll reads rows and says which documents there ought to be, and the version that
// the indexer would give to this read.
func (r *run) expectAll(ctx context.Context, state indexer.State, ids []int64) (map[int64]document, int64, error) {
	facts, executed, err := r.Oracle.Of(ctx, r.kind, ids)
	if err != nil {
		return nil, 0, err
	}
	documents := make(map[int64]document, len(facts))
	for id, f := range facts {
		if documents[id], err = expect(r.kind, f, r.fields); err != nil {
			return nil, 0, err
		}
	}
	return documents, indexer.Version(state.Epoch, executed), nil
}

// documents gets documents in real time.
func (r *run) documents(ctx context.Context, ids []int64) (map[int64]*stored, error) {
	sample, err := r.Index.Sample(ctx, r.index, ids)
	if err != nil {
		return nil, err
	}
	documents := make(map[int64]*stored, len(sample))
	for id, d := range sample {
		var mark struct {
			Deleted bool `json:"deleted"`
		}
		found := &stored{version: d.Version}
		if json.Unmarshal(d.Source, &mark) != nil || !mark.Deleted {
			found.source = d.Source
		}
		documents[id] = found
	}
	return documents, nil
}

func keysOf(pending map[int64]suspicion) []int64 {
	ids := make([]int64, 0, len(pending))
	for id := range pending {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}
