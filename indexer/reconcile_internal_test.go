package indexer

import (
	"testing"
	"time"

	"github.com/xunke/xunke/catalog"
)

func TestReconcileIsDueByTheLastOne(t *testing.T) {
	at := func(hours int) time.Time { return time.Date(2026, 1, 1, hours, 0, 0, 0, time.UTC) }
	serving := func(hours ...int) (live []Gen) {
		for i, h := range hours {
			live = append(live, Gen{Kind: catalog.Kinds()[i], Stage: StageServing, Created: at(h)})
		}
		return live
	}
	for name, c := range map[string]struct {
		state State
		want  time.Time
	}{
		"nothing serves":        {State{}, time.Time{}},
		"one kind does not":     {State{Live: serving(1, 2), Reconciled: &Reconciled{Finished: at(1)}}, time.Time{}},
		"never before":          {State{Live: serving(1, 5, 2)}, at(29)},
		"a day after the last":  {State{Live: serving(1, 5, 2), Reconciled: &Reconciled{Finished: at(3)}}, at(27)},
		"whatever has come new": {State{Live: serving(1, 50, 2), Reconciled: &Reconciled{Finished: at(30)}}, at(54)},
		"after a recovery": {State{Live: serving(1, 5, 2), Reconciled: &Reconciled{Started: at(2), Finished: at(3)},
			Recovery: &Recovery{Reason: ReasonServer, Began: at(4), Ended: at(6)}}, at(6)},
		"during one":                            {State{Live: serving(1, 5, 2), Reconciled: &Reconciled{Started: at(2), Finished: at(3)}, Recovery: &Recovery{Reason: ReasonServer, Began: at(4)}}, time.Time{}},
		"not during one that is of definitions": {State{Live: serving(1, 5, 2), Recovery: &Recovery{Reason: ReasonDefinition, Began: at(4)}}, at(29)},
		"once after a recovery": {State{Live: serving(1, 5, 2), Reconciled: &Reconciled{Started: at(7), Finished: at(8)},
			Recovery: &Recovery{Reason: ReasonServer, Began: at(4), Ended: at(6)}}, at(32)},
	} {
		if got := reconcileDue(c.state, 24*time.Hour); !got.Equal(c.want) {
			t.Errorf("%s: due at %s, want %s", name, got, c.want)
		}
	}
}
