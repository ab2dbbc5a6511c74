package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/indexer"
	"github.com/xunke/xunke/internal/elastic/index"
	"github.com/xunke/xunke/internal/retry"
)

const (
	// updaters share the updates during a reindex, so that one slow commit holds up few.
	updaters = 4
	// updateSeed makes the updates the same in every run.
	updateSeed = 2
)

// phase is how long one phase of a reindex took. One that is over within the time between
// two looks is missing.
type phase struct {
	Name    indexer.Phase `json:"name"`
	Seconds float64       `json:"seconds"`
}

// reindexFigures are a reindex of all courses under updates beside loads of the very same
// documents, before and after it.
type reindexFigures struct {
	Documents     int64        `json:"documents"`
	Seconds       float64      `json:"seconds"` // from the command's start to its end
	Phases        []phase      `json:"phases"`  // of that, in order
	PerSecond     float64      `json:"documents_per_second"`
	ScanPerSecond float64      `json:"scan_documents_per_second"`
	Written       float64      `json:"written_documents_per_second"` // with the updates, each of them in two generations
	Updates       int64        `json:"updates"`                      // single-row transactions meanwhile
	UpdatesPerSec float64      `json:"updates_per_second"`
	Raw           []rawFigures `json:"raw"`
	Ratio         float64      `json:"ratio"`      // to the mean of the raw loads
	ScanRatio     float64      `json:"scan_ratio"` // the scan's
	Peak          int64        `json:"peak_memory_bytes"`
	Verify        float64      `json:"verify_seconds"` // afterwards; it found everything equal
}

func (i *installation) reindex(ctx context.Context, rate int) (*reindexFigures, error) {
	say("writing down the documents")
	b, err := i.bodiesOf(ctx, catalog.KindCourse)
	if err != nil {
		return nil, err
	}
	out := &reindexFigures{}
	loadRaw := func() error {
		say("loading %d documents by raw bulk requests", b.documents)
		raw, err := i.raw(ctx, catalog.KindCourse, b)
		out.Raw = append(out.Raw, raw)
		return err
	}
	if err := loadRaw(); err != nil {
		return nil, err
	}
	say("reindexing under %d updates a second", rate)
	if err := i.reindexUnderUpdates(ctx, rate, out); err != nil {
		return nil, err
	}
	if out.Peak, err = i.indexing.peakMemory(); err != nil {
		return nil, err
	}
	say("verifying")
	began := time.Now()
	if _, err := i.run(ctx, "verify"); err != nil {
		return nil, err
	}
	out.Verify = time.Since(began).Seconds()
	if err := loadRaw(); err != nil {
		return nil, err
	}
	perSecond := mean(out.Raw[0].PerSecond, out.Raw[1].PerSecond)
	out.Ratio, out.ScanRatio = ratio(out.PerSecond, perSecond), ratio(out.ScanPerSecond, perSecond)
	return out, nil
}

func (i *installation) reindexUnderUpdates(ctx context.Context, rate int, out *reindexFigures) error {
	updating, stop := context.WithCancel(ctx)
	defer stop()
	var updates atomic.Int64
	group, updating := errgroup.WithContext(updating)
	for n := range updaters {
		group.Go(func() error { return i.update(updating, uint64(n), float64(rate)/updaters, &updates) })
	}
	group.Go(func() error { return i.timePhases(updating, &out.Phases) })

	began := time.Now()
	raw, err := i.run(ctx, "reindex", "--kind", "course", "--json")
	out.Seconds = time.Since(began).Seconds()
	out.Updates = updates.Load()
	stop()
	if err := errors.Join(err, group.Wait()); err != nil {
		return err
	}
	var outcome struct {
		Documents int64 `json:"documents"`
	}
	if err := json.Unmarshal(raw, &outcome); err != nil {
		return fmt.Errorf("read the reindex's outcome: %w", err)
	}
	out.Documents = outcome.Documents
	out.PerSecond = ratio(float64(out.Documents), out.Seconds)
	out.Written = ratio(float64(out.Documents+2*out.Updates), out.Seconds)
	out.UpdatesPerSec = ratio(float64(out.Updates), out.Seconds)
	for _, p := range out.Phases {
		if p.Name == indexer.PhaseScan {
			out.ScanPerSecond = ratio(float64(out.Documents), p.Seconds)
		}
	}
	return nil
}

// update changes single rows at a rate until ctx ends. One that comes late is made up for.
func (i *installation) update(ctx context.Context, stream uint64, perSecond float64, updates *atomic.Int64) error {
	var most int64
	if err := i.db.QueryRowContext(ctx, `SELECT MAX(id) FROM courses`).Scan(&most); err != nil {
		return fmt.Errorf("read the last id: %w", err)
	}
	random := rand.New(rand.NewPCG(updateSeed, stream))
	began := time.Now()
	due := func(n int) time.Duration {
		return time.Until(began.Add(time.Duration(float64(n) / perSecond * float64(time.Second))))
	}
	for n := 1; retry.Sleep(ctx, max(due(n), 0)) == nil; n++ {
		_, err := i.db.ExecContext(ctx, `UPDATE courses SET minutes = ? WHERE id = ?`, random.IntN(1000), 1+random.Int64N(most))
		if err == nil {
			updates.Add(1)
		} else if ctx.Err() == nil {
			return fmt.Errorf("update a course: %w", err)
		}
	}
	return nil
}

// timePhases watches a reindex until ctx ends and notes how long each phase took.
func (i *installation) timePhases(ctx context.Context, phases *[]phase) error {
	states := index.NewStateStore(i.client)
	var now indexer.Phase
	var since time.Time
	for retry.Sleep(ctx, 50*time.Millisecond) == nil {
		s, err := states.LoadState(ctx)
		if err != nil {
			if ctx.Err() != nil {
				return nil //nolint:nilerr // the end of ctx is the end of the reindex
			}
			return err
		}
		// Request 0 is the first snapshot.
		if s.Reindex == nil || s.Reindex.Request == 0 || s.Reindex.Phase == now {
			continue
		}
		if now != "" {
			*phases = append(*phases, phase{now, time.Since(since).Seconds()})
		}
		now, since = s.Reindex.Phase, time.Now()
	}
	return nil
}

func (x *reindexFigures) print(line line) {
	if x == nil {
		return
	}
	line("\nreindex of %d courses under %.0f updates/s", x.Documents, x.UpdatesPerSec)
	line("  xunke reindex, all of it        %6.0f documents/s (%.1f s)", x.PerSecond, x.Seconds)
	line("  of that the scan                %6.0f documents/s", x.ScanPerSecond)
	for _, p := range x.Phases {
		line("    %-12s %.1f s", p.Name, p.Seconds)
	}
	line("  with the updates, in two indices %5.0f documents/s", x.Written)
	for n, raw := range x.Raw {
		line("  raw _bulk, %-6s               %6.0f documents/s (%.1f s and %.1f s of refresh)",
			[]string{"before", "after"}[n%2], raw.PerSecond, raw.Seconds, raw.Refresh)
	}
	line("  ratio                           %.2f, the scan's %.2f", x.Ratio, x.ScanRatio)
	line("  memory of the indexer           %d MB at most", x.Peak>>20)
	line("  verify                          equal, %.1f s", x.Verify)
}
