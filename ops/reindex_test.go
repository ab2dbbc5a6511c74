package ops_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/indexer"
	"github.com/xunke/xunke/ops"
)

// request is one that comes a step further each time that it is looked at.
type request struct {
	states []string
	loads  []error // of the indexer's state; none left: it is there
}

func (r *request) State(context.Context, int64) (state, message string, err error) {
	state = r.states[0]
	if len(r.states) > 1 {
		r.states = r.states[1:]
	}
	if state == "failed" {
		message = "the counts differ"
	}
	return state, message, nil
}

func (r *request) LoadState(context.Context) (indexer.State, error) {
	if len(r.loads) > 0 {
		err := r.loads[0]
		r.loads = r.loads[1:]
		return indexer.State{}, err
	}
	return indexer.State{
		Live:    []indexer.Gen{{Kind: catalog.KindOrg, Index: "xunke-orgs-v1-g2"}},
		Reindex: &indexer.Reindex{Request: 7, Kinds: []catalog.Kind{catalog.KindOrg}, Phase: indexer.PhaseScan, Done: 12_345, Total: 20_000},
	}, nil
}

func follow(r *request, lead func(context.Context, func(context.Context) (bool, error)) (bool, error)) *ops.Follower {
	return &ops.Follower{Request: 7, Action: "reindex", Kinds: catalog.Kinds(), Requests: r, States: r, Lead: lead}
}

func TestFollowAReindexOfAnotherProcess(t *testing.T) {
	r := &request{states: []string{"waiting", "running", "done"}, loads: []error{nil, catalog.Unavailable("Elasticsearch", errors.New("gone"))}}
	looks := 0
	out, err := follow(r, func(context.Context, func(context.Context) (bool, error)) (bool, error) {
		looks++
		return false, nil // another leads
	}).Follow(t.Context())
	if err != nil || !out.Done() || looks != 2 || out.Documents != 12_345 || len(out.Kinds) != 1 || out.Indices[0].Index != "xunke-orgs-v1-g2" {
		t.Errorf("%+v after %d looks: %v", out, looks, err)
	}
	if text := out.String(); !strings.HasPrefix(text, "reindexed [org]: 12,345 documents in ") || !strings.Contains(text, "xunke reindex --rollback") {
		t.Errorf("for people: %s", text)
	}
}

func TestWhereNobodyLeadsTheFollowerHasItDone(t *testing.T) {
	r := &request{states: []string{"waiting", "running", "failed"}}
	out, err := follow(r, func(ctx context.Context, done func(context.Context) (bool, error)) (bool, error) {
		for {
			if finished, err := done(ctx); finished || err != nil {
				return true, err
			}
		}
	}).Follow(t.Context())
	if err != nil || out.Done() || out.String() != "reindex failed: the counts differ" {
		t.Errorf("%+v: %v", out, err)
	}
}

func TestWhoStopsFollowingIsToldThatItGoesOn(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	r := &request{states: []string{"running"}}
	_, err := follow(r, func(context.Context, func(context.Context) (bool, error)) (bool, error) {
		stop()
		return false, nil
	}).Follow(ctx)
	if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "request 7 goes on where an indexer runs") {
		t.Errorf("error: %v", err)
	}
}
