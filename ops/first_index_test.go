package ops

import (
	"context"
	"testing"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/indexer"
)

// oneState is a States that has one.
type oneState struct{ indexer.State }

func (s oneState) LoadState(context.Context) (indexer.State, error) { return s.State, nil }

func TestHowFarTheFirstIndexIs(t *testing.T) {
	gen := func(k catalog.Kind, stage indexer.Stage, scanned bool) indexer.Gen {
		return indexer.Gen{Kind: k, Stage: stage, Scanned: scanned}
	}
	scan := &indexer.Reindex{Kinds: catalog.Kinds(), Phase: indexer.PhaseScan, Done: 12_345, Total: 84_439}
	course, org := catalog.KindCourse, catalog.KindOrg
	for want, s := range map[string]indexer.State{
		"the first index is being built: courses, 12,345 of 84,439 rows": {
			Reindex: scan, Live: []indexer.Gen{gen(course, indexer.StageBuilding, false), gen(org, indexer.StageBuilding, false)},
		},
		"the first index is being built: orgs, 12,345 of 84,439 rows": {
			Reindex: scan, Live: []indexer.Gen{gen(course, indexer.StageBuilding, true), gen(org, indexer.StageBuilding, false)},
		},
		"the first index is being built: catch up, 9 of 9 rows": {
			Reindex: &indexer.Reindex{Kinds: catalog.Kinds(), Phase: indexer.PhaseCatchUp, Done: 9, Total: 9},
		},
		"": {Reindex: scan, Live: []indexer.Gen{gen(course, indexer.StageServing, true), gen(course, indexer.StageBuilding, false)}},
	} {
		if got := FirstIndex(t.Context(), oneState{s}); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if got := FirstIndex(t.Context(), oneState{}); got != "" {
		t.Errorf("nothing is known, and it tells %q", got)
	}
}
