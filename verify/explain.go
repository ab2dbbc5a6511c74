package verify

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/indexer"
	"github.com/xunke/xunke/indexer/binlog"
	"github.com/xunke/xunke/indexer/touch"
)

// Rows reads what is stored of one item.
type Rows interface {
	// Row returns the item's own row, column by column, nil when there is none.
	Row(ctx context.Context, key catalog.Key) (map[string]any, error)
}

// Letters lists what Elasticsearch refused.
type Letters interface {
	// DeadLettersOf returns those of one item.
	DeadLettersOf(ctx context.Context, key catalog.Key) ([]indexer.DeadLetter, error)
}

// Explanation is everything about one item, from its row to what searches find.
type Explanation struct {
	Kind        catalog.Kind               `json:"kind"`
	ID          int64                      `json:"id"`
	Row         map[string]any             `json:"row"`      // null: there is none
	Visible     bool                       `json:"visible"`  // so there ought to be a document
	Expected    map[string]json.RawMessage `json:"expected"` // the document, by the oracle
	Documents   []Copy                     `json:"documents"`
	Executed    uint64                     `json:"executed"` // transactions of MySQL now
	Waiting     uint64                     `json:"waiting"`  // of them, not indexed yet
	FanOut      int                        `json:"fan_out"`  // fan-outs to documents of the kind that wait
	Last        *indexer.Mark              `json:"last"`     // the transaction that was indexed last of all, whatever it touched
	DeadLetters []indexer.DeadLetter       `json:"dead_letters"`
	InFlight    bool                       `json:"in_flight"` // what differs may be on its way

	Touched        *Touched `json:"touched"`                   // the transaction that touched the item last; null: not known
	TouchedUnknown string   `json:"touched_unknown,omitempty"` // why it is not known
}

// Touched is the transaction that touched an item last, and whether its documents were
// written since.
type Touched struct {
	touch.Touch
	Indexed bool `json:"indexed"`
}

// Copy is the document in one live generation.
type Copy struct {
	Index    string          `json:"index"`
	Stage    indexer.Stage   `json:"stage"`
	Mapping  int             `json:"mapping"`
	Version  int64           `json:"version"`  // 0: there is no document
	Epoch    int64           `json:"epoch"`    // of MySQL's history in which it was read
	Executed int64           `json:"executed"` // transactions of MySQL when it was read
	Document json.RawMessage `json:"document"`
	Problem  Problem         `json:"problem"` // empty: it is as it should be
	Fields   []Field         `json:"fields,omitempty"`
}

// Explain collects everything about one item at this moment, in every live generation.
// The indexer is not waited for. What touched the item is looked for first, so that
// everything else is at least as new.
func (v *Verifier) Explain(ctx context.Context, key catalog.Key, rows Rows, letters Letters, touches Touches) (Explanation, error) {
	e := Explanation{Kind: key.Kind, ID: key.ID, Documents: []Copy{}}
	last, unknown := touches.LastTouch(ctx, key)
	if ctx.Err() != nil {
		return e, ctx.Err()
	}
	// The documents are got before the row is read: what is newer than a document is then
	// in flight, and not the other way round.
	state, err := v.States.LoadState(ctx)
	if err != nil {
		return e, err
	}
	found := map[string]*stored{}
	for _, g := range state.Live {
		if g.Kind != key.Kind {
			continue
		}
		sample, err := v.Index.Sample(ctx, g.Index, []int64{key.ID})
		if err != nil {
			return e, err
		}
		found[g.Index] = sampleDocument(sample, key.ID)
		e.Documents = append(e.Documents, copyOf(g, sample, key.ID))
	}
	if e.Row, err = rows.Row(ctx, key); err != nil {
		return e, err
	}
	facts, executed, err := v.Oracle.Of(ctx, key.Kind, []int64{key.ID})
	if err != nil {
		return e, err
	}
	e.Executed = executed
	f, visible := facts[key.ID]
	e.Visible = visible
	for i := range e.Documents {
		c := &e.Documents[i]
		var expected document
		if visible {
			maker := expecter{kind: key.Kind, scoring: v.scoring(), fields: state.Generation(c.Index).Fields}
			if expected, err = maker.expect(f); err != nil {
				return e, err
			}
		}
		if c.Stage == indexer.StageServing {
			e.Expected = expected
		}
		if c.Problem, c.Fields, err = check(expected, found[c.Index]); err != nil {
			return e, err
		}
	}
	if e.DeadLetters, err = letters.DeadLettersOf(ctx, key); err != nil {
		return e, err
	}
	switch {
	case unknown != nil:
		e.TouchedUnknown = unknown.Error()
	case last != nil:
		e.Touched = &Touched{Touch: *last}
		if e.Touched.Indexed, err = v.isIndexed(ctx, key, *last, state); err != nil {
			return e, err
		}
	}
	return e, v.lag(ctx, &e, state)
}

// isIndexed says whether what a transaction did to an item is in its documents: it is
// acknowledged, and no fan-out that it began has the item before it.
func (v *Verifier) isIndexed(ctx context.Context, key catalog.Key, last touch.Touch, state indexer.State) (bool, error) {
	lacks, err := v.Oracle.Lacks(ctx, fmt.Sprintf("%s:%d", last.UUID, last.Number), state.Acked)
	if err != nil || lacks > 0 {
		return false, err
	}
	f, fans := last.FanOut()
	for _, t := range state.FanOut {
		covers := t.FanOut == f || t.Relation == binlog.Every(key.Kind)
		if fans && covers && t.Cursor < key.ID {
			return false, nil
		}
	}
	return !state.Parents.Has(key), nil
}

// lag says whether anything of the item may be on its way.
func (v *Verifier) lag(ctx context.Context, e *Explanation, state indexer.State) error {
	e.Last = state.Last
	for _, t := range state.FanOut {
		if t.Relation.Target() == e.Kind {
			e.FanOut++
		}
	}
	all, err := v.Oracle.ExecutedSet(ctx)
	if err != nil {
		return err
	}
	if e.Waiting, err = v.Oracle.Lacks(ctx, all, state.Acked); err != nil {
		return err
	}
	held, err := v.Leader.IsHeld(ctx)
	if err != nil {
		return err
	}
	e.InFlight = held && (e.Waiting > 0 || e.FanOut > 0 || state.Parents.Has(catalog.Key{Kind: e.Kind, ID: e.ID}))
	return nil
}

func copyOf(g indexer.Gen, sample map[int64]indexer.Stored, id int64) Copy {
	c := Copy{Index: g.Index, Stage: g.Stage, Mapping: g.Mapping}
	if d, ok := sample[id]; ok {
		c.Version, c.Document = d.Version, d.Source
		c.Epoch, c.Executed = indexer.VersionParts(d.Version)
	}
	return c
}
