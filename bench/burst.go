package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/indexer"
	"github.com/xunke/xunke/internal/retry"
)

const (
	// The names of the updates before a burst and beside it are numbered from here: others are
	// written elsewhere.
	burstQuietFrom = 300_000
	burstFrom      = 400_000
	// burstUpdates is how many updates are timed before the burst. During it they go on.
	burstUpdates = 60
	// flushPart is which part of the org's courses are viewed in the flush: one in five.
	flushPart = 5
)

// burstFigures are an import under a running indexer beside a reindex of what is then there,
// and views of many courses of one org.
type burstFigures struct {
	Courses    int64        `json:"courses"` // new ones that can be searched
	Import     float64      `json:"import_seconds"`
	Searchable float64      `json:"searchable_seconds"` // from the start of the import until all are found
	Settled    float64      `json:"settled_seconds"`    // until the figures of orgs and teachers were right, too
	PerSecond  float64      `json:"documents_per_second"`
	Reindex    float64      `json:"reindex_documents_per_second"` // of all courses, right after
	Ratio      float64      `json:"ratio"`
	Quiet      quantiles    `json:"quiet_freshness"`
	Beside     quantiles    `json:"freshness_during_the_burst"`
	Ratio50    float64      `json:"freshness_ratio_p50"`
	Peak       int64        `json:"peak_memory_bytes"`
	Read       uint64       `json:"rows_read"` // by the statements of the import and of the indexer
	Flush      flushFigures `json:"flush"`
}

// flushFigures are one transaction that counts views of courses of one org.
type flushFigures struct {
	Siblings     int     `json:"courses_of_the_org"`
	Days         int     `json:"days_with_counts"`
	Viewed       int     `json:"courses_viewed"`
	Acknowledged float64 `json:"acknowledged_seconds"`
	Settled      float64 `json:"settled_seconds"`
	ReadACourse  float64 `json:"rows_read_a_course"` // until all of it is settled
}

func (i *installation) burst(ctx context.Context, o options) (*burstFigures, error) {
	out := &burstFigures{}
	ids, err := i.visibleCourses(ctx, 0, burstUpdates)
	if err != nil {
		return nil, err
	}
	if err := i.waitUntilIndexed(ctx); err != nil {
		return nil, err
	}
	alias, update := i.client.Alias(catalog.KindCourse), i.renameOneOf(ids)
	say("measuring freshness by %d updates before a burst", burstUpdates)
	all, err := i.timeToSearchable(ctx, alias, burstQuietFrom, burstUpdates, update)
	if err != nil {
		return nil, err
	}
	out.Quiet = quantilesOf(all)
	before, err := i.client.Searchable(ctx, alias)
	if err != nil {
		return nil, err
	}
	say("importing %d more courses under the indexer", o.burst)
	if err := i.forgetStatements(ctx); err != nil {
		return nil, err
	}
	if all, err = i.importUnderUpdates(ctx, o, before, out, update); err != nil {
		return nil, err
	}
	out.Beside = quantilesOf(all)
	out.Ratio50 = ratio(out.Beside.P50, out.Quiet.P50)
	if out.Read, err = i.rowsRead(ctx); err != nil {
		return nil, err
	}
	if out.Peak, err = i.indexing.peakMemory(); err != nil {
		return nil, err
	}
	say("reindexing all courses")
	began := time.Now()
	if _, err := i.run(ctx, "reindex", "--kind", "course", "--json"); err != nil {
		return nil, err
	}
	out.Reindex = ratio(float64(before+out.Courses), time.Since(began).Seconds())
	out.Ratio = ratio(out.PerSecond, out.Reindex)
	out.Flush, err = i.flush(ctx, o.siblings, o.days)
	return out, err
}

// importUnderUpdates imports and times it, and updates until all of it can be searched.
func (i *installation) importUnderUpdates(
	ctx context.Context, o options, before int64, out *burstFigures, update func(context.Context, int, string) error,
) (all []time.Duration, err error) {
	began := time.Now()
	var found atomic.Bool
	group, importing := errgroup.WithContext(ctx)
	group.Go(func() error {
		defer found.Store(true)
		if _, err := i.run(importing, "demo", "--courses", strconv.Itoa(o.courses+o.burst), "--json"); err != nil {
			return err
		}
		out.Import = time.Since(began).Seconds()
		var visible int64
		if err := i.db.QueryRowContext(importing, `SELECT COUNT(*) FROM courses WHERE NOT hidden`).Scan(&visible); err != nil {
			return fmt.Errorf("count courses: %w", err)
		}
		for {
			n, err := i.client.Searchable(importing, i.client.Alias(catalog.KindCourse))
			if err != nil {
				return err
			}
			if n >= visible {
				out.Searchable, out.Courses = time.Since(began).Seconds(), n-before
				out.PerSecond = ratio(float64(out.Courses), out.Searchable)
				return nil
			}
			if err := retry.Sleep(importing, fanOutLook); err != nil {
				return err
			}
		}
	})
	group.Go(func() error {
		for turn := burstFrom; !found.Load(); turn += burstUpdates {
			some, err := i.timeToSearchable(importing, i.client.Alias(catalog.KindCourse), turn, burstUpdates/10, update)
			if err != nil {
				return err
			}
			all = append(all, some...)
		}
		return nil
	})
	if err := group.Wait(); err != nil {
		return nil, err
	}
	err = i.waitUntilIndexed(ctx)
	out.Settled = time.Since(began).Seconds()
	return all, err
}

