package main

import (
	"context"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/indexer"
	"github.com/xunke/xunke/verify"
)

// loggedDifferences is how many differences of a comparison are named in the log.
const loggedDifferences = 20

// reconciler is `xunke verify` beside the indexer, at a limited rate.
type reconciler struct {
	parts *indexing
	rows  int  // a second
	fix   bool // repair what differs
}

var _ indexer.Reconciler = reconciler{}

// Reconcile implements indexer.Reconciler.
func (r reconciler) Reconcile(ctx context.Context) ([]indexer.Drift, error) {
	v := r.parts.verifier()
	v.Options = verify.Options{RowsPerSecond: r.rows, Details: loggedDifferences}
	if r.fix {
		v.Repairer = repairer{r.parts}
	}
	report, err := v.Run(ctx, catalog.Kinds())
	if err != nil {
		return nil, err
	}
	for _, d := range report.Differences {
		fields := make([]string, len(d.Fields))
		for i, f := range d.Fields {
			fields[i] = f.Name
		}
		r.parts.deps.Log.Warn("a document was not as its row", "kind", d.Kind, "id", d.ID, "document", d.Document,
			"problem", d.Problem, "fields", fields, "repaired", d.Repaired)
	}
	for _, note := range report.Notes {
		r.parts.deps.Log.Warn("note on the comparison of documents and rows", "note", note)
	}
	drift := make([]indexer.Drift, len(report.Kinds))
	for i, k := range report.Kinds {
		drift[i] = indexer.Drift{
			Kind: k.Kind, Rows: k.Rows, Missing: k.Missing, Surplus: k.Surplus,
			Different: k.Different + k.Unconfirmed, Repaired: k.Repaired,
		}
	}
	return drift, nil
}
