package verify

import (
	"context"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/indexer"
)

// maxAdvance bounds the transactions that are committed for nothing but a greater version.
const maxAdvance = 1000

// repair writes the documents again from their rows and looks at them once more.
func (r *run) repair(ctx context.Context, differs []Difference) error {
	state, err := r.States.LoadState(ctx)
	if err != nil {
		return err
	}
	ids := make([]int64, len(differs))
	keys := make([]catalog.Key, len(differs))
	for i, d := range differs {
		ids[i], keys[i] = d.ID, catalog.Key{Kind: r.kind, ID: d.ID}
	}
	r.progress().Phase("repair "+r.kind.Plural(), int64(len(keys)))
	if err := r.outrank(ctx, state, differs); err != nil {
		return err
	}
	if err := r.Repairer.Repair(ctx, state, keys); err != nil {
		return err
	}
	r.progress().Add(int64(len(keys)))
	left, err := r.settle(ctx, "verify repaired "+r.kind.Plural(), ids)
	if err != nil {
		return err
	}
	still := make(map[int64]struct{}, len(left))
	for _, d := range left {
		still[d.ID] = struct{}{}
	}
	for i := range differs {
		if _, bad := still[differs[i].ID]; !bad {
			differs[i].Repaired = true
			r.totals.Repaired++
		}
	}
	return nil
}

// outrank makes sure that a read now has a version that is not below those of the
// documents to mend. Each write to the index by hand has raised them by one;
// transactions that change nothing raise what is read as well.
func (r *run) outrank(ctx context.Context, state indexer.State, differs []Difference) error {
	var highest int64
	for _, d := range differs {
		highest = max(highest, d.version)
	}
	_, executed, err := r.Oracle.Of(ctx, r.kind, nil)
	if err != nil {
		return err
	}
	short := highest - indexer.Version(state.Epoch, executed)
	if short > maxAdvance {
		r.report.note("a document of %s has a version that %d transactions would not reach; only a reindex mends it (run: xunke reindex --kind %s)",
			r.index, maxAdvance, r.kind)
		return nil
	}
	for ; short > 0; short-- {
		if err := r.Repairer.Advance(ctx); err != nil {
			return err
		}
	}
	return nil
}
