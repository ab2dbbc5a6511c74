package verify

import (
	"context"
	"log/slog"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/indexer"
)

// loggedDifferences is how many differences of a comparison are named in the log.
const loggedDifferences = 20

// Reconciler compares all documents with their rows beside the indexer, at a limited rate.
// The Verifier's options are set by it; with a Repairer it repairs what differs.
type Reconciler struct {
	Verifier      Verifier
	RowsPerSecond int
	Log           *slog.Logger
}

var _ indexer.Reconciler = Reconciler{}

// Reconcile implements indexer.Reconciler.
func (r Reconciler) Reconcile(ctx context.Context) ([]indexer.Drift, error) {
	r.Verifier.Options = Options{RowsPerSecond: r.RowsPerSecond, Details: loggedDifferences}
	report, err := r.Verifier.Run(ctx, catalog.Kinds())
	if err != nil {
		return nil, err
	}
	r.logReport(report)
	drift := make([]indexer.Drift, len(report.Kinds))
	for i, k := range report.Kinds {
		drift[i] = indexer.Drift{
			Kind: k.Kind, Rows: k.Rows, Missing: k.Missing, Surplus: k.Surplus,
			Different: k.Different + k.Unconfirmed, Repaired: k.Repaired,
		}
	}
	return drift, nil
}

func (r Reconciler) logReport(report Report) {
	for _, d := range report.Differences {
		fields := make([]string, len(d.Fields))
		for i, f := range d.Fields {
			fields[i] = f.Name
		}
		r.Log.Warn("a document was not as its row", "kind", d.Kind, "id", d.ID, "document", d.Document,
			"problem", d.Problem, "fields", fields, "repaired", d.Repaired)
	}
	for _, note := range report.Notes {
		r.Log.Warn("note on the comparison of documents and rows", "note", note)
	}
}
