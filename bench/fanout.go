package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/indexer"
	"github.com/xunke/xunke/internal/elastic/index"
	"github.com/xunke/xunke/internal/retry"
)

// The names that the two measurements write begin after those of the others: a name that is
// in the index already would be found at once.
const (
	aloneFrom  = 100_000
	besideFrom = 200_000
)

// fanOutLook is how often the indexer's state is looked at: it is saved five times a second.
const fanOutLook = 100 * time.Millisecond

// fanOutFigures are the freshness of single-row updates without and with an org that is
// renamed again and again, whose courses are all written anew each time.
type fanOutFigures struct {
	Courses   int       `json:"courses"` // of the org
	Alone     quantiles `json:"without_fan_out"`
	Beside    quantiles `json:"with_fan_out"`
	Ratio50   float64   `json:"ratio_p50"`
	Ratio90   float64   `json:"ratio_p90"`
	Ratio99   float64   `json:"ratio_p99"`
	FanOuts   int       `json:"fan_outs"`        // that came to their end meanwhile
	Seconds   float64   `json:"fan_out_seconds"` // each, from the rename to the last document
	PerSecond float64   `json:"fan_out_documents_per_second"`
	Load      string    `json:"load"`
}

func (i *installation) fanOut(ctx context.Context, n, courses int) (*fanOutFigures, error) {
	say("moving %d courses to one org", courses)
	var org, last int64
	if err := i.db.QueryRowContext(ctx, `SELECT MIN(id) FROM orgs WHERE NOT hidden`).Scan(&org); err != nil {
		return nil, fmt.Errorf("choose an org: %w", err)
	}
	if _, err := i.db.ExecContext(ctx, `UPDATE courses SET org_id = ? ORDER BY id LIMIT ?`, org, courses); err != nil {
		return nil, fmt.Errorf("move courses: %w", err)
	}
	err := i.db.QueryRowContext(ctx, `SELECT MAX(id) FROM (SELECT id FROM courses ORDER BY id LIMIT ?) AS moved`, courses).Scan(&last)
	if err != nil {
		return nil, fmt.Errorf("find the last of the moved courses: %w", err)
	}
	ids, err := i.visibleCourses(ctx, last, n)
	if err != nil {
		return nil, err
	}
	if err := i.waitUntilIndexed(ctx); err != nil {
		return nil, err
	}
	out := &fanOutFigures{Courses: courses}
	update := i.renameOneOf(ids)
	index := i.client.Alias(catalog.KindCourse)
	say("measuring freshness by %d updates without a fan-out", n)
	all, err := i.timeToSearchable(ctx, index, aloneFrom, n, update)
	if err != nil {
		return nil, err
	}
	out.Alone = quantilesOf(all)
	say("measuring freshness by %d updates while the org is renamed", n)
	enough := make(chan struct{})
	group, measuring := errgroup.WithContext(ctx)
	var took time.Duration
	group.Go(func() error {
		for {
			begun := time.Now()
			if err := i.renameOrg(measuring, org, out.FanOuts); err != nil {
				return err
			}
			out.FanOuts++
			took += time.Since(begun)
			select {
			case <-enough:
				return nil
			default:
			}
		}
	})
	group.Go(func() (err error) {
		defer close(enough)
		all, err = i.timeToSearchable(measuring, index, besideFrom, n, update)
		return err
	})
	if err := group.Wait(); err != nil {
		return nil, err
	}
	out.Beside, out.Load = quantilesOf(all), loadAverage()
	out.Ratio50, out.Ratio90, out.Ratio99 = ratio(out.Beside.P50, out.Alone.P50), ratio(out.Beside.P90, out.Alone.P90), ratio(out.Beside.P99, out.Alone.P99)
	out.Seconds = took.Seconds() / float64(out.FanOuts)
	out.PerSecond = ratio(float64(courses), out.Seconds)
	return out, nil
}

// renameOrg renames an org and returns once all that embeds its name has been written.
func (i *installation) renameOrg(ctx context.Context, org int64, turn int) error {
	states := index.NewStateStore(i.client)
	before, err := states.LoadState(ctx)
	if err != nil {
		return err
	}
	if _, err := i.db.ExecContext(ctx, `UPDATE orgs SET name = ? WHERE id = ?`, fmt.Sprintf("Renamed %d", turn), org); err != nil {
		return fmt.Errorf("rename org %d: %w", org, err)
	}
	for {
		s, err := states.LoadState(ctx)
		if err != nil {
			return err
		}
		if s.FannedOut >= before.FannedOut+2 && len(s.FanOut) == 0 { // its courses and its teachers
			return nil
		}
		if err := retry.Sleep(ctx, fanOutLook); err != nil {
			return err
		}
	}
}

// waitUntilIndexed waits until everything that is committed now is indexed, fan-outs and the
// figures of orgs and teachers too.
func (i *installation) waitUntilIndexed(ctx context.Context) error {
	return i.waitForState(ctx, func(s indexer.State) bool { return len(s.FanOut) == 0 && s.Parents.Len() == 0 })
}

// waitForState waits until all that is committed now is acknowledged, and the state is so.
func (i *installation) waitForState(ctx context.Context, so func(indexer.State) bool) error {
	var executed string
	if err := i.db.QueryRowContext(ctx, `SELECT @@GLOBAL.gtid_executed`).Scan(&executed); err != nil {
		return fmt.Errorf("read executed transactions: %w", err)
	}
	states := index.NewStateStore(i.client)
	for {
		s, err := states.LoadState(ctx)
		if err != nil {
			return err
		}
		var done bool
		if err := i.db.QueryRowContext(ctx, `SELECT GTID_SUBSET(?, ?)`, executed, s.Acked).Scan(&done); err != nil {
			return fmt.Errorf("compare GTID sets: %w", err)
		}
		if done && so(s) {
			return nil
		}
		if err := retry.Sleep(ctx, fanOutLook); err != nil {
			return err
		}
	}
}

// visibleCourses lists up to n visible courses after an id.
func (i *installation) visibleCourses(ctx context.Context, after int64, n int) (ids []int64, err error) {
	rows, err := i.db.QueryContext(ctx, `SELECT id FROM courses WHERE NOT hidden AND id > ? ORDER BY id LIMIT ?`, after, n)
	if err != nil {
		return nil, fmt.Errorf("choose courses: %w", err)
	}
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return nil, errors.Join(err, rows.Close())
		}
		ids = append(ids, id)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return nil, fmt.Errorf("choose courses: %w", err)
	}
	if len(ids) == 0 {
		return nil, errors.New("choose courses: there is none")
	}
	return ids, nil
}

// renameOneOf is a write that renames one course after the other.
func (i *installation) renameOneOf(ids []int64) func(ctx context.Context, at int, name string) error {
	return func(ctx context.Context, at int, name string) error {
		_, err := i.db.ExecContext(ctx, `UPDATE courses SET name = ? WHERE id = ?`, name, ids[at%len(ids)])
		return err
	}
}

func (f *fanOutFigures) print(line line) {
	if f == nil {
		return
	}
	line("\nfreshness of single rows beside an org with %d courses that is renamed (load average %s)", f.Courses, f.Load)
	line("  without                         %s", f.Alone)
	line("  with                            %s", f.Beside)
	line("  ratio                           p50 %.2f, p90 %.2f, p99 %.2f", f.Ratio50, f.Ratio90, f.Ratio99)
	line("  all courses of the org written  %.1f s, %.0f documents/s (mean of %d)", f.Seconds, f.PerSecond, f.FanOuts)
}
