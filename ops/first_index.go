package ops

import (
	"context"
	"fmt"
	"slices"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/indexer"
	"github.com/xunke/xunke/internal/progress"
)

// FirstIndex tells how far the first index is: which kind is being read and how many rows of
// all kinds have been. It is empty where there is an index, and where nothing is known.
func FirstIndex(ctx context.Context, states States) string {
	s, err := states.LoadState(ctx)
	if err != nil || s.Reindex == nil || s.Reindex.Phase == indexer.PhaseDone {
		return ""
	}
	if slices.ContainsFunc(s.Reindex.Kinds, func(k catalog.Kind) bool { return s.Serving(k) != nil }) {
		return ""
	}
	r := s.Reindex
	at := string(r.Phase)
	if r.Phase == indexer.PhaseScan {
		for _, g := range s.Live {
			if g.Stage == indexer.StageBuilding && !g.Scanned {
				at = g.Kind.Plural()
				break
			}
		}
	}
	return fmt.Sprintf("the first index is being built: %s, %s of %s rows", at, progress.Thousands(r.Done), progress.Thousands(r.Total))
}