// flush gives one org many courses with long histories, counts a view of some of them in one
// transaction, and tells how much was read for it.
func (i *installation) flush(ctx context.Context, siblings, days int) (f flushFigures, err error) {
	f = flushFigures{Siblings: siblings, Days: days, Viewed: siblings / flushPart}
	say("giving an org %d courses with counts of %d days", siblings, days)
	var org int64
	if err := i.db.QueryRowContext(ctx, `SELECT MAX(id) FROM orgs WHERE NOT hidden`).Scan(&org); err != nil {
		return f, fmt.Errorf("choose an org: %w", err)
	}
	if _, err := i.db.ExecContext(ctx, `UPDATE courses SET org_id = ? WHERE NOT hidden ORDER BY id LIMIT ?`, org, siblings); err != nil {
		return f, fmt.Errorf("move courses: %w", err)
	}
	for day := range days {
		_, err := i.db.ExecContext(ctx, `INSERT INTO course_daily_counts (course_id, day, views)
			SELECT id, UTC_DATE() - INTERVAL ? DAY, 1 + id % 5 FROM courses WHERE org_id = ?
			ON DUPLICATE KEY UPDATE views = course_daily_counts.views + 1`, day, org)
		if err != nil {
			return f, fmt.Errorf("count views: %w", err)
		}
	}
	if err := i.waitUntilIndexed(ctx); err != nil {
		return f, err
	}
	if err := i.forgetStatements(ctx); err != nil {
		return f, err
	}
	say("counting a view of %d of them", f.Viewed)
	began := time.Now()
	if _, err := i.db.ExecContext(ctx, `INSERT INTO course_daily_counts (course_id, day, views)
		SELECT id, UTC_DATE(), 1 FROM courses WHERE org_id = ? ORDER BY id LIMIT ? ON DUPLICATE KEY UPDATE views = course_daily_counts.views + 1`, org, f.Viewed); err != nil {
		return f, fmt.Errorf("count views: %w", err)
	}
	if err := i.waitUntilAcknowledged(ctx); err != nil {
		return f, err
	}
	f.Acknowledged = time.Since(began).Seconds()
	if err := i.waitUntilIndexed(ctx); err != nil {
		return f, err
	}
	f.Settled = time.Since(began).Seconds()
	read, err := i.rowsRead(ctx)
	f.ReadACourse = ratio(float64(read), float64(f.Viewed))
	return f, err
}

// waitUntilAcknowledged waits until the indexer has acknowledged all that is committed now.
func (i *installation) waitUntilAcknowledged(ctx context.Context) error {
	return i.waitForState(ctx, func(indexer.State) bool { return true })
}

// forgetStatements has MySQL forget what the statements of this database have read.
func (i *installation) forgetStatements(ctx context.Context) error {
	if _, err := i.root.ExecContext(ctx, `TRUNCATE performance_schema.events_statements_summary_by_digest`); err != nil {
		return fmt.Errorf("forget statements: %w", err)
	}
	return nil
}

// rowsRead is how many rows the statements of this database have looked at since.
func (i *installation) rowsRead(ctx context.Context) (uint64, error) {
	var n sql.Null[uint64]
	err := i.root.QueryRowContext(ctx, `SELECT SUM(SUM_ROWS_EXAMINED) FROM performance_schema.events_statements_summary_by_digest
		WHERE SCHEMA_NAME = ?`, i.name).Scan(&n)
	if err == nil && !n.Valid {
		err = errors.New("performance_schema tells of no statement")
	}
	if err != nil {
		return 0, fmt.Errorf("count rows read: %w", err)
	}
	return n.V, nil
}

func (f *burstFigures) print(line line) {
	if f == nil {
		return
	}
	line("\n%d courses imported under the indexer", f.Courses)
	line("  imported, searchable, settled   %.1f s, %.1f s, %.1f s: %.0f courses/s", f.Import, f.Searchable, f.Settled, f.PerSecond)
	line("  reindex of all courses          %6.0f documents/s, ratio %.2f", f.Reindex, f.Ratio)
	line("  freshness before it             %s", f.Quiet)
	line("  freshness meanwhile             %s, ratio p50 %.2f", f.Beside, f.Ratio50)
	line("  rows read                       %.0f a course", ratio(float64(f.Read), float64(f.Courses)))
	line("  memory of the indexer           %d MB at most", f.Peak>>20)
	line("  a view of %d of an org's %d courses with %d days: acknowledged after %.2f s, settled after %.1f s, %.0f rows read a course",
		f.Flush.Viewed, f.Flush.Siblings, f.Flush.Days, f.Flush.Acknowledged, f.Flush.Settled, f.Flush.ReadACourse)
}
