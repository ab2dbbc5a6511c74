// Package verify compares every document in Elasticsearch with what MySQL says of its
// row: both ways, field by field, and by an oracle of its own, so that a mistake in how
// the indexer reads or builds documents shows as well as a lost write.
package verify

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"golang.org/x/time/rate"

	"github.com/xunke/xunke/catalog"
)

// Verifier has what a run works with.
type Verifier struct {
	Oracle   Oracle
	Index    Index
	Aliases  Aliases
	States   States
	Leader   Leader
	Repairer Repairer        // nil: nothing is repaired
	Progress Progress        // nil: silent
	Scoring  catalog.Scoring // zero: the standard one
	Options  Options
}

// Options bound a run. Zero values stand for the defaults.
type Options struct {
	Batch      int // rows and documents a page; 1,000
	Candidates int // documents of a kind that are looked at again; 100,000
	Rounds     int // looks at a document that keeps changing; 6
	Details    int // differences in the report; 1,000
	// RowsPerSecond bounds how fast rows are read; 0: as fast as it goes. A page then takes no
	// more than about a second, so that a point in time of Elasticsearch stays open.
	RowsPerSecond int
	StallTimeout  time.Duration // how long the indexer may stand still while it is waited for; 20 s
}

func (o Options) withDefaults() Options {
	set := func(n *int, value int) {
		if *n == 0 {
			*n = value
		}
	}
	set(&o.Batch, 1000)
	if o.RowsPerSecond > 0 {
		o.Batch = min(o.Batch, o.RowsPerSecond)
	}
	set(&o.Candidates, 100_000)
	set(&o.Rounds, 6)
	set(&o.Details, 1000)
	if o.StallTimeout == 0 {
		o.StallTimeout = 20 * time.Second
	}
	return o
}

// rowLimit is the rate limit of rows that are read, a page at a time.
func (o Options) rowLimit() *rate.Limiter {
	if o.RowsPerSecond <= 0 {
		return rate.NewLimiter(rate.Inf, 0)
	}
	return rate.NewLimiter(rate.Limit(o.RowsPerSecond), o.Batch)
}

// Run compares the documents that the kinds are searched in. What differs is looked at
// again once the indexer has written everything that was committed before, so that the
// report has nothing that was merely on its way. An error means that the comparison did
// not come to its end; differences are no error.
func (v *Verifier) Run(ctx context.Context, kinds []catalog.Kind) (Report, error) {
	began := time.Now()
	report := Report{Equal: true, Differences: []Difference{}, Notes: []string{}}
	serving, err := v.Aliases.Serving(ctx)
	if err != nil {
		return report, err
	}
	state, err := v.States.LoadState(ctx)
	if err != nil {
		return report, err
	}
	if made := cmp.Or(state.Scoring, v.scoring()); made != v.scoring() {
		return report, &catalog.Error{
			Code: catalog.CodeInvalid, Message: fmt.Sprintf("the indexer makes scores with %+v, and here rankings.* are %+v", made, v.scoring()),
			Hint: "give all processes the same settings and restart the indexer, which then makes all scores anew",
		}
	}
	defer v.progress().End()
	wait := &wait{oracle: v.Oracle, states: v.States, leader: v.Leader, progress: v.progress(), stallTimeout: v.Options.withDefaults().StallTimeout}
	for _, k := range kinds {
		index, ok := serving[k]
		if !ok {
			return report, &catalog.Error{
				Code: catalog.CodeUnavailable, Message: fmt.Sprintf("there is no index of %s yet", k.Plural()),
				Hint: "start the indexer, which builds it: xunke index",
			}
		}
		r := run{Verifier: v, options: v.Options.withDefaults(), expecter: &expecter{kind: k, scoring: v.scoring()}, index: index, report: &report, wait: wait}
		// Documents are projected on the fields of their generation's mapping; an index
		// that the state does not know is taken to have all.
		if g := state.Generation(index); g != nil {
			r.fields = g.Fields
		}
		totals, err := r.do(ctx)
		if err != nil {
			return report, fmt.Errorf("verify %s: %w", k.Plural(), err)
		}
		report.Kinds = append(report.Kinds, totals)
		report.Equal = report.Equal && totals.UnrepairedCount() == 0
	}
	report.Seconds = time.Since(began).Seconds()
	return report, nil
}

func (v *Verifier) progress() Progress {
	if v.Progress == nil {
		return silent{}
	}
	return v.Progress
}

func (v *Verifier) scoring() catalog.Scoring { return cmp.Or(v.Scoring, catalog.StandardScoring()) }

// run is the comparison of one kind.
type run struct {
	*Verifier
	*expecter
	options    Options
	index      string
	report     *Report
	totals     Totals
	wait       *wait
	candidates []int64
}

func (r *run) do(ctx context.Context) (Totals, error) {
	began := time.Now()
	r.totals = Totals{Kind: r.kind, Index: r.index}
	if err := r.scan(ctx); err != nil {
		return r.totals, err
	}
	found, err := r.settle(ctx, "look again at "+r.kind.Plural(), r.candidates)
	if err != nil {
		return r.totals, err
	}
	for _, d := range found {
		r.totals.count(d.Problem)
	}
	if r.Repairer != nil && len(found) > 0 {
		if err := r.repair(ctx, found); err != nil {
			return r.totals, err
		}
	}
	for _, d := range found {
		r.keep(d)
	}
	if r.totals.Unconfirmed > 0 {
		r.report.note("more than %d %s differ; the others were counted and not looked at again (xunke reindex --kind %s mends so many sooner)",
			r.options.Candidates, r.kind.Plural(), r.kind)
	}
	if r.totals.Moving > 0 {
		r.report.note("%d %s changed at every look; what did not change of them is equal", r.totals.Moving, r.kind.Plural())
	}
	r.totals.Seconds = time.Since(began).Seconds()
	return r.totals, nil
}

// keep reports a difference unless there are enough of them.
func (r *run) keep(d Difference) {
	if len(r.report.Differences) < r.options.Details {
		r.report.Differences = append(r.report.Differences, d)
	}
}

// suspect notes a document to look at again.
func (r *run) suspect(id int64) {
	if len(r.candidates) >= r.options.Candidates {
		r.totals.Unconfirmed++
		return
	}
	r.candidates = append(r.candidates, id)
}
